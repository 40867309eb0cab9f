/** The formats of a printed comparison. */
export const DIFF_FORMATS = ["text", "json", "markdown", "changelog", "github"] as const;

/** `text` for a terminal, `markdown` for a comment, `changelog` for a section of a changelog, `github` for annotations. */
export type DiffFormat = (typeof DIFF_FORMATS)[number];
