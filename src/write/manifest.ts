import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isObject } from "../json/json.js";
import { digest } from "./digest.js";

/** Lists the generated files of an output folder. */
export const MANIFEST = ".topicsmith.json";

/** Lists the files that a run is about to write. Exists during the run, and after a crash. */
export const JOURNAL = ".topicsmith.pending.json";

/** The content of {@link MANIFEST}. Digests are SHA-256, in hexadecimal. */
export interface Manifest {
  /** The API's name, after which the default output folder is named. */
  readonly api: string;
  /** File name of the spec's root file. */
  readonly spec: string;
  /** Digest of the generator itself. */
  readonly generator: string;
  /** Number of warnings and hints. Runs that have any to report are not skipped. */
  readonly diagnosticCount: number;
  /** Digests of the spec's files, by path relative to the folder of the root file. */
  readonly inputs: Readonly<Record<string, string>>;
  /** Digests of the generated files, by path in the output folder. */
  readonly outputs: Readonly<Record<string, string>>;
}

/** Reads the manifest of an output folder; undefined if it is missing or invalid. */
export function readManifest(out: string): Manifest | undefined {
  const value = readJson(join(out, MANIFEST));
  if (!isObject(value)) return undefined;
  const { api, spec, generator, diagnosticCount, inputs, outputs } = value;
  if (typeof api !== "string" || typeof spec !== "string" || typeof generator !== "string") return undefined;
  if (typeof diagnosticCount !== "number") return undefined;
  if (!isDigests(inputs) || !isDigests(outputs)) return undefined;
  return { api, spec, generator, diagnosticCount, inputs, outputs };
}

/** Reads the paths in the journal of an interrupted run; empty if the last run was complete. */
export function readJournal(out: string): readonly string[] {
  const value = readJson(join(out, JOURNAL));
  return Array.isArray(value)
    ? value.filter((path): path is string => typeof path === "string" && isInside(path))
    : [];
}

/** Serialises a manifest with sorted keys. The last property is a checksum of the others, by which edits are noticed. */
export function manifestText(manifest: Manifest): string {
  const ordered = { ...manifest, inputs: sorted(manifest.inputs), outputs: sorted(manifest.outputs) };
  return `${JSON.stringify({ ...ordered, checksum: digest(JSON.stringify(ordered)) }, null, 2)}\n`;
}

/** Whether the manifest of an output folder has not been edited since it was written. */
export function isIntact(out: string): boolean {
  const manifest = readManifest(out);
  try {
    return manifest !== undefined && readFileSync(join(out, MANIFEST), "utf8") === manifestText(manifest);
  } catch {
    return false;
  }
}

function sorted(digests: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(digests).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    // Missing or invalid: both are treated as absent.
    return undefined;
  }
}

function isDigests(value: unknown): value is Readonly<Record<string, string>> {
  return (
    isObject(value) && Object.entries(value).every(([path, text]) => typeof text === "string" && path !== "")
  );
}

/** Whether a path stays inside the output folder. A manifest can be edited, so its paths are not trusted. */
export function isInside(path: string): boolean {
  return path !== "" && !/^([/\\]|[A-Za-z]:)/.test(path) && !path.split(/[/\\]/).includes("..");
}
