/** The platform side: serves the requests of an API over any transport, and pushes messages to endpoints. */
import { defaultMaxDepth } from "../api/codec.js";
import type { Protocol } from "../api/protocol.js";
import { isOnlyPushed, type Api, type Extension } from "../api/resource.js";
import { parametersOf } from "../client/message-parameters.js";
import { TopicsmithError } from "../errors.js";
import { asyncDispose } from "../internal/async-dispose.js";
import { waitAtMost } from "../internal/timers.js";
import { checkOptions, type Rule } from "../internal/check-options.js";
import { exactFilters, requestFilters, withMessageFilters } from "../topics/request-filters.js";
import { isWithinTopicLimit, levelProblem } from "../topics/grammar.js";
import { checkParameter, type TopicValues } from "../topics/topic.js";
import { SharedFilters } from "../transport/shared-filters.js";
import { subscribePersistently } from "../transport/subscribe-persistently.js";
import type { ConnectTarget } from "../transport/connect-target.js";
import type { MqttTransportOptions } from "../transport/mqtt-options.js";
import type { Transport } from "../transport/transport.js";
import { readyWithin, reportLosses, unsubscribeError } from "./connection.js";
import { PlatformEndpoints } from "./endpoint.js";
import { PushPreferences } from "./push-preferences.js";
import type { AnyPushes, RequestHandler } from "./request-handler.js";
import type { PlatformMessages } from "./platform-messages.js";
import { defaultMaxRequestBytes, RequestServer, type Route } from "./request-server.js";
import type { ServeOptions } from "./serve-options.js";

/** Options of a platform. Those of the connection have no effect on a transport that is passed in. */
export interface PlatformOptions extends ServeOptions, MqttTransportOptions {
  /** Milliseconds to wait for the subscriptions, unless a transport is passed in. Default: 30,000. */
  readonly connectTimeoutMs?: number;
  /** Serve only requests whose topics have these values of protocol parameters, for example one `site`. */
  readonly parameters?: Readonly<Record<string, string>>;
  /**
   * Share the requests with all platforms of this group (`$share`, MQTT 5.0, section 4.8.2). Requests of unknown resources get no
   * response then.
   */
  readonly shareGroup?: string;
  /** Milliseconds that the platform's own calls wait for a response. Default: 30,000. */
  readonly timeoutMs?: number;
}

/** Options of {@link Platform.stop}. */
export interface StopOptions {
  /** Do not wait for requests in progress. Default: false. */
  readonly force?: boolean;
  /** Milliseconds to wait for the broker to confirm UNSUBSCRIBE, then for requests in progress, and then for DISCONNECT. Default: 5,000. */
  readonly timeoutMs?: number;
  /**
   * Unsubscribes, so that the broker keeps no requests for the next platform. Default: true, unless the platform has a connection of its own
   * whose session the broker keeps (`clean: false`).
   */
  readonly unsubscribe?: boolean;
}

const stopTimeoutMs = 5_000;

/** The options that a platform has and a client has not. */
const RULES: Readonly<Record<string, Rule>> = {
  unhandled: ["reject", "ignore"],
  authorize: "function",
  prepare: "function",
  onRefused: "function",
  maxRequestBytes: 0,
  handlerTimeoutMs: 0,
};

/** The part of a running platform that is the same for all APIs. */
export interface PlatformBase {
  /**
   * Stops accepting requests, and waits for those in progress. After the timeout, their signals are aborted and their responses are
   * not sent. Closes the connection, unless a transport was passed in. A handler must not await this, because it would wait for itself.
   */
  stop(options?: StopOptions): Promise<void>;
  /**
   * Connects again at once: after the broker has refused the platform for good, or instead of the rest of a pause between attempts. Does
   * nothing while connected, after `stop`, and over an mqtt.js client, which its owner reconnects.
   */
  reconnect(): void;
  /** The same as `stop()`, for `await using`. */
  [asyncDispose](): Promise<void>;
}

/** A running platform. */
export interface Platform<Pushes = AnyPushes, Bound = Readonly<Record<string, string>>> extends PlatformBase {
  /** The methods of one endpoint that send messages to it. An illegal value throws `invalid-topic`. */
  endpoint(parameters: Bound): Pushes;
}

