/** Prose of the spec, fit to stand in a JSDoc comment: it can not end it, and an `@` that begins a line makes no tag. */
export function docText(prose: string): string {
  return prose.trim().replaceAll("*/", "*\\/").replace(/^@/gm, "\\@");
}

/** Paragraphs, each of them prose or absent, then tags, as the text of one JSDoc comment; empty if there is nothing to say. */
export function docOf(paragraphs: readonly (string | undefined)[], tags: readonly string[] = []): string[] {
  const blocks = paragraphs
    .filter((text): text is string => text !== undefined && text.trim() !== "")
    .map(docText);
  if (tags.length > 0) blocks.push(tags.join("\n"));
  return blocks.length === 0 ? [] : [blocks.join("\n\n")];
}
