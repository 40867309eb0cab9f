import { resolve } from "node:path";
import { formatText } from "../diagnostics/index.js";
import { loadApi } from "../load-api.js";
import type { Mock } from "../mock/index.js";
import { loadHandlers } from "../mock/load-handlers.js";
import { readFaults } from "../mock/read-faults.js";

/** The files of a mock. */
export interface MockFiles {
  /** The spec's root file. */
  readonly spec: string;
  readonly handlers?: string;
  readonly faults?: string;
  readonly allow?: readonly string[];
}

/** The surroundings of a watcher. */
export interface WatchOptions {
  /** Absolute paths of the spec's files. */
  readonly inputs: readonly string[];
  readonly color: boolean;
  /** Prints a line about a reload. */
  readonly print: (line: string) => void;
  readonly printError: (text: string) => void;
}

/** Editors write a file in several steps, and several files at once. */
const DEBOUNCE_MS = 100;

/**
 * Updates a mock when its files change. A mistake is printed, and the mock goes on with what it had before.
 *
 * @returns A function that stops watching.
 */
export async function watchMock(
  mock: Mock,
  files: MockFiles,
  { inputs, color, print, printError }: WatchOptions,
): Promise<() => Promise<void>> {
  const { watch } = await import("chokidar");
  const pathsOf = (paths: readonly string[]): string[] => [
    ...paths,
    ...[files.handlers, files.faults].flatMap((path) => (path === undefined ? [] : [resolve(path)])),
  ];
  const watcher = watch(pathsOf(inputs), { ignoreInitial: true });

  /** Returns what is wrong, or undefined if the mock is up to date. */
  const reload = async (): Promise<string | undefined> => {
    const loaded = await loadApi(files.spec, files.allow && { allow: files.allow });
    // A new file of the spec has to be watched, also while the spec has errors.
    watcher.add(pathsOf(loaded.inputs));
    const { model } = loaded;
    if (!model) return formatText(loaded.diagnostics, { sources: loaded.sources, color });
    const resources = model.extensions.flatMap((extension) => extension.resources.map(({ id }) => id));
    const read = files.faults === undefined ? undefined : await readFaults(files.faults, resources);
    if (read && read.diagnostics.length > 0)
      return formatText(read.diagnostics, { sources: read.sources, color });
    await mock.update({
      spec: model,
      ...(files.handlers !== undefined && { handlers: await loadHandlers(files.handlers) }),
      ...(read && { faults: read.faults }),
    });
    return undefined;
  };

  let timer: NodeJS.Timeout | undefined;
  let running = Promise.resolve();
  const run = async (): Promise<void> => {
    const problem = await reload().catch((error: unknown) =>
      error instanceof Error ? error.message : String(error),
    );
    if (problem === undefined) return print("reloaded; connections are kept");
    printError(`${problem.trimEnd()}\nnot reloaded; the mock goes on as before`);
  };
  watcher.on("all", () => {
    clearTimeout(timer);
    timer = setTimeout(() => void (running = running.then(run)), DEBOUNCE_MS);
  });
  watcher.on("error", (error) => printError(`cannot watch the files: ${String(error)}`));
  await new Promise<void>((ready) => void watcher.once("ready", ready));
  return async () => {
    clearTimeout(timer);
    await watcher.close();
    await running;
  };
}
