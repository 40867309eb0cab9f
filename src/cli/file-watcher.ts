import { resolve } from "node:path";
import type { FSWatcher } from "chokidar";
import { Debounced } from "../debounced.js";

/** Watches a growing set of files and folders, whether they exist or not. */
export class FileWatcher {
  readonly #watcher: FSWatcher;
  readonly #task: Debounced;
  readonly #paths = new Set<string>();

  private constructor(watcher: FSWatcher, task: Debounced) {
    this.#watcher = watcher;
    this.#task = task;
  }

  /**
   * @param task Runs after a burst of changes, never twice at the same time. Must not throw.
   * @param onError Receives an error of the file system, such as a limit on watched files.
   */
  static async start(
    paths: readonly string[],
    task: () => Promise<void>,
    onError: (message: string) => void,
  ): Promise<FileWatcher> {
    const { watch } = await import("chokidar");
    const debounced = new Debounced(task);
    const full = paths.map((path) => resolve(path));
    const watcher = watch(full, { ignoreInitial: true });
    watcher.on("all", () => debounced.schedule());
    watcher.on("error", (error) => onError(`cannot watch the files: ${String(error)}`));
    await new Promise<void>((ready) => void watcher.once("ready", ready));
    const started = new FileWatcher(watcher, debounced);
    for (const path of full) started.#paths.add(path);
    return started;
  }

  /** Number of files and folders that are watched. */
  get size(): number {
    return this.#paths.size;
  }

  /** Watches further files. */
  add(paths: readonly string[]): void {
    const added = paths.map((path) => resolve(path)).filter((path) => !this.#paths.has(path));
    if (added.length === 0) return;
    for (const path of added) this.#paths.add(path);
    this.#watcher.add(added);
  }

  /** Stops watching, and waits for a task that runs. */
  async close(): Promise<void> {
    await this.#watcher.close();
    await this.#task.stop();
  }
}
