import { Composer, Lexer, Parser, type CST, type Document } from "yaml";

/**
 * Deepest nesting of mappings and lists in a file. The YAML library is recursive and overflows the stack at about 800
 * levels, so deeper files are reported instead.
 */
export const MAX_DEPTH = 600;

/** A YAML text as a tree of nodes with offsets into the text. */
export interface ComposedYaml {
  /** The first document, including its syntax errors. */
  readonly document: Document.Parsed;
  /** The offset of the second document, if there is one. */
  readonly second?: number;
}

/**
 * Composes YAML 1.2 with the core schema only: no dates, binary data or merge keys. Returns the offset of the first
 * collection nested deeper than {@link MAX_DEPTH} instead if there is one.
 */
export function composeYaml(text: string): ComposedYaml | { readonly tooDeepAt: number } {
  const tokens = parse(text);
  if ("tooDeepAt" in tokens) return tokens;
  const composer = new Composer({
    version: "1.2",
    prettyErrors: false,
    resolveKnownTags: false,
    // yaml-data.ts reports duplicate keys: it knows both positions, and takes linear time.
    uniqueKeys: false,
    logLevel: "silent",
  });
  // With `forceDoc` (the second argument), even an empty text results in a document.
  const [document, second] = composer.compose(tokens, true, text.length) as Iterable<Document.Parsed>;
  if (!document) throw new Error("the YAML library returned no document");
  return { document, ...(second && { second: second.range[0] }) };
}

/** Does the same as `Parser.parse`, but stops at deep nesting, before the recursive composer runs. */
function parse(text: string): CST.Token[] | { readonly tooDeepAt: number } {
  const parser = new Parser();
  const tokens: CST.Token[] = [];
  for (const lexeme of new Lexer().lex(text)) {
    tokens.push(...parser.next(lexeme));
    if (parser.stack.length > MAX_DEPTH) return { tooDeepAt: parser.offset };
  }
  tokens.push(...parser.end());
  return tokens;
}
