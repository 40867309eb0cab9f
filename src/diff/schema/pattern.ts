const compiled = new Map<string, RegExp | undefined>();

/** A pattern of a schema as validators run it; undefined if it is invalid. */
export function regexOf(pattern: string): RegExp | undefined {
  if (!compiled.has(pattern)) compiled.set(pattern, compile(pattern));
  return compiled.get(pattern);
}

function compile(pattern: string): RegExp | undefined {
  try {
    return new RegExp(pattern, "u");
  } catch {
    return undefined;
  }
}

/** Whether a text matches a pattern of a schema. */
export function matchesPattern(pattern: string, text: string): boolean {
  return regexOf(pattern)?.test(text) ?? false;
}
