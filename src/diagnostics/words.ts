const MAX_QUOTE_LENGTH = 80;

/** A word or value of the user's, fit to stand in a message: in quotes, on one line, shortened when long. */
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

/** `a`, `a or b`, `a, b or c`. */
export function oneOf(words: readonly string[]): string {
  return join(words, "or");
}

/** `a`, `a and b`, `a, b and c`. */
export function allOf(words: readonly string[]): string {
  return join(words, "and");
}

function join(words: readonly string[], last: "or" | "and"): string {
  if (words.length < 2) return words.join("");
  return `${words.slice(0, -1).join(", ")} ${last} ${words.at(-1)}`;
}

/** The way out of a misspelling: `did you mean "path"?`, or else `otherwise`. */
export function suggest(suggestion: string | undefined, otherwise: string): string {
  return suggestion === undefined ? otherwise : `did you mean ${quote(suggestion)}?`;
}
