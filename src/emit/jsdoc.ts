/**
 * Escapes prose of the spec for a JSDoc comment: it cannot end the comment, and contains no tag, neither at the start of a line nor in
 * braces.
 */
export function docText(prose: string): string {
  return escapeCommentEnd(prose.trim()).replace(/^@/gm, "\\@").replaceAll("{@", "{\\@");
}

/** A reference to a symbol of the module, for text that is not of the spec. */
export function linkTo(symbol: string): string {
  return `${LINK}${symbol}}`;
}

/** Stands for `{@link `, until the prose around it is escaped. Prose contains no such character: YAML does not allow it. */
const LINK = "\u0001";

/** Escapes the characters that would end a comment. */
function escapeCommentEnd(text: string): string {
  return text.replaceAll("*/", "*\\/");
}

/** The maximum width of a comment's text. Lines of the spec that are shorter keep their breaks. */
const WIDTH = 112;

/** Breaks lines that are too long at spaces, never inside a code span. */
function wrap(text: string): string {
  return text.split("\n").map(wrapLine).join("\n");
}

function wrapLine(line: string): string {
  if (line.length <= WIDTH) return line;
  const indent = /^\s*/.exec(line)?.[0] ?? "";
  const lines: string[] = [];
  let current = "";
  for (const [word] of line.matchAll(/(?:`[^`]*`|\{@[^}]*\}|\S)+/g)) {
    // A word that begins with `@` would make a tag at the beginning of a line.
    if (current !== "" && current.length + word.length >= WIDTH && !word.startsWith("@")) {
      lines.push(current);
      current = word;
    } else {
      current = current === "" ? word : `${current} ${word}`;
    }
  }
  return [...lines, current].map((text) => indent + text).join("\n");
}

/** Paragraphs, each of them prose or absent, then tags, as the text of one JSDoc comment; empty if there is nothing to say. */
export function docOf(paragraphs: readonly (string | undefined)[], tags: readonly string[] = []): string[] {
  const blocks = paragraphs
    .filter((text): text is string => text !== undefined && text.trim() !== "")
    .map((text) => wrap(docText(text).replaceAll(LINK, "{@link ")));
  if (tags.length > 0) blocks.push(tags.map(escapeCommentEnd).join("\n"));
  return blocks.length === 0 ? [] : [blocks.join("\n\n")];
}
