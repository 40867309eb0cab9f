/**
 * A stretch of text in a file. Lines and columns count from 1, columns in UTF-16 units as editors do; the end is
 * exclusive.
 */
export interface SourceRange {
  /** As the user sees it: the spelling of the path that was given, with `/` between levels. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}
