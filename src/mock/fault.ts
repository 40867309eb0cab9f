import { didYouMean } from "../diagnostics/index.js";
import { MAX_TIMER_MS } from "../runtime/internal/timers.js";

/** The kinds of faults that a mock can inject. */
export const faultKinds = [
  /** No response is sent. */
  "drop",
  /** The response is late. */
  "delay",
  /** The response is sent more than once. */
  "duplicate",
  /** An error response is sent. The platform does not receive the request. */
  "error",
  /** The response has a body that cannot be decoded. */
  "malformed",
  /** The response has another request id. */
  "wrong-id",
  /** The connection is destroyed instead of sending the response. */
  "disconnect",
  /** SUBACK refuses a topic filter for responses of the resource. */
  "refuse-subscribe",
] as const;

/** One of {@link faultKinds}. */
export type FaultKind = (typeof faultKinds)[number];

/** A fault to inject. It applies to the next matching request, to `count` requests, or with a probability. */
export interface Fault {
  readonly kind: FaultKind;
  /** `info.get`, or `info.*`, as the spec spells them. Default: all resources. */
  readonly resource?: string | undefined;
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

/** A mistake in a fault. */
export interface FaultProblem {
  /** The property that is wrong or missing. */
  readonly property: string;
  /** `count must be a whole number, 1 or more` */
  readonly text: string;
}

/**
 * Checks the properties of a fault.
 *
 * @param resources Names of all resources, as the spec spells them: `info.get`.
 */
export function checkFault(fault: object, resources: readonly string[]): FaultProblem | undefined {
  for (const [property, value] of Object.entries(fault) as [string, unknown][]) {
    if (value === undefined) continue;
    const check = Object.hasOwn(checks, property) ? checks[property as keyof Fault] : undefined;
    if (!check)
      return {
        property,
        text: `unknown property ${property}${suggestion(property, Object.keys(checks))}`,
      };
    const text = check(value, resources);
    if (text !== undefined) return { property, text: `${property} ${text}` };
  }
  return "kind" in fault
    ? undefined
    : { property: "kind", text: `kind is missing; expected one of ${faultKinds.join(", ")}` };
}

/** Whether the `resource` of a fault, which may be absent or end with `.*`, includes a resource. */
export function matchesResource(wanted: string | undefined, name: string): boolean {
  if (wanted === undefined || wanted === "*") return true;
  return wanted.endsWith(".*") ? name.startsWith(wanted.slice(0, -1)) : wanted === name;
}

/** `; did you mean drop?`, or nothing if no word is similar. */
export function suggestion(word: unknown, words: readonly string[]): string {
  const similar = typeof word === "string" ? didYouMean(word, words) : undefined;
  return similar === undefined ? "" : `; did you mean ${similar}?`;
}

/** Returns what is wrong with a value: `must be …`. */
type Check = (value: unknown, resources: readonly string[]) => string | undefined;

const wholeNumber =
  (minimum: number): Check =>
  (value) =>
    typeof value === "number" && Number.isSafeInteger(value) && value >= minimum
      ? undefined
      : `must be a whole number, ${minimum} or more`;

const word =
  (words: readonly string[]): Check =>
  (value) =>
    typeof value === "string" && words.includes(value)
      ? undefined
      : `must be one of ${words.join(", ")}${suggestion(value, words)}`;

const checks: Readonly<Record<keyof Fault, Check>> = {
  kind: word(faultKinds),
  resource: (value, resources) =>
    typeof value === "string" && resources.some((name) => matchesResource(value, name))
      ? undefined
      : `must be a resource of the spec, such as ${resources[0] ?? "extension.resource"}${suggestion(value, resources)}`,
  parameters: (value) =>
    typeof value === "object" &&
    value !== null &&
    Object.values(value).every((one) => typeof one === "string" || typeof one === "number")
      ? undefined
      : "must be a mapping from parameters to strings, or to numbers for integers",
  count: wholeNumber(1),
  skip: wholeNumber(0),
  probability: (value) =>
    typeof value === "number" && value >= 0 && value <= 1 ? undefined : "must be a number from 0 to 1",
  seed: wholeNumber(0),
  part: word(["request", "response"]),
  delayMs: (value) =>
    typeof value === "number" && value >= 0 && value <= MAX_TIMER_MS
      ? undefined
      : `must be a number from 0 to ${MAX_TIMER_MS}`,
  copies: wholeNumber(1),
  payload: () => undefined,
  body: (value) =>
    typeof value === "string" || value instanceof Uint8Array ? undefined : "must be a string or a Uint8Array",
  requestId: wholeNumber(0),
};
