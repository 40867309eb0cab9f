import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isObject } from "../json/json.js";
import { digest } from "./digest.js";

/** The file in an output folder that knows what in it is ours. */
export const MANIFEST = ".topicsmith.json";

/** While files are being replaced, this one knows what is about to become ours: a crash leaves it behind. */
export const JOURNAL = ".topicsmith.pending.json";

/** What was generated, from what, by what. Digests are SHA-256. */
export interface Manifest {
  /** The API's name, from which an output folder gets its own. */
  readonly api: string;
  /** The root file's name. */
  readonly spec: string;
  /** Digest of the generator itself. */
  readonly generator: string;
  /** How many warnings and hints the spec gave; a run that would repeat them is not skipped. */
  readonly remarks: number;
  /** Digests of the spec's files, by their path relative to the root file's folder. */
  readonly inputs: Readonly<Record<string, string>>;
  /** Digests of the printed files, by their path in the output folder. */
  readonly outputs: Readonly<Record<string, string>>;
}

/** Reads the manifest of an output folder; undefined if there is none that can be used. */
export function readManifest(out: string): Manifest | undefined {
  const value = readJson(join(out, MANIFEST));
  if (!isObject(value)) return undefined;
  const { api, spec, generator, remarks, inputs, outputs } = value;
  if (typeof api !== "string" || typeof spec !== "string" || typeof generator !== "string") return undefined;
  if (typeof remarks !== "number") return undefined;
  if (!isDigests(inputs) || !isDigests(outputs)) return undefined;
  return { api, spec, generator, remarks, inputs, outputs };
}

/** The paths that an interrupted run was about to make ours. */
export function readJournal(out: string): readonly string[] {
  const value = readJson(join(out, JOURNAL));
  return Array.isArray(value)
    ? value.filter((path): path is string => typeof path === "string" && isInside(path))
    : [];
}

/** A manifest as text, keys in order, the same on every run; its last member tells whether somebody edited it. */
export function manifestText(manifest: Manifest): string {
  const ordered = { ...manifest, inputs: sorted(manifest.inputs), outputs: sorted(manifest.outputs) };
  return `${JSON.stringify({ ...ordered, seal: digest(JSON.stringify(ordered)) }, null, 2)}\n`;
}

/** Whether the manifest of an output folder is as it was written. */
export function isSealed(out: string): boolean {
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
    // Absent, or not ours: either way there is nothing to learn from it.
    return undefined;
  }
}

function isDigests(value: unknown): value is Readonly<Record<string, string>> {
  return (
    isObject(value) && Object.entries(value).every(([path, text]) => typeof text === "string" && path !== "")
  );
}

/** Whether a path stays inside the output folder; a manifest is a file that anybody can edit. */
export function isInside(path: string): boolean {
  return path !== "" && !/^([/\\]|[A-Za-z]:)/.test(path) && !path.split(/[/\\]/).includes("..");
}
