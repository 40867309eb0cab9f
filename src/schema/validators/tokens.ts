import type { ts } from "ts-morph";

/** The TypeScript compiler that ts-morph carries. */
export type TypeScript = typeof ts;

/** A token of generated code. */
export interface Token {
  readonly kind: ts.SyntaxKind;
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** The tokens of code that ajv generated. */
export function tokensOf(ts: TypeScript, code: string): readonly Token[] {
  const scanner = ts.createScanner(ts.ScriptTarget.Latest, true, ts.LanguageVariant.Standard, code);
  const tokens: Token[] = [];
  for (let kind = scanner.scan(); kind !== ts.SyntaxKind.EndOfFileToken; kind = scanner.scan()) {
    // After a bracket or comma, a slash begins a regular expression. Scanned as a division, `/\//g` would begin a
    // comment.
    const before = tokens.at(-1)?.kind;
    const isRegExp = before === ts.SyntaxKind.OpenParenToken || before === ts.SyntaxKind.CommaToken;
    if (kind === ts.SyntaxKind.SlashToken && isRegExp) kind = scanner.reScanSlashToken();
    const isString = kind === ts.SyntaxKind.StringLiteral;
    const text = isString ? scanner.getTokenValue() : scanner.getTokenText();
    tokens.push({ kind, text, start: scanner.getTokenStart(), end: scanner.getTokenEnd() });
  }
  return tokens;
}
