/** A thread that formats files: see `format-queue.ts`, which starts it. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import type { OutputFile } from "../emit/index.js";
import { formatText } from "./formatter.js";

/** A file to format. */
export interface FormatTask {
  readonly index: number;
  readonly text: string;
  readonly parser: OutputFile["parser"];
}

/** A formatted file, or the reason why it cannot be formatted. */
export type FormatResult =
  { readonly index: number; readonly text: string } | { readonly index: number; readonly error: unknown };

/** The start values of the thread. `claims` has a flag for each file, set by the thread that formats it. */
export interface FormatWorkerData {
  readonly claims: SharedArrayBuffer;
  /** Folder with modules to practice on. */
  readonly practice: string;
}

/** Most text to practice on, in UTF-16 units. Beyond it, the time is better spent on other processes than on warm code. */
const MAX_PRACTICE = 8_000;

const { claims, practice } = workerData as FormatWorkerData;
const claimed = new Int32Array(claims);
let hasWork = false;
let running = Promise.resolve();

parentPort?.on("message", (task: FormatTask) => {
  hasWork = true;
  running = running.then(() => run(task));
});
void warmUp();

async function run({ index, text, parser }: FormatTask): Promise<void> {
  // The other thread formats files, too.
  if (Atomics.compareExchange(claimed, index, 0, 1) !== 0) return;
  let result: FormatResult;
  try {
    result = { index, text: await formatText(text, parser) };
  } catch (error) {
    result = { index, error };
  }
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  parentPort?.postMessage(result);
}

/** Formats a few modules of the runtime until there is work: prettier's first files take ten times as long as later ones. */
async function warmUp(): Promise<void> {
  const texts = readdirSync(practice)
    .filter((name) => name.endsWith(".ts"))
    .map((name) => readFileSync(join(practice, name), "utf8"));
  let practiced = 0;
  // Short ones first: work waits for the end of a file.
  for (const text of texts.toSorted((a, b) => a.length - b.length)) {
    practiced += text.length;
    if (practiced > MAX_PRACTICE) return;
    // oxlint-disable-next-line no-await-in-loop -- until a message arrives
    await formatText(text, "typescript");
    // oxlint-disable-next-line no-await-in-loop -- lets a message arrive
    await setImmediate();
    if (hasWork) return;
  }
}
