/** The platform side: serves the requests of an API over any transport, and pushes messages to endpoints. */
import { isOnlyPushed, type Api, type Extension } from "../api/resource.js";
import { TopicsmithError } from "../errors.js";
import { waitAtMost } from "../internal/timers.js";
import { uncheckedCast } from "../internal/unchecked-cast.js";
import { exactFilters, requestFilters } from "../topics/request-filters.js";
import { checkParameter, type TopicValues } from "../topics/topic.js";
import { subscribePersistently } from "../transport/subscribe-persistently.js";
import type { Transport } from "../transport/transport.js";
import { PlatformEndpoints } from "./endpoint.js";
import { PushPreferences } from "./push-preferences.js";
import type { AnyPushes, RequestHandler } from "./request-handler.js";
import { RequestServer, type Route, type ServeOptions } from "./request-server.js";

/** Options of a platform. */
export interface PlatformOptions extends ServeOptions {
  /** Serve only requests whose topics have these values of protocol parameters, for example one `appVersion`. */
  readonly parameters?: Readonly<Record<string, string>>;
  /**
   * Share the requests with all platforms of this group (`$share`, MQTT 5.0, section 4.8.2). Requests of unknown resources get no
   * response then.
   */
  readonly shareGroup?: string;
}

/** Options of {@link Platform.stop}. */
export interface StopOptions {
  /** Do not wait for requests in progress. Default: false. */
  readonly force?: boolean;
  /** Milliseconds to wait for the broker to confirm UNSUBSCRIBE, and then for requests in progress. Default: 5,000. */
  readonly timeoutMs?: number;
}

/** A running platform. */
export interface Platform<Pushes = AnyPushes, Bound = Readonly<Record<string, string>>> {
  /** The push methods of one endpoint. An illegal value throws `invalid-topic`. */
  endpoint(parameters: Bound): Pushes;
  /**
   * Stops accepting requests, and waits for those in progress. After the timeout, their signals are aborted and their responses are
   * not sent. The transport stays open. A handler must not await this, because it would wait for itself.
   */
  stop(options?: StopOptions): Promise<void>;
}

/**
 * Serves an API. Resolves when the broker has confirmed the subscriptions. Rejects with `subscribe-refused` or `connection-refused`, and
 * with a TypeError if a handler is missing.
 */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- generated code states both
export async function createPlatformFor<Pushes = AnyPushes, Bound = Readonly<Record<string, string>>>(
  api: Api,
  transport: Transport,
  handlers: object,
  options: PlatformOptions = {},
): Promise<Platform<Pushes, Bound>> {
  const { protocol, extensions } = api;
  const { parameters = {}, unhandled, shareGroup } = options;
  for (const [name, value] of Object.entries(parameters)) checkParameter(protocol, name, value);
  const routes = routesOf(extensions, handlers, unhandled);

  // A share group distributes all matching messages, so responses must not match its filters.
  const filtersOf = unhandled === "ignore" || shareGroup !== undefined ? exactFilters : requestFilters;
  const filters = filtersOf(
    routes.map(({ resource }) => resource),
    parameters,
  );
  const preferences = new PushPreferences(protocol);
  const endpoints = new PlatformEndpoints(api, transport, preferences);
  const server = new RequestServer(
    { protocol, transport, routes, filters, parameters, preferences, endpoints },
    options,
  );
  const stopListening = transport.onMessage((message) => server.receive(message));
  const subscription = subscribePersistently(transport, {
    filters: filters.map((filter) => (shareGroup === undefined ? filter : `$share/${shareGroup}/${filter}`)),
    // A response has the QoS of its request, and a lower QoS here would reduce that.
    qos: 2,
    onError: (error) => server.report(error),
  });

  const stop = async ({ force = false, timeoutMs = 5_000 }: StopOptions = {}): Promise<void> => {
    const unsubscribed = subscription.stop().catch((error: unknown) => server.report(error));
    if (!force) await waitAtMost(unsubscribed, timeoutMs);
    stopListening();
    if (!force) await waitAtMost(server.idle(), timeoutMs);
    server.end(new TopicsmithError("closed", "the platform was stopped"));
  };

  try {
    await subscription.ready;
  } catch (error) {
    await stop({ force: true });
    throw error;
  }
  return {
    endpoint: (bound) => uncheckedCast(endpoints.endpoint(uncheckedCast<TopicValues>(bound ?? {}))),
    stop,
  };
}

/** All resources with their handlers; those without a handler only if `unhandled` allows it and requests of them are rejected. */
function routesOf(
  extensions: readonly Extension[],
  handlers: object,
  unhandled: ServeOptions["unhandled"],
): readonly Route[] {
  const routes = extensions.flatMap(({ name, resources }) => {
    const group = declaredProperty(handlers, name);
    return Object.entries(resources).map(([key, resource]): Route => {
      const handler = typeof group === "object" && group !== null ? declaredProperty(group, key) : undefined;
      if (typeof handler !== "function") return { resource, handler: undefined };
      const bound: RequestHandler<unknown, unknown> = (...args) => Reflect.apply(handler, group, args);
      return { resource, handler: bound };
    });
  });
  const missing = routes.filter(({ handler, resource }) => handler === undefined && !isOnlyPushed(resource));
  if (missing.length > 0 && unhandled === undefined) {
    const names = missing.map(({ resource }) => resource.template.name);
    throw new TypeError(
      `no handler for ${names.join(", ")}; set \`unhandled\` to "reject" or "ignore" to allow that`,
    );
  }
  return unhandled === "ignore" ? routes.filter(({ handler }) => handler !== undefined) : routes;
}

/** A property of an object or of its class, but not of Object.prototype (`constructor`, `toString`). */
function declaredProperty(object: object, name: string): unknown {
  const value: unknown = Reflect.get(object, name);
  return value === Reflect.get(Object.prototype, name) ? undefined : value;
}
