/** Longest quotation in a message, in UTF-16 units. It fits on a line of a terminal; longer values are truncated. */
const MAX_QUOTE_LENGTH = 80;

/** Formats a value from a spec for a message: as JSON, on one line, truncated with an ellipsis if it is long. */
export function quote(value: unknown): string {
  const text = safeJson(value);
  if (text.length <= MAX_QUOTE_LENGTH) return text;
  const cut = text.slice(0, MAX_QUOTE_LENGTH - 1).replace(/[\uD800-\uDBFF]$/, "");
  return typeof value === "string" ? `${cut}…"` : `${cut}…`;
}

function safeJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
}

/** Joins words into a list: `a`, `a or b`, `a, b or c`. */
export function formatList(words: readonly string[], conjunction: "or" | "and"): string {
  if (words.length < 2) return words.join("");
  return `${words.slice(0, -1).join(", ")} ${conjunction} ${words.at(-1)}`;
}

/** The remedy for a misspelling: `did you mean "path"?`, or `otherwise` if there is no suggestion. */
export function suggest(suggestion: string | undefined, otherwise: string): string {
  return suggestion === undefined ? otherwise : `did you mean ${quote(suggestion)}?`;
}

/** `1 file`, `2 files`. */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
