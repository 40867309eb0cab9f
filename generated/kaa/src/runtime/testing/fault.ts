/** The kinds of faults that a mock can inject. */
export type FaultKind =
  /** No response is sent. */
  | "drop"
  /** The response is late. */
  | "delay"
  /** The response is sent more than once. */
  | "duplicate"
  /** An error response is sent. The platform does not receive the request. */
  | "error"
  /** The response has a body that cannot be decoded. */
  | "malformed"
  /** The response has another request id. */
  | "wrong-id"
  /** The connection is destroyed instead of sending the response. */
  | "disconnect"
  /** SUBACK refuses a topic filter for responses of the resource. */
  | "refuse-subscribe";

/** A fault to inject. It applies to the next matching request, to `count` requests, or with a probability. */
export interface Fault<ResourceName extends string = string> {
  readonly kind: FaultKind;
  /** `info.get`, or `info.*`, as the spec spells them. Default: all resources. */
  readonly resource?: ResourceName | undefined;
  /** Values of a matching request, by parameter: numbers for integers. Default: any values. */
  readonly parameters?: Readonly<Record<string, string | number>> | undefined;
  /** Number of requests to inject the fault into. Default: 1; with a `probability`: unlimited. */
  readonly count?: number | undefined;
  /** Number of matching requests to leave alone first. Default: 0. */
  readonly skip?: number | undefined;
  /** Probability of injecting the fault into a matching request, from 0 to 1. Default: 1. */
  readonly probability?: number | undefined;
  /** Seed for `probability`: the same seed selects the same requests. Default: 1. */
  readonly seed?: number | undefined;
  /** `drop` and `disconnect`: whether the request is lost before the platform, or its response. Default: `response`. */
  readonly part?: "request" | "response" | undefined;
  /** `delay`: milliseconds. Default: 1,000. */
  readonly delayMs?: number | undefined;
  /** `duplicate`: total number of responses. Default: 2. */
  readonly copies?: number | undefined;
  /** `error`: payload of the error response. Default: the spec's reply `failed`. */
  readonly payload?: unknown;
  /** `malformed`: body of the response. Default: `{`. */
  readonly body?: string | Uint8Array | undefined;
  /** `wrong-id`: request id of the response. Default: the id after the request's. */
  readonly requestId?: number | undefined;
}

/** A fault that can still be injected. */
export interface ActiveFault<ResourceName extends string = string> {
  readonly fault: Fault<ResourceName>;
  /** Number of times that the fault was injected. */
  readonly triggered: number;
  /** Deactivates the fault. */
  cancel(): void;
}

/** The faults of a mock. */
export interface Faults<ResourceName extends string = string> {
  /**
   * Activates a fault. The first active fault that matches a request is injected, and no other. Faults in responses affect
   * responses from inside this process: those of the mock's platform, or of a platform on `mock.transport()`.
   *
   * @throws TypeError for an invalid fault: an unknown kind, resource or parameter, or a value out of range.
   */
  next(fault: Fault<ResourceName>): ActiveFault<ResourceName>;
  /** The faults that can still be injected, in the order of their activation. */
  readonly active: readonly ActiveFault<ResourceName>[];
  /** Deactivates all faults. */
  clear(): void;
}
