import { formatText, type Rules } from "../diagnostics/index.js";
import { loadApi } from "../load-api.js";
import type { Mock } from "../mock/index.js";
import { loadHandlers } from "../mock/load-handlers.js";
import { readFaults } from "../mock/read-faults.js";
import { FileWatcher } from "./file-watcher.js";

/** The files of a mock. */
export interface MockFiles {
  /** The spec's root file. */
  readonly spec: string;
  readonly handlers?: string;
  readonly faults?: string;
  readonly allow?: readonly string[];
  readonly rules?: Rules;
}

/** The surroundings of a watcher. */
export interface WatchOptions {
  /** Absolute paths of the spec's files. */
  readonly inputs: readonly string[];
  readonly color: boolean;
  /** Finds the files again, or what is wrong with the configuration that names them. Default: they stay the same. */
  readonly refresh?: () => Promise<MockFiles | string>;
  /** Prints a line about a reload. */
  readonly print: (line: string) => void;
  readonly printError: (text: string) => void;
}

/**
 * Updates a mock when its files change. A mistake is printed, and the mock goes on with what it had before.
 *
 * @returns A function that stops watching.
 */
export async function watchMock(
  mock: Mock,
  files: MockFiles,
  { inputs, color, refresh, print, printError }: WatchOptions,
): Promise<() => Promise<void>> {
  let watcher: FileWatcher | undefined;
  const pathsOf = ({ handlers, faults }: MockFiles): readonly string[] =>
    [handlers, faults].filter((path) => path !== undefined);

  /** Returns what is wrong, or undefined if the mock is up to date. */
  const reload = async (): Promise<string | undefined> => {
    const current = (await refresh?.()) ?? files;
    if (typeof current === "string") return current;
    const loaded = await loadApi(current.spec, current);
    // A new file of the spec has to be watched, also while the spec has errors.
    watcher?.add([...loaded.inputs, ...pathsOf(current)]);
    const { model } = loaded;
    if (!model) return formatText(loaded.diagnostics, { sources: loaded.sources, color });
    const resources = model.extensions.flatMap((extension) => extension.resources.map(({ id }) => id));
    const read = current.faults === undefined ? undefined : await readFaults(current.faults, resources);
    if (read && read.diagnostics.length > 0)
      return formatText(read.diagnostics, { sources: read.sources, color });
    const loadedHandlers = current.handlers === undefined ? undefined : await loadHandlers(current.handlers);
    watcher?.add(loadedHandlers?.files ?? []);
    await mock.update({
      spec: model,
      ...(loadedHandlers && { handlers: loadedHandlers.handlers }),
      ...(read && { faults: read.faults }),
    });
    return undefined;
  };

  const run = async (): Promise<void> => {
    const problem = await reload().catch((error: unknown) =>
      error instanceof Error ? error.message : String(error),
    );
    if (problem === undefined) return print("reloaded; connections are kept");
    printError(`${problem.trimEnd()}\nnot reloaded; the mock goes on as before`);
  };
  watcher = await FileWatcher.start([...inputs, ...pathsOf(files)], run, printError);
  return () => watcher.close();
}
