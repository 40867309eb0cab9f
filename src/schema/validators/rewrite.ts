import { errorTexts } from "./error-texts.js";
import { tokensOf, type Token } from "./tokens.js";

/** Replacements for identifiers in generated code. */
export interface Replacements {
  /** Replacements of identifiers, by their text. */
  readonly names: ReadonlyMap<string, string>;
  /** Replacements of the whole of `wrapper.validate`, by `wrapper`. */
  readonly wrapped: ReadonlyMap<string, string>;
  /** Returns the replacement of the whole of `schema.a["b"]`, where `steps` are the properties known at generation. */
  readonly path: (name: string, steps: readonly string[]) => string | undefined;
  /**
   * Returns the name of the function that makes a list of one error. Undefined if errors stay as they are; otherwise their paths begin
   * at the value of the function that is rewritten.
   */
  readonly oneError: (() => string) | undefined;
}

/**
 * Replaces free identifiers in code that ajv generated. Replacing tokens is sufficient: no local variable has the name of a
 * global one.
 */
export function rewrite(code: string, replacements: Replacements): string {
  const tokens = tokensOf(code);
  const { oneError } = replacements;
  const inErrors = oneError === undefined ? undefined : errorTexts(tokens, oneError);
  const parts: string[] = [];
  let copied = 0;
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at];
    const inError = inErrors?.get(at);
    if (token !== undefined && inError !== undefined) {
      parts.push(code.slice(copied, token.start), inError);
      copied = token.end;
      continue;
    }
    if (token?.kind !== "identifier" || tokens[at - 1]?.text === ".") continue;
    const found = replacementAt({ tokens, at, name: token.text, replacements });
    if (found === undefined) continue;
    parts.push(code.slice(copied, token.start), found.text);
    copied = tokens[found.last]?.end ?? token.end;
    at = found.last;
  }
  parts.push(code.slice(copied));
  return parts.join("");
}

interface Site {
  readonly tokens: readonly Token[];
  readonly at: number;
  readonly name: string;
  readonly replacements: Replacements;
}

function replacementAt({ tokens, at, name, replacements }: Site) {
  const wrapped = replacements.wrapped.get(name);
  if (wrapped !== undefined) {
    const isCall = tokens[at + 1]?.text === "." && tokens[at + 2]?.text === "validate";
    return isCall ? { text: wrapped, last: at + 2 } : { text: `({ validate: ${wrapped} })`, last: at };
  }
  const { steps, last } = stepsAfter(tokens, at);
  const path = replacements.path(name, steps);
  if (path !== undefined) return { text: path, last };
  const text = replacements.names.get(name);
  return text === undefined ? undefined : { text, last: at };
}

/** The property accesses with a literal name after an identifier: `.a`, `["b"]`, `[0]`. */
function stepsAfter(tokens: readonly Token[], at: number) {
  const steps: string[] = [];
  let last = at;
  for (;;) {
    const [first, second, third] = tokens.slice(last + 1, last + 4);
    if (first?.text === "." && second !== undefined) {
      steps.push(second.text);
      last += 2;
    } else if (first?.text === "[" && third?.text === "]") {
      const step = literalText(second);
      if (step === undefined) break;
      steps.push(step);
      last += 3;
    } else break;
  }
  return { steps, last };
}

function literalText(token: Token | undefined): string | undefined {
  if (token?.kind === "number") return token.text;
  // ajv writes strings as JSON does.
  return token?.kind === "string" && token.text.startsWith('"')
    ? (JSON.parse(token.text) as string)
    : undefined;
}
