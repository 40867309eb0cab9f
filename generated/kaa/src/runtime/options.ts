import type { MqttTransportOptions } from "./transport/mqtt-transport.js";
import type { QoS } from "./transport/transport.js";

/** What every request may be told. */
export interface SendOptions {
  /** For everything: waiting for a request id, for a connection, for the subscription, for the answer. `Infinity`: no limit. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly qos?: QoS | undefined;
}

/** What a call may be told. Its `qos` is 0 unless told otherwise where the resource is idempotent: the answer is the acknowledgement. */
export interface CallOptions extends SendOptions {}

/** What becomes of values that nobody has taken yet, once there are as many as `buffer` says. */
export type Overflow = "drop-oldest" | "drop-newest" | "error";

/** What an observation may be told. Its `timeoutMs` is for the time until the platform has answered first. */
export interface ObserveOptions extends SendOptions {
  /** How many values wait for being taken. */
  readonly buffer?: number | undefined;
  readonly overflow?: Overflow | undefined;
  /** Ask the platform at the end to push no more. Default: false. */
  readonly stopPushesOnEnd?: boolean | undefined;
}

/** What `handle` may be told. */
export interface HandleOptions extends SendOptions {
  /** Ask the platform at the end to push no more. Default: false. */
  readonly stopPushesOnEnd?: boolean | undefined;
  /** How many items are worked on at once. Default: 1, in the order they came. */
  readonly concurrency?: number | undefined;
  /** Told of what a handler threw, of answers that could not be sent, and of why the handling ended if nobody asked for it. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

/** What a {@link Middleware} learns of a request; secrets are `***`. */
export interface OutgoingRequest {
  /** Extension and resource as the spec spells them, `cex.command`. */
  readonly resource: string;
  /** With an answer to wait for, or without. */
  readonly kind: "call" | "send";
  /** The values of the topic's parameters. */
  readonly parameters: Readonly<Record<string, string>>;
}

/**
 * Goes around every call and send: for logging, tracing, retries. `next` makes the request, each time with its own request id and its
 * own time; what comes of it (or an error) is for the caller to have, unless the middleware decides otherwise.
 */
export type Middleware = (request: OutgoingRequest, next: () => Promise<unknown>) => Promise<unknown>;

/** What a client may be told. */
export interface ClientOptions extends MqttTransportOptions {
  /** Default for every request, in milliseconds. Default: 10,000. */
  readonly timeoutMs?: number | undefined;
  /** How long `connect` tries. Default: 30,000. */
  readonly connectTimeoutMs?: number | undefined;
  /** How long `close` waits for what is under way. Default: 5,000. */
  readonly closeTimeoutMs?: number | undefined;
  /** How many calls may wait for a request id, in one scope. Default: 10,000. */
  readonly maxQueued?: number | undefined;
  /** How long an id that was given up is not used again. Default: the call's `timeoutMs`, at least 5,000. */
  readonly idQuarantineMs?: number | undefined;
  /** How long a subscription is kept after its last use. Default: 30,000. */
  readonly subscriptionKeepMs?: number | undefined;
  /** A call that finds all in use waits, within its time. Default: no limit. */
  readonly maxSubscriptions?: number | undefined;
  /**
   * `"auto"`, the default: to what an endpoint needs. `"all-endpoints"`: to the same of every endpoint, for a gateway that has so
   * many that their subscriptions would be too many. `"never"`: for platforms that deliver answers without a subscription.
   */
  readonly subscribe?: "auto" | "all-endpoints" | "never" | undefined;
  /** Default for every observation: 64. */
  readonly buffer?: number | undefined;
  /** Default for every observation: `"drop-oldest"`. */
  readonly overflow?: Overflow | undefined;
  /** How many arrays and objects may be nested in a body. Default: 1,000. */
  readonly maxDepth?: number | undefined;
  /**
   * What becomes of an answer that its schema refuses: it fails the call and is not pushed (`"reject"`, the default), it is
   * delivered all the same (`"report"`), both with an event; or it is not checked (`"off"`).
   */
  readonly responses?: "reject" | "report" | "off" | undefined;
  /** Goes around every call and send. */
  readonly middleware?: Middleware | undefined;
}

/** {@link ClientOptions} with the defaults filled in. */
export type Settings = Required<{
  readonly [
    Name in Exclude<keyof ClientOptions, keyof MqttTransportOptions | "idQuarantineMs" | "middleware">
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

/** Fills the defaults in; an option that is `undefined` counts as left out. */
export function settingsOf(options: ClientOptions): Settings {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return { ...defaults, ...Object.fromEntries(given) };
}
