/** The platform side: answers an API's requests over any transport, and pushes to who observes. */
import { encode } from "../api/codec.js";
import { TopicsmithError } from "../errors.js";
import { formatErrors } from "../api/format-errors.js";
import { subscribePersistently } from "../transport/subscribe-persistently.js";
import { PushPreferences } from "./push-preferences.js";
import { endpointPushes, type Push } from "./endpoint.js";
import type { Protocol } from "../api/protocol.js";
import { exactFilters, requestFilters } from "../topics/request-filters.js";
import type { AnyPushes, RequestHandler } from "./request-handler.js";
import { RequestServer, type Route, type ServeOptions } from "./request-server.js";
import type { Extension } from "../api/resource.js";
import { buildTopic, checkParameter, type TopicValues } from "../topics/topic.js";
import type { Transport } from "../transport/transport.js";
import { waitAtMost } from "../internal/timers.js";
import { uncheckedCast } from "../internal/unchecked-cast.js";

/** An API, as its descriptors say it. */
export interface PlatformApi {
  readonly protocol: Protocol;
  readonly extensions: readonly Extension[];
}

/** How a platform serves. */
export interface PlatformOptions extends ServeOptions {
  /** Serves only requests whose topics have these values of protocol parameters (`appVersion`, for one). */
  readonly parameters?: Readonly<Record<string, string>>;
  /**
   * Shares the requests with every other platform of this group (`$share`, MQTT 5 section 4.8.2). Topics that are no resource
   * are not answered then.
   */
  readonly shareGroup?: string;
}

/** How a platform stops. */
export interface StopOptions {
  /** Does not wait for requests at hand. */
  readonly force?: boolean;
  /** Waits this many milliseconds for them. Default: 5,000. */
  readonly timeoutMs?: number;
}

/** A platform at work. */
export interface Platform<Pushes = AnyPushes, Bound = Readonly<Record<string, string>>> {
  /** Pushes to one endpoint. An illegal value throws `invalid-topic`. */
  endpoint(parameters: Bound): Pushes;
  /**
   * Takes no more requests, and settles when those at hand are answered. What is not answered by then has its signal
   * aborted, and is not answered any more. The transport stays open. A handler that waits for it waits for itself.
   */
  stop(options?: StopOptions): Promise<void>;
}

/**
 * Serves an API. Settles when the requests are subscribed to; rejects with `subscribe-refused` or `connection-refused`,
 * and with a TypeError if a handler is missing.
 */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- generated code states both
export async function createPlatformFor<Pushes = AnyPushes, Bound = Readonly<Record<string, string>>>(
  { protocol, extensions }: PlatformApi,
  transport: Transport,
  handlers: object,
  options: PlatformOptions = {},
): Promise<Platform<Pushes, Bound>> {
  const { parameters: served = {}, unhandled, shareGroup } = options;
  const required = Object.entries(served);
  for (const [name, value] of required) checkParameter(protocol, name, value);
  const all = routesOf(extensions, handlers);
  const missing = all
    .filter(({ handler }) => handler === undefined)
    .map(({ resource }) => resource.template.name);
  if (missing.length > 0 && unhandled === undefined) {
    throw new TypeError(
      `no handler for ${missing.join(", ")}; \`unhandled: "reject"\` or \`"ignore"\` allows that`,
    );
  }
  const routes = unhandled === "ignore" ? all.filter(({ handler }) => handler !== undefined) : all;

  const observers = new PushPreferences();
  const names = [...protocol.clientParameters, ...protocol.endpointParameters];
  const keyOf = (values: TopicValues): string => names.map((name) => values[name]).join("/");

  function endpoint(parameters: TopicValues): AnyPushes {
    const bound = Object.fromEntries(names.map((name) => [name, parameters[name]]));
    for (const name of names) checkParameter(protocol, name, bound[name]);
    return uncheckedCast(endpointPushes(extensions, bound, push));
  }

  /** Settles when it is sent, or at once where the endpoint has switched these pushes off. */
  async function push({ resource, values, payload, qos, to }: Push): Promise<void> {
    const topic = buildTopic(resource.template, "success", values);
    const encoded = encode(resource.response === "empty" ? undefined : resource.response, payload);
    if (encoded.errors) {
      const { errors } = encoded;
      throw new TopicsmithError("invalid-response", formatErrors(errors), {
        resource: resource.template.name,
        errors,
      });
    }
    const key = keyOf(values);
    if (!observers.wants(key, buildTopic(resource.template, "request", values), to)) return;
    await transport.publish(topic, encoded.body, {
      qos: qos ?? resource.qos,
      to: to ?? observers.origin(key),
    });
  }

  // In a group, answers that came back would take turns with the requests.
  const filtersOf = unhandled === "ignore" || shareGroup !== undefined ? exactFilters : requestFilters;
  const filters = filtersOf(
    routes.map(({ resource }) => resource),
    served,
  );
  const serves = (values: TopicValues): boolean => required.every(([name, value]) => values[name] === value);
  const server = new RequestServer(
    { protocol, transport, routes, filters, serves, observers, keyOf, endpoint },
    options,
  );
  const stopListening = transport.onMessage((message) => server.receive(message));
  const subscription = subscribePersistently(transport, {
    filters: filters.map((filter) => (shareGroup === undefined ? filter : `$share/${shareGroup}/${filter}`)),
    // The highest: an answer has the QoS of its request, which a lower one here would hide.
    qos: 2,
    onError: (error) => server.report(error),
  });

  async function stop({ force = false, timeoutMs = 5_000 }: StopOptions = {}): Promise<void> {
    const unsubscribed = subscription.stop().catch((error: unknown) => server.report(error));
    if (!force) await waitAtMost(unsubscribed, timeoutMs);
    stopListening();
    if (!force) await waitAtMost(server.idle(), timeoutMs);
    server.end(new TopicsmithError("closed", "the platform was stopped"));
  }

  try {
    await subscription.ready;
  } catch (error) {
    await stop({ force: true });
    throw error;
  }
  return { endpoint: (parameters) => uncheckedCast(endpoint(uncheckedCast(parameters ?? {}))), stop };
}

function routesOf(extensions: readonly Extension[], handlers: object): readonly Route[] {
  return extensions.flatMap(({ name, resources }) => {
    const own = member(handlers, name);
    return Object.entries(resources).map(([key, resource]) => {
      const handler = typeof own === "object" && own !== null ? member(own, key) : undefined;
      if (typeof handler !== "function") return { resource, handler: undefined };
      const bound: RequestHandler<unknown, unknown> = (...given) => Reflect.apply(handler, own, given);
      return { resource, handler: bound };
    });
  });
}

/** A member of its own or of its class; what every object has (`constructor`, `toString`) is not meant. */
function member(object: object, name: string): unknown {
  const value: unknown = Reflect.get(object, name);
  return value === Reflect.get(Object.prototype, name) ? undefined : value;
}
