import type { ts } from "ts-morph";
import { load } from "../host/index.js";

const ASCII = /^[\0-\x7f]*$/;

/**
 * The first letter or digit of a text that TypeScript allows in no identifier; undefined if it allows all of them.
 *
 * The compiler knows the letters of one version of Unicode, and Node those of another. Letters that this version of Node does
 * not know count too, so that every version of Node reports the same.
 */
export function foreignLetter(text: string): string | undefined {
  if (ASCII.test(text)) return undefined;
  const compiler = loadCompiler();
  return Array.from(text.normalize("NFC")).find((char) => {
    const point = char.codePointAt(0) ?? 0;
    if (/\p{L}/u.test(char)) return !compiler.isIdentifierStart(point, compiler.ScriptTarget.ESNext);
    return /[\p{Nd}\p{Cn}]/u.test(char) && !compiler.isIdentifierPart(point, compiler.ScriptTarget.ESNext);
  });
}

/** Whether the compiler takes a text for an identifier. It knows fewer letters than regular expressions of Node do. */
export function isIdentifier(text: string): boolean {
  if (ASCII.test(text)) return /^[A-Za-z_$][\w$]*$/.test(text);
  const compiler = loadCompiler();
  const { ESNext } = compiler.ScriptTarget;
  const [first = "", ...rest] = text;
  return (
    compiler.isIdentifierStart(first.codePointAt(0) ?? 0, ESNext) &&
    rest.every((char) => compiler.isIdentifierPart(char.codePointAt(0) ?? 0, ESNext))
  );
}

/** The part of TypeScript's compiler that knows letters. */
export type CompilerLetters = Pick<typeof ts, "isIdentifierPart" | "isIdentifierStart"> & {
  readonly ScriptTarget: Pick<typeof ts.ScriptTarget, "ESNext">;
};

/** The compiler takes a fifth of a second to load, and keys in ASCII do not need it. */
function loadCompiler(): CompilerLetters {
  return (load("ts-morph") as { readonly ts: CompilerLetters }).ts;
}
