import { Composer, Lexer, Parser, type CST, type Document } from "yaml";

/** How deep collections may be nested. The YAML library recurses, and overflows the stack at some 800 levels. */
export const MAX_DEPTH = 600;

/** A YAML text as a tree of nodes with offsets into the text. */
export interface ComposedYaml {
  /** The first document, its errors with it. */
  readonly document: Document.Parsed;
  /** Where a second document begins, if there is one. */
  readonly second?: number;
}

/**
 * Reads YAML 1.2 with the core schema, and no more: no dates, binary data or merge keys. Gives the offset of the first
 * collection that is nested deeper than {@link MAX_DEPTH}, if there is one.
 */
export function composeYaml(text: string): ComposedYaml | { readonly tooDeepAt: number } {
  const tokens = parse(text);
  if ("tooDeepAt" in tokens) return tokens;
  const composer = new Composer({
    version: "1.2",
    prettyErrors: false,
    resolveKnownTags: false,
    // Duplicate keys are found in yaml-data.ts, which knows both places, and in linear time.
    uniqueKeys: false,
    logLevel: "silent",
  });
  // With `forceDoc` (the second argument) even an empty text gives a document.
  const [document, second] = composer.compose(tokens, true, text.length) as Iterable<Document.Parsed>;
  if (!document) throw new Error("the YAML library gave no document");
  return { document, ...(second && { second: second.range[0] }) };
}

/** What `Parser.parse` does, but it stops at deep nesting, before the composer recurses. */
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
