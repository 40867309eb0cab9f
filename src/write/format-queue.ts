import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import type { OutputFile } from "../emit/index.js";
import type { FormatResult, FormatTask, FormatWorkerData } from "./format-worker.js";
import type { FormatCache } from "./format-cache.js";
import { formatText } from "./formatter.js";

/** An output file with its final text. */
export interface FinishedFile {
  readonly path: string;
  readonly text: string;
}

/** Most files that two threads share: one flag each, 256 KiB. The main thread formats any others. */
const MAX_SHARED_FILES = 65_536;

/**
 * Least text, in UTF-16 units, that is left when the main thread begins to help. It has to load prettier first, and its
 * first files are slow; less text is finished sooner by the other thread alone.
 */
const MIN_TEXT_TO_HELP = 200_000;

/**
 * Formats files in a second thread while the main thread prints the next ones. The result does not depend on which thread
 * formats a file.
 */
export class FormatQueue {
  readonly #claims = new SharedArrayBuffer(MAX_SHARED_FILES * Int32Array.BYTES_PER_ELEMENT);
  readonly #files: OutputFile[] = [];
  readonly #texts = new Map<number, string>();
  readonly #cache: FormatCache | undefined;
  #worker: Worker | undefined;
  #isStarted = false;
  #error: unknown;
  #notify: () => void = () => undefined;

  /** @param cache Formatted texts of the last run. Default: none. */
  constructor(cache?: FormatCache) {
    this.#cache = cache;
    // Early, so that the thread loads prettier meanwhile. With a cache, it may not be needed at all.
    if (cache === undefined || cache.isEmpty) this.#start();
  }

  #start(): void {
    if (this.#isStarted) return;
    this.#isStarted = true;
    this.#worker = startWorker({ claims: this.#claims, practice: PRACTICE });
    this.#worker?.on("message", (result: FormatResult) => this.#receive(result));
    this.#worker?.on("error", (error) => this.#fail(error));
    // Until there is work, the thread does not keep the process alive.
    this.#worker?.unref();
  }

  /** Adds files, which the second thread begins to format. */
  add(files: readonly OutputFile[]): void {
    for (const file of files) {
      const index = this.#files.push(file) - 1;
      if (file.parser === undefined) continue;
      const known = this.#cache?.get(keyOf(file));
      if (known !== undefined) {
        this.#texts.set(index, known);
      } else if (index < MAX_SHARED_FILES) {
        this.#start();
        const task: FormatTask = { index, text: file.text, parser: file.parser };
        this.#worker?.postMessage(task);
      }
    }
  }

  /**
   * Waits for all files, and stops the second thread. In the order in which they were added.
   *
   * @throws What prettier throws for a file that is not valid code.
   */
  async finish(): Promise<readonly FinishedFile[]> {
    try {
      await this.#help();
      await this.#waitForWorker();
      this.#cache?.save();
      return this.#files.map(({ path }, index) => ({ path, text: this.#texts.get(index) ?? "" }));
    } finally {
      await this.stop();
    }
  }

  /** Stops the second thread. Files that are not formatted yet never will be. */
  async stop(): Promise<void> {
    await this.#worker?.terminate();
  }

  /** Formats files in this thread, from the last one on, since the other thread begins with the first one. */
  async #help(): Promise<void> {
    let left = 0;
    for (const [index, { text, parser }] of this.#files.entries())
      if (parser !== undefined && !this.#texts.has(index)) left += text.length;
    const claimed = new Int32Array(this.#claims);
    for (let index = this.#files.length - 1; index >= 0; index--) {
      if (this.#texts.has(index)) continue;
      const { text, parser } = this.#files[index] ?? { text: "", parser: undefined };
      const isAlone = this.#worker === undefined || index >= MAX_SHARED_FILES || parser === undefined;
      if (!isAlone) {
        left -= text.length;
        if (left < MIN_TEXT_TO_HELP || Atomics.compareExchange(claimed, index, 0, 1) !== 0) continue;
      }
      // oxlint-disable-next-line no-await-in-loop -- one at a time, so that only one syntax tree is in memory
      this.#take(index, await formatText(text, parser));
    }
  }

  async #waitForWorker(): Promise<void> {
    this.#worker?.ref();
    while (this.#error === undefined && this.#texts.size < this.#files.length) {
      // oxlint-disable-next-line no-await-in-loop -- until the last result arrives
      await new Promise<void>((resolve) => (this.#notify = resolve));
    }
    if (this.#error !== undefined) throw this.#error;
  }

  #receive(result: FormatResult): void {
    if ("error" in result) return this.#fail(result.error);
    this.#take(result.index, result.text);
    this.#notify();
  }

  #take(index: number, text: string): void {
    this.#texts.set(index, text);
    const file = this.#files[index];
    if (file?.parser !== undefined) this.#cache?.set(keyOf(file), text);
  }

  #fail(error: unknown): void {
    this.#error ??= error;
    this.#notify();
  }
}

/** The key of a file in the cache: all that its formatted text depends on, beside the generator. */
function keyOf({ text, parser }: OutputFile): string {
  return `${parser ?? ""}\0${text}`;
}

/** Modules that are formatted for practice: the runtime's own. The path is the same from `src/write` and `dist/write`. */
const PRACTICE = fileURLToPath(new URL("../../src/runtime/client/", import.meta.url));

/** Starts the second thread, unless there is one processor only, or this module is not compiled, as in tests. */
function startWorker(workerData: FormatWorkerData): Worker | undefined {
  if (availableParallelism() < 2 || !import.meta.url.endsWith(".js")) return undefined;
  return new Worker(new URL("./format-worker.js", import.meta.url), { workerData, stdout: false });
}
