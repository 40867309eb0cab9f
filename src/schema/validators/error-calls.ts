import type { Token } from "./tokens.js";

const PARAMETERS = "instancePath schemaPath keyword params message";

/**
 * Finds the object literals of errors, and gives the texts that replace some of their tokens, by the place of the token:
 * `{instancePath:instancePath+"/a",schemaPath:…}` becomes `errorAt("/a",…)`. A call is shorter. It is also faster where all
 * parts are constant: engines copy a constant literal with objects inside slowly.
 *
 * @param errorAt Returns the name of the function. Called only if there is an error.
 */
export function errorCalls(tokens: readonly Token[], errorAt: () => string): ReadonlyMap<number, string> {
  const replaced = new Map<number, string>();
  const textAt = (at: number): string | undefined => tokens[at]?.text;
  for (let at = 0; at < tokens.length; at++) {
    const isError = textAt(at) === "{" && textAt(at + 1) === "instancePath";
    if (isError) replaceError(at);
  }
  return replaced;

  function replaceError(start: number): void {
    const { keys, end } = keysFrom(start);
    // Errors of `propertyNames` have a key more, and stay literals.
    const isCall = keys.map((key) => textAt(key)).join(" ") === PARAMETERS;
    for (const key of keys) if (isCall && textAt(key + 1) === ":") drop(key, key + 1);
    const [path = 0] = keys;
    // The path begins at the value of the function, where ajv's variable is empty.
    if (textAt(path + 1) !== ":") replaced.set(path, isCall ? '""' : 'instancePath:""');
    else if (textAt(path + 3) === "+") drop(path + 2, path + 3);
    else replaced.set(path + 2, '""');
    if (!isCall) return;
    replaced.set(start, `${errorAt()}(`);
    replaced.set(end, ")");
  }

  function drop(...places: readonly number[]): void {
    for (const place of places) replaced.set(place, "");
  }

  /** The places of the keys of an object literal, and that of its end. */
  function keysFrom(start: number): { readonly keys: readonly number[]; readonly end: number } {
    const keys = [start + 1];
    let depth = 0;
    for (let at = start + 1; at < tokens.length; at++) {
      const text = textAt(at);
      if (text === "}" && depth === 0) return { keys, end: at };
      if (text === "," && depth === 0) keys.push(at + 1);
      if (text === "{" || text === "[" || text === "(") depth++;
      if (text === "}" || text === "]" || text === ")") depth--;
    }
    throw new Error("an object literal has no end");
  }
}
