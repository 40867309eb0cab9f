import { isObject } from "../json/json.js";
import { isOutputPath, stateOf } from "./output-folder.js";

/** Lists the files that a run is about to write. Exists during the run, and after a crash. */
export const JOURNAL = ".topicsmith.pending.json";

/**
 * The journal of a run: for each path, the digests of the content that the run writes, and of content of earlier runs that it
 * replaces or removes. Only a file with one of these digests counts as generated.
 */
export type Journal = ReadonlyMap<string, readonly string[]>;

/** The journal of an interrupted run. */
export interface ReadJournal {
  readonly entries: Journal;
  /** Paths in the journal that no run writes. */
  readonly foreign: readonly string[];
  /** Whether the file exists. A file of another format has no entries. */
  readonly exists: boolean;
  readonly valid: boolean;
}

const NO_JOURNAL: ReadJournal = { entries: new Map(), foreign: [], exists: false, valid: true };

/** Serializes a journal. */
export function journalText(journal: Journal): string {
  return JSON.stringify({ files: Object.fromEntries(journal) });
}

/** Reads the journal of an interrupted run; without entries if the last run was complete. */
export function readJournal(out: string): ReadJournal {
  const state = stateOf(out, JOURNAL);
  if (state.kind === "absent") return NO_JOURNAL;
  const files = state.kind === "file" ? filesOf(state.bytes) : undefined;
  if (files === undefined) return { ...NO_JOURNAL, exists: true, valid: false };
  const entries = new Map<string, readonly string[]>();
  const foreign: string[] = [];
  for (const [path, digests] of files) {
    if (isOutputPath(path)) entries.set(path, digests);
    else foreign.push(path);
  }
  return { entries, foreign, exists: true, valid: true };
}

function filesOf(bytes: Uint8Array): readonly (readonly [string, readonly string[]])[] | undefined {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch {
    return undefined;
  }
  if (!isObject(value) || !isObject(value["files"])) return undefined;
  return Object.entries(value["files"]).map(([path, digests]) => [
    path,
    Array.isArray(digests) ? digests.filter((item) => typeof item === "string") : [],
  ]);
}
