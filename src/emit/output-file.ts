/** One file of the generated package, as data: nothing is written before everything is printed. */
export interface OutputFile {
  /** Relative to the package's folder, with `/` between levels. */
  readonly path: string;
  readonly text: string;
  /** The prettier parser that lays it out; absent for what is written as it is. */
  readonly parser?: "typescript" | "json" | "markdown";
}
