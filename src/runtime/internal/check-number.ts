import { TopicsmithError } from "../errors.js";

/** Options whose names say that they are numbers: milliseconds, limits, and how many at once. */
const NUMERIC = /Ms$|^max|^(?:buffer|concurrency)$/;

/** Throws `invalid-option` unless the value is a number of milliseconds or things. NaN would count as none or as infinitely many. */
export function checkNumber(name: string, value: unknown): void {
  // Nothing would ever run.
  const minimum = name === "concurrency" ? 1 : 0;
  if (typeof value !== "number" || !(value >= minimum))
    throw new TopicsmithError(
      "invalid-option",
      `${name} must be a number from ${minimum} on, not ${String(value)}`,
    );
}

/** Checks all numbers among options, those of `backoff` too. An option that is `undefined` counts as absent. */
export function checkNumbers(options: object, prefix = ""): void {
  for (const [name, value] of Object.entries<unknown>({ ...options })) {
    if (name === "backoff") checkNumbers(Object(value), "backoff.");
    else if (value !== undefined && NUMERIC.test(name)) checkNumber(prefix + name, value);
  }
}
