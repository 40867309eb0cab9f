import { isObject } from "../json/json.js";
import { digest, withUnixLines } from "./digest.js";
import { stateOf } from "./output-folder.js";

/** Lists the generated files of an output folder. */
export const MANIFEST = ".topicsmith.json";

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

/** Reads the manifest of an output folder; undefined if it is missing or invalid. Its paths are not checked. */
export function readManifest(out: string): Manifest | undefined {
  const value = parse(textOf(out));
  if (!isObject(value)) return undefined;
  const { api, spec, generator, diagnosticCount, inputs, outputs } = value;
  if (typeof api !== "string" || typeof spec !== "string" || typeof generator !== "string") return undefined;
  if (typeof diagnosticCount !== "number") return undefined;
  if (!isDigests(inputs) || !isDigests(outputs)) return undefined;
  return { api, spec, generator, diagnosticCount, inputs, outputs };
}

/** Serializes a manifest with sorted keys. The last property is a checksum of the others, by which edits are noticed. */
export function manifestText(manifest: Manifest): string {
  const ordered = { ...manifest, inputs: sorted(manifest.inputs), outputs: sorted(manifest.outputs) };
  return `${JSON.stringify({ ...ordered, checksum: digest(JSON.stringify(ordered)) }, null, 2)}\n`;
}

/** Whether the manifest of an output folder has not been edited since it was written. Forged ones pass, too. */
export function isIntact(out: string): boolean {
  const manifest = readManifest(out);
  return manifest !== undefined && textOf(out) === manifestText(manifest);
}

function sorted(digests: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(digests).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function textOf(out: string): string {
  const state = stateOf(out, MANIFEST);
  return state.kind === "file" ? withUnixLines(Buffer.from(state.bytes).toString("utf8")) : "";
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Missing or invalid: both are treated as absent.
    return undefined;
  }
}

function isDigests(value: unknown): value is Readonly<Record<string, string>> {
  return isObject(value) && Object.values(value).every((text) => typeof text === "string");
}
