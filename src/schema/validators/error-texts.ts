import type { Token } from "./tokens.js";

/**
 * Gives the texts that replace tokens of errors, by the place of the token.
 *
 * A path begins at the value of the function, where ajv's variable is empty: `{instancePath:instancePath+"/a"` becomes `{instancePath:"/a"`.
 * A list of one error, `[{instancePath:…}]`, becomes `oneError({instancePath:…})`, because engines copy a list of constants only
 * several times more slowly.
 *
 * @param oneError Returns the name of the function. Called only if there is such a list.
 */
export function errorTexts(tokens: readonly Token[], oneError: () => string): ReadonlyMap<number, string> {
  const replaced = new Map<number, string>();
  const textAt = (at: number): string | undefined => tokens[at]?.text;
  for (let at = 1; at < tokens.length; at++) {
    if (textAt(at - 1) !== "{" || textAt(at) !== "instancePath") continue;
    if (textAt(at + 1) !== ":") replaced.set(at, 'instancePath:""');
    else if (textAt(at + 3) === "+") replaced.set(at + 2, "").set(at + 3, "");
    else replaced.set(at + 2, '""');
    if (textAt(at - 2) === "[") replaced.set(at - 2, `${oneError()}(`).set(endOfList(at), ")");
  }
  return replaced;

  /** The place of the `]` after the object literal that has this token in it. */
  function endOfList(inside: number): number {
    let depth = 1;
    for (let at = inside; at < tokens.length; at++) {
      const text = textAt(at);
      if (text === "{") depth++;
      if (text === "}" && --depth === 0) return at + 1;
    }
    throw new Error("an object literal has no end");
  }
}