/**
 * Serves an API over a broker's URL, an mqtt.js client, or a transport. Resolves when the broker has confirmed the subscriptions, or the
 * connection, if there is nothing to serve. Rejects with
 * `subscribe-refused` or `connection-refused`, with `timeout` after `connectTimeoutMs`, with `invalid-option`, and with a TypeError if a handler is missing.
 *
 * @param messages Required for an API whose messages go beyond topics with suffixes. The platform then has a method for endpoints by
 * the name that the API gives it, and `client(parameters)` for the resources on the client itself.
 */
export function createPlatformFor<Running extends PlatformBase>(
  api: Api,
  target: ConnectTarget,
  handlers: object,
  options: PlatformOptions | undefined,
  messages: PlatformMessages,
): Promise<Running>;
export function createPlatformFor<Pushes = AnyPushes, Bound = Readonly<Record<string, string>>>(
  api: Api,
  target: ConnectTarget,
  handlers: object,
  options?: PlatformOptions,
): Promise<Platform<Pushes, Bound>>;
export async function createPlatformFor(
  api: Api,
  target: ConnectTarget,
  handlers: object,
  options: PlatformOptions = {},
  messages?: PlatformMessages,
): Promise<PlatformBase> {
  checkOptions(options, RULES);
  if (typeof target === "object" && target !== null && "onState" in target)
    return serve(api, target, handlers, { ...options, connectTimeoutMs: Infinity }, messages);
  // Loads mqtt.js only for platforms that need it.
  const { transportTo } = await import("../transport/connect-target.js");
  const transport = transportTo(target, { ...options, mqtt: options.mqtt ?? api.protocol.mqtt });
  try {
    const platform = await serve(api, transport, handlers, options, messages);
    const stop = async (stopOptions: StopOptions = {}): Promise<void> => {
      const {
        force = false,
        timeoutMs = stopTimeoutMs,
        unsubscribe = transport.keepsSession !== true,
      } = stopOptions;
      await platform.stop({ force, timeoutMs, unsubscribe });
      // The broker may never acknowledge what is on its way, or may be gone. One turn at least, in which DISCONNECT is written.
      await waitAtMost(transport.close(), force ? 0 : timeoutMs);
      await transport.close({ force: true });
    };
    return { ...platform, stop, [asyncDispose]: stop };
  } catch (error) {
    await transport.close({ force: true });
    throw error;
  }
}

/** Serves an API over a transport. */
async function serve(
  api: Api,
  given: Transport,
  handlers: object,
  options: PlatformOptions,
  messages: PlatformMessages | undefined,
): Promise<PlatformBase> {
  const { protocol, extensions } = api;
  const { parameters = {}, unhandled, shareGroup, timeoutMs, maxDepth, maxRequestBytes } = options;
  const routes = routesOf(extensions, handlers, unhandled);
  checkServed(protocol, routes, options);
  const transport = messages?.transport(given) ?? given;
  const limits = {
    maxDepth: maxDepth ?? defaultMaxDepth,
    maxBytes: maxRequestBytes ?? defaultMaxRequestBytes,
  };

  const filters = filtersOf(routes, {
    parameters,
    isExact: unhandled === "ignore" || shareGroup !== undefined,
  });
  if (!filters.every((filter) => isWithinTopicLimit(`$share/${shareGroup ?? ""}/${filter}`)))
    throw new TopicsmithError("invalid-option", "parameters and shareGroup are too long for a topic filter");
  const preferences = new PushPreferences(protocol);
  const caller = messages?.createCaller(api, transport, timeoutMs);
  const endpoints = new PlatformEndpoints(api, transport, preferences, caller);
  const readMessage = messages?.createReader(api, limits);
  const server = new RequestServer(
    { protocol, transport, routes, filters, parameters, preferences, endpoints, readMessage },
    options,
  );
  const listeners = [transport.onMessage((message) => server.receive(message))];
  let stopped = false;
  const subscription = subscribePersistently(transport, {
    filters: filters.map((filter) => (shareGroup === undefined ? filter : `$share/${shareGroup}/${filter}`)),
    // A response has the QoS of its request, and a lower QoS here would reduce that.
    qos: 2,
    users: new SharedFilters(given),
    onError: (error) => server.report(error),
  });

  const stop = async ({
    force = false,
    timeoutMs: limitMs = stopTimeoutMs,
    unsubscribe = true,
  }: StopOptions = {}): Promise<void> => {
    checkOptions({ timeoutMs: limitMs });
    server.stopWaiting();
    const unsubscribed = subscription.stop(unsubscribe).catch((cause: unknown) => {
      // With `force`, the connection may be closed before.
      if (!force) server.report(unsubscribeError(cause));
    });
    if (!force) await waitAtMost(unsubscribed, limitMs);
    stopped = true;
    for (const remove of listeners) remove();
    if (!force) await waitAtMost(server.idle(), limitMs);
    server.end(new TopicsmithError("closed", "the platform was stopped"));
    if (caller && !force) await waitAtMost(caller.close(false), limitMs);
    await caller?.close(true);
  };

  // A transport may throw before anybody waits.
  subscription.ready.catch(() => undefined);
  try {
    await readyWithin(transport, subscription.ready, options.connectTimeoutMs);
  } catch (error) {
    await stop({ force: true });
    throw error;
  }
  listeners.push(reportLosses(transport, (error) => server.report(error)));
  return {
    [protocol.endpointName ?? "endpoint"]: (bound: TopicValues = {}) => endpoints.endpoint(bound),
    ...(caller && { client: (bound: TopicValues = {}) => caller.methods("client", bound) }),
    stop,
    reconnect() {
      if (!stopped) transport.reconnect?.();
    },
    [asyncDispose]: stop,
  };
}

