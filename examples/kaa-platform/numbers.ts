/** A string or a number in a JSON text. Strings are matched too, so that their digits are not taken for numbers. */
const TOKENS = /"[^"\\]*(?:\\.[^"\\]*)*"|-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/gu;

/** Without either of these, every number of a text is exact: 15 digits always are. */
const MAY_BE_INEXACT = /[0-9]{16}|[eE][+-]?[0-9]{3}/u;

/**
 * Returns the first number of a JSON text that would change if it were read and written again: one that is larger than any
 * double (`1e400`), rounded to zero (`1e-400`), or an integer beyond 2^53.
 */
export function inexactNumber(text: string): string | undefined {
  if (!MAY_BE_INEXACT.test(text)) return undefined;
  for (const [token] of text.matchAll(TOKENS)) if (!token.startsWith('"') && isInexact(token)) return token;
  return undefined;
}

/** Whether reading and writing the text of a number changes it. Rounding a fraction to 17 digits does not count. */
export function isInexact(token: string): boolean {
  const number = Number(token);
  const [mantissa = "", exponent] = token.split(/[eE]/u);
  if (number === 0) return /[1-9]/u.test(mantissa);
  if (exponent === undefined && Number.isInteger(number)) return !Number.isSafeInteger(number);
  return !Number.isFinite(number);
}

/** The reason to reject an inexact number. */
export function inexactReason(token: string): string {
  const shown = token.length > 40 ? `${token.slice(0, 40)}…` : token;
  return `The number ${shown} cannot be kept exactly; send it as a string, or at most 15 digits`;
}

/**
 * Checks that a value can be sent as JSON, so that a command or configuration that cannot does not stop later pushes.
 *
 * @throws TypeError for a number that is not finite, a function, a bigint, or a cycle.
 */
export function requireJson(value: unknown, what: string): void {
  const text: string | undefined = JSON.stringify(value, (key, member: unknown) => {
    if (typeof member === "number" && !Number.isFinite(member))
      throw new TypeError(
        `${what} contains ${member}${key === "" ? "" : ` at "${key}"`}, which JSON does not have`,
      );
    return member;
  });
  if (text === undefined) throw new TypeError(`${what} is not a JSON value`);
}
