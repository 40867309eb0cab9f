import { TopicsmithError } from "../errors.js";
import { uncheckedCast } from "./unchecked-cast.js";

/** The legal values of an option: numbers from this one on, these values, or functions. Or a function that throws for any other value. */
export type Rule = number | readonly unknown[] | "function" | ((value: unknown, name: string) => void);

/** The options of clients and of their methods. No topic parameter can have one of these names. */
const RULES: Readonly<Record<string, Rule>> = {
  timeoutMs: 0,
  connectTimeoutMs: 0,
  closeTimeoutMs: 0,
  credentialsTimeoutMs: 0,
  idQuarantineMs: 0,
  stableAfterMs: 0,
  subscriptionKeepMs: 0,
  buffer: 0,
  maxDepth: 0,
  maxQueued: 0,
  // With none of these, everything would wait for ever.
  concurrency: 1,
  maxSubscriptions: 1,
  qos: [0, 1, 2],
  mqtt: ["3.1.1", "5"],
  lazy: [true, false],
  subscribe: ["auto", "all-endpoints", "never"],
  overflow: ["drop-oldest", "drop-newest", "error"],
  responses: ["reject", "report", "off"],
  retryRefused: "function",
  onError: "function",
  backoff: checkBackoff,
  credentials(value) {
    if (typeof value !== "function") checkCredentials(value);
  },
  signal(value, name) {
    if (!("addEventListener" in Object(value))) refuse(name, "an AbortSignal", value);
  },
  middleware(value, name) {
    if (![value].flat().every(isMiddleware)) refuse(name, "functions or objects of hooks", value);
  },
};

/**
 * Checks the options of these names, and passes over all others. An option that is `undefined` counts as absent. Throws `invalid-option`:
 * a misspelled word would have no effect, and NaN would count as none or as infinitely many.
 *
 * @param others Rules for further options.
 */
export function checkOptions(options: object, others: Readonly<Record<string, Rule>> = {}): void {
  // Neither copies the options nor merges the rules, because every call passes here.
  for (const name of Object.keys(options)) {
    const value: unknown = Reflect.get(options, name);
    const rules = Object.hasOwn(RULES, name) ? RULES : others;
    if (value !== undefined && Object.hasOwn(rules, name)) checkOption(name, value, rules[name]!);
  }
}

/** Checks one option, or an argument. Throws `invalid-option`. */
export function checkOption(name: string, value: unknown, rule: Rule): void {
  if (typeof rule === "function") rule(value, name);
  else if (typeof rule === "number") {
    if (!(typeof value === "number" && value >= rule)) refuse(name, `a number from ${rule} on`, value);
  } else if (rule === "function") {
    if (typeof value !== "function") refuse(name, "a function", value);
  } else if (!rule.includes(value)) refuse(name, rule.map(quote).join(" or "), value);
}

/** Checks credentials, also those that a function has returned. Throws `invalid-option`, without the value: it may be a secret. */
export function checkCredentials(value: unknown): void {
  if (typeof value !== "object" || value === null || Array.isArray(value) || "then" in value)
    throw new TopicsmithError(
      "invalid-option",
      "credentials must be an object, or a function that returns one",
    );
}

function checkBackoff(backoff: unknown): void {
  if (typeof backoff !== "object" || backoff === null)
    refuse("backoff", "an object with minMs or maxMs", backoff);
  const { minMs = 0, maxMs = Infinity } = uncheckedCast<{ minMs?: number; maxMs?: number }>(backoff);
  checkOption("backoff.minMs", minMs, 0);
  // Without a pause, the pauses would not grow either.
  checkOption("backoff.maxMs", maxMs, Math.max(minMs, 1));
}

function isMiddleware(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return typeof value === "function";
  const { request, message, observation }: Readonly<Record<string, unknown>> = { ...value };
  return [request, message, observation].every((hook) => hook === undefined || typeof hook === "function");
}

function refuse(name: string, expected: string, value: unknown): never {
  throw new TopicsmithError("invalid-option", `${name} must be ${expected}, not ${quote(value)}`);
}

function quote(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" && value !== null ? "an object" : String(value);
}
