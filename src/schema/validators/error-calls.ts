import type { ts } from "ts-morph";
import type { Token, TypeScript } from "./tokens.js";

const PARAMETERS = "instancePath schemaPath keyword params message";

/**
 * Finds the object literals of errors, and gives the texts that replace some of their tokens, by the place of the token:
 * `{instancePath:instancePath+"/a",schemaPath:…}` becomes `errorAt("/a",…)`. A call is shorter. It is also faster where all
 * parts are constant: engines copy a constant literal with objects inside slowly.
 *
 * @param errorAt Returns the name of the function. Called only if there is an error.
 */
export function errorCalls(
  { SyntaxKind }: TypeScript,
  tokens: readonly Token[],
  errorAt: () => string,
): ReadonlyMap<number, string> {
  const replaced = new Map<number, string>();
  const kindAt = (at: number): ts.SyntaxKind | undefined => tokens[at]?.kind;
  for (let at = 0; at < tokens.length; at++) {
    const isError = kindAt(at) === SyntaxKind.OpenBraceToken && tokens[at + 1]?.text === "instancePath";
    if (isError) replaceError(at);
  }
  return replaced;

  function replaceError(start: number): void {
    const { keys, end } = keysFrom(start);
    // Errors of `propertyNames` have a key more, and stay literals.
    const isCall = keys.map((key) => tokens[key]?.text).join(" ") === PARAMETERS;
    for (const key of keys) if (isCall && kindAt(key + 1) === SyntaxKind.ColonToken) drop(key, key + 1);
    const [path = 0] = keys;
    // The path begins at the value of the function, where ajv's variable is empty.
    if (kindAt(path + 1) !== SyntaxKind.ColonToken) replaced.set(path, isCall ? '""' : 'instancePath:""');
    else if (kindAt(path + 3) === SyntaxKind.PlusToken) drop(path + 2, path + 3);
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
      const kind = kindAt(at);
      if (kind === SyntaxKind.CloseBraceToken && depth === 0) return { keys, end: at };
      if (kind === SyntaxKind.CommaToken && depth === 0) keys.push(at + 1);
      if (
        kind === SyntaxKind.OpenBraceToken ||
        kind === SyntaxKind.OpenBracketToken ||
        kind === SyntaxKind.OpenParenToken
      )
        depth++;
      if (
        kind === SyntaxKind.CloseBraceToken ||
        kind === SyntaxKind.CloseBracketToken ||
        kind === SyntaxKind.CloseParenToken
      )
        depth--;
    }
    throw new Error("an object literal has no end");
  }
}
