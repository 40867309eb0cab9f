import type { MessageKind, RequestId } from "./api/descriptor.js";
import { checkOptions } from "./internal/check-options.js";
import type { MqttTransportOptions } from "./transport/mqtt-options.js";
import type { QoS } from "./transport/transport.js";

/** Options of every request. */
export interface SendOptions {
  /**
   * Milliseconds for the whole operation, including the time it waits for a request id, a connection and subscriptions. `Infinity`: no
   * limit. Default: the client's `timeoutMs`.
   */
  readonly timeoutMs?: number | undefined;
  /** Aborts the operation, which then fails with the code `aborted`. */
  readonly signal?: AbortSignal | undefined;
  /** QoS of the request. Default: the QoS of the resource. */
  readonly qos?: QoS | undefined;
}

/** Options of a call. For idempotent resources, `qos` defaults to 0, because the response acknowledges the request. */
export interface CallOptions extends SendOptions {}

/** The treatment of a new value when the buffer of an observation is full; `"error"` ends the observation with the code `overflow`. */
export type Overflow = "drop-oldest" | "drop-newest" | "error";

/** Options of an observation. `timeoutMs` limits the time until the first response. */
export interface ObserveOptions extends SendOptions {
  /** Number of values to buffer until they are read. Default: the client's `buffer`. */
  readonly buffer?: number | undefined;
  /** The treatment of a new value when the buffer is full. Default: the client's `overflow`. */
  readonly overflow?: Overflow | undefined;
  /** Ask the platform to stop pushing when the last observation of the topic ends. Default: false. */
  readonly stopPushesOnEnd?: boolean | undefined;
}

