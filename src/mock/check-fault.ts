import { didYouMean } from "../diagnostics/index.js";
import { MAX_TIMER_MS } from "../runtime/internal/timers.js";
import type { Fault, FaultKind } from "../runtime/testing/fault.js";

export type { Fault, FaultKind } from "../runtime/testing/fault.js";

/** The kinds of faults that a mock can inject. */
export const faultKinds = Object.keys({
  drop: true,
  delay: true,
  duplicate: true,
  error: true,
  malformed: true,
  "wrong-id": true,
  disconnect: true,
  "refuse-subscribe": true,
} satisfies Record<FaultKind, true>) as readonly FaultKind[];

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
export function checkFault(fault: unknown, resources: readonly string[]): FaultProblem | undefined {
  if (typeof fault !== "object" || fault === null)
    return { property: "kind", text: `a fault must be an object, not ${String(fault)}` };
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
