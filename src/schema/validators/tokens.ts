/** A token of JavaScript. */
export interface Token {
  readonly kind: "identifier" | "string" | "number" | "regexp" | "punctuator";
  /** As it is written. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const SPACE = /\s+/y;
const STRING = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/y;
const IDENTIFIER = /[\p{ID_Start}$_][\p{ID_Continue}$]*/uy;
const NUMBER = /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const REGEXP = /\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y;
const PUNCTUATOR = /\.{3}|./suy;

/**
 * The tokens of code that ajv generated, which has neither comments nor template literals. TypeScript's scanner would find
 * the same, but takes longer to load than all validators of an API take to print.
 */
export function tokensOf(code: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const take = (kind: Token["kind"], pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    const text = pattern.exec(code)?.[0];
    if (text === undefined) return false;
    tokens.push({ kind, text, start: at, end: at + text.length });
    at += text.length;
    return true;
  };
  while (at < code.length) {
    SPACE.lastIndex = at;
    if (SPACE.test(code)) {
      at = SPACE.lastIndex;
      continue;
    }
    // After a bracket or comma, a slash begins a regular expression.
    const before = tokens.at(-1)?.text;
    const isStart = before === "(" || before === ",";
    void (
      take("identifier", IDENTIFIER) ||
      take("string", STRING) ||
      take("number", NUMBER) ||
      (isStart && take("regexp", REGEXP)) ||
      take("punctuator", PUNCTUATOR)
    );
  }
  return tokens;
}
