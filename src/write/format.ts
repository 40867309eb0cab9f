import type { OutputFile } from "../emit/index.js";
import { FormatQueue, type FinishedFile } from "./format-queue.js";

/**
 * Formats generated code and the examples in Markdown. Prose in Markdown keeps the line breaks of the spec author.
 * Validators and copied files have no parser and are left unformatted.
 */
export async function format(files: readonly OutputFile[]): Promise<readonly FinishedFile[]> {
  const queue = new FormatQueue();
  queue.add(files);
  return queue.finish();
}