/** Throws for values that no topic can have: the platform would serve nothing. */
function checkServed(
  protocol: Protocol,
  routes: readonly Route[],
  { parameters = {}, shareGroup }: PlatformOptions,
): void {
  const names = new Set(routes.flatMap(({ resource }) => parametersOf(resource).map(({ text }) => text)));
  for (const [name, value] of Object.entries(parameters)) {
    if (!names.has(name))
      throw new TopicsmithError(
        "invalid-option",
        `parameters: no resource has the parameter ${name}, only ${[...names].join(", ")}`,
      );
    checkParameter(protocol, name, value);
  }
  const problem = shareGroup === undefined ? undefined : levelProblem(shareGroup);
  if (problem !== undefined) throw new TopicsmithError("invalid-option", `shareGroup ${problem}`);
}

/** The filters of the platform's requests. A share group distributes all matching messages, so responses must not match its filters. */
function filtersOf(
  routes: readonly Route[],
  {
    parameters,
    isExact,
  }: { readonly parameters: Readonly<Record<string, string>>; readonly isExact: boolean },
): readonly string[] {
  // Requests that the platform itself sends are not for it.
  const requested = routes.map(({ resource }) => resource).filter(({ support }) => !support?.incoming);
  const plain = requested.filter(({ support }) => !support);
  const others = requested.filter(({ support }) => support);
  const filters = (isExact ? exactFilters : requestFilters)(plain, parameters);
  return others.length === 0 ? filters : withMessageFilters(filters, others, parameters);
}

/** All resources with their handlers; those without a handler only if `unhandled` allows it and requests of them are rejected. */
function routesOf(
  extensions: readonly Extension[],
  handlers: object,
  unhandled: ServeOptions["unhandled"],
): readonly Route[] {
  const routes = extensions.flatMap(({ name, resources }) => {
    // The handlers of the root's resources have no group.
    const group = name === "" ? handlers : declaredProperty(handlers, name);
    return Object.entries(resources).map(([key, resource]): Route => {
      const handler = typeof group === "object" && group !== null ? declaredProperty(group, key) : undefined;
      if (handler === undefined) return { resource, handler };
      if (typeof handler !== "function")
        throw new TypeError(`the handler of ${resource.template.name} is not a function`);
      const bound: RequestHandler<unknown, unknown> = (...args) => Reflect.apply(handler, group, args);
      return { resource, handler: bound };
    });
  });
  const missing = routes.filter(
    ({ handler, resource }) =>
      handler === undefined && !isOnlyPushed(resource) && !resource.support?.incoming,
  );
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