/** Options of `handle`. */
export interface HandleOptions extends SendOptions {
  /** Ask the platform to stop pushing when the handler registration ends. Default: false. */
  readonly stopPushesOnEnd?: boolean | undefined;
  /** Number of items to handle at the same time. Default: 1, which keeps their order. */
  readonly concurrency?: number | undefined;
  /** Called with errors of the handler, with errors of sending its responses, and with the error that ended the registration. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

/** A request as a {@link Middleware} sees it. Parameters that are secret are `***`. */
export interface OutgoingRequest {
  /** Extension and resource as the spec spells them, `water.valve`. */
  readonly resource: string;
  /** A call waits for a response, a send does not. */
  readonly kind: "call" | "send";
  /** The values of the topic's parameters. */
  readonly parameters: Readonly<Record<string, string>>;
  /** The request's payload as its caller has given it, secrets included. Not enumerable, so that logs do not show it by accident. */
  readonly payload: unknown;
  /** The id of the latest request that `next` has made, once it has one. */
  readonly requestId: RequestId | undefined;
  /** The caller's signal. The call fails when it is aborted, whatever the middleware does. */
  readonly signal: AbortSignal | undefined;
  /** The caller's timeout in milliseconds. */
  readonly timeoutMs: number;
  /** Milliseconds that are left: to the request that `next` has made, or to the middleware outside of `next`. */
  readonly timeLeftMs: number;
}

/**
 * Wraps every call and send, for example to log, trace or retry. Each call of `next` makes the request anew, with a new request id and
 * the full timeout. The caller receives what the middleware returns or throws. A middleware that spends more than `timeoutMs` at a time
 * outside of `next` fails the call with the code `timeout`.
 */
export type Middleware = (request: OutgoingRequest, next: () => Promise<unknown>) => Promise<unknown>;

/** A message of the API as {@link MiddlewareHooks} see it. Parameters that are secret are `***`. */
export interface ReceivedMessage {
  readonly resource: string;
  /** `request`: an event of the platform, or a call that the client serves. */
  readonly kind: MessageKind;
  readonly parameters: Readonly<Record<string, string>>;
  readonly requestId: RequestId | undefined;
  /** Not enumerable, so that logs do not show it by accident. */
  readonly body: Uint8Array;
}

/** An observation, or the observation of a handler, as {@link MiddlewareHooks} see it. Parameters that are secret are `***`. */
export interface StartedObservation {
  readonly resource: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** See `Observation.ready`. */
  readonly ready: Promise<void>;
  /** See `Observation.done`. */
  readonly done: Promise<void>;
}

/** A middleware for more than calls and sends. An exception of a hook is rethrown in a microtask. */
export interface MiddlewareHooks {
  readonly request?: Middleware | undefined;
  /** Wraps the delivery of each response, push and error. Without a call of `next`, the message is not delivered. */
  readonly message?: ((message: ReceivedMessage, next: () => void) => void) | undefined;
  /** Called when an observation begins. */
  readonly observation?: ((observation: StartedObservation) => void) | undefined;
}

/** A message that the broker publishes for the client when its connection is lost (MQTT 3.1.1, section 3.1.2.5). */
export interface LastWill {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: QoS;
  readonly retain: boolean;
}

/** Options of a client. */
export interface ClientOptions extends MqttTransportOptions {
  /** Timeout of requests that do not set one, in milliseconds. Default: 10,000. */
  readonly timeoutMs?: number | undefined;
  /** Aborts the wait for the first connection: `connect` rejects with the code `aborted`. No effect on a client that has connected, or is `lazy`. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Returns a client before its first connection. Requests wait for the connection within their timeouts; observations and handlers
   * wait for it as long as it takes. Those that begin at once also receive what the broker has kept for a session (`clean: false`). Default: false.
   */
  readonly lazy?: boolean | undefined;
  /** The client's last will, made by `lastWill`. A transport or an mqtt.js client that is passed in has its own. */
  readonly will?: LastWill | undefined;
  /** Milliseconds to wait for the first connection. Default: 30,000. */
  readonly connectTimeoutMs?: number | undefined;
  /** Milliseconds that `close` waits for requests in flight. Default: 5,000. */
  readonly closeTimeoutMs?: number | undefined;
  /** Number of calls that may wait for a request id, per id scope. Further calls fail with the code `queue-full`. Default: 10,000. */
  readonly maxQueued?: number | undefined;
  /**
   * Milliseconds until the request id of a failed call is used again, so that a late response is not mistaken for the next one.
   * Default: the call's `timeoutMs`, at least 5,000.
   */
  readonly idQuarantineMs?: number | undefined;
  /** Milliseconds until an unused subscription is dropped. Default: 30,000. */
  readonly subscriptionKeepMs?: number | undefined;
  /** Maximum number of subscriptions. If all are in use, a call waits for one within its timeout. Default: no limit. */
  readonly maxSubscriptions?: number | undefined;
  /**
   * `"auto"` subscribes for each endpoint separately. `"all-endpoints"` uses one subscription for all of them, for gateways with more
   * endpoints than the broker allows subscriptions. `"never"` is for platforms that deliver responses without a subscription.
   * Default: `"auto"`.
   */
  readonly subscribe?: "auto" | "all-endpoints" | "never" | undefined;
  /** Buffer size of observations that do not set one. Default: 64. */
  readonly buffer?: number | undefined;
  /** The default of `overflow` for observations. Default: `"drop-oldest"`. */
  readonly overflow?: Overflow | undefined;
  /** Maximum nesting depth of arrays and objects in a body. Default: 1,000. */
  readonly maxDepth?: number | undefined;
  /**
   * The treatment of a response that does not match its schema. `"reject"` fails the call, and drops a push. `"report"` delivers it
   * anyway. Both emit `invalid-response`. `"off"` does not validate responses. Default: `"reject"`.
   */
  readonly responses?: "reject" | "report" | "off" | undefined;
  /** Wraps every call and send, and with hooks also messages and observations. In a list, the first one is the outermost. */
  readonly middleware?: Middleware | MiddlewareHooks | readonly (Middleware | MiddlewareHooks)[] | undefined;
}

/** {@link ClientOptions} with defaults. */
export type Settings = Required<{
  readonly [
    Name in Exclude<
      keyof ClientOptions,
      keyof MqttTransportOptions | "idQuarantineMs" | "middleware" | "signal" | "lazy" | "will"
    >
  ]: NonNullable<ClientOptions[Name]>;
}> &
  Pick<ClientOptions, "idQuarantineMs" | "middleware">;

const defaults: Settings = {
  timeoutMs: 10_000,
  connectTimeoutMs: 30_000,
  closeTimeoutMs: 5_000,
  maxQueued: 10_000,
  subscriptionKeepMs: 30_000,
  maxSubscriptions: Infinity,
  subscribe: "auto",
  buffer: 64,
  overflow: "drop-oldest",
  maxDepth: 1_000,
  responses: "reject",
};

/** Adds defaults. An option that is `undefined` counts as absent. Throws `invalid-option`. */
export function settingsOf(options: ClientOptions): Settings {
  checkOptions(options);
  const given = Object.entries<unknown>({ ...options }).filter(([, value]) => value !== undefined);
  return { ...defaults, ...Object.fromEntries(given) };
}
