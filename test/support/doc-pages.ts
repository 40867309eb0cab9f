import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of the documentation. */
export const DOCS = fileURLToPath(new URL("../../docs/", import.meta.url));

/** The spec of the examples in the documentation. */
export const EXAMPLE_API = readFileSync(join(DOCS, "examples/kettle.yaml"), "utf8");

/** Paths of the Markdown pages, relative to the documentation. */
export const PAGES: readonly string[] = readdirSync(DOCS, { recursive: true, encoding: "utf8" })
  .map((path) => path.replaceAll("\\", "/"))
  .filter((path) => path.endsWith(".md") && !path.includes("node_modules/"))
  .toSorted();

/** A fenced block of a page. */
export interface Fence {
  readonly language: string;
  readonly text: string;
  /** The nearest heading of level 2 above it; empty above the first. */
  readonly section: string;
  /** Counts from 1. */
  readonly line: number;
}

/** The fenced blocks of a page, in order; none if it does not exist. */
export function fencesOf(page: string): readonly Fence[] {
  const text = PAGES.includes(page) ? readFileSync(join(DOCS, page), "utf8") : "";
  return [...text.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map(({ index, 1: language = "", 2: code = "" }) => {
    const before = text.slice(0, index);
    const section = [...before.matchAll(/^## (.*)$/gm)].at(-1)?.[1] ?? "";
    return { language, text: code, section, line: before.split("\n").length };
  });
}

/** The files of a sample by path. */
export type SampleFiles = Readonly<Record<string, string>>;

/**
 * The files of the YAML samples of a page: a sample that begins with `# name.yaml` is that file, any other replaces
 * top-level keys of the complete spec above it, or of the example API.
 */
export function specFiles(samples: readonly string[], files: SampleFiles = {}): SampleFiles {
  const result: Record<string, string> = { "kettle.yaml": EXAMPLE_API, ...files };
  let base = EXAMPLE_API;
  for (const sample of samples) {
    const [, name, text] = /^# ([\w./-]+\.(?:yaml|json))\n?(.*)$/s.exec(sample) ?? [];
    if (name !== undefined) result[name] = text ?? "";
    else {
      if (isComplete(sample)) base = sample;
      result["kettle.yaml"] = overlay(base, sample);
    }
  }
  return result;
}

/** Whether a sample is a complete spec: it begins with the format version and has resources. */
function isComplete(sample: string): boolean {
  return /^topicsmith:/m.test(sample) && /^(?:resources|extensions):/m.test(sample);
}

/** Replaces top-level keys of a YAML text, as text: a sample may be invalid YAML. A complete spec replaces all of it. */
function overlay(base: string, sample: string): string {
  if (isComplete(sample)) return sample;
  const blocks = new Map(blocksOf(base));
  for (const [key, text] of blocksOf(sample)) blocks.set(key, text);
  // Lines above the first key, such as a directive, have the empty key.
  return [...blocks.values()].join("");
}

function blocksOf(text: string): readonly (readonly [string, string])[] {
  return text
    .split(/^(?=[\w"'-]+:)/m)
    .map((block) => [/^([\w"'-]+):/.exec(block)?.[1] ?? "", block] as const);
}

/** Runs a function on a temporary folder with these files. */
export async function inSampleFolder<T>(files: SampleFiles, run: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "topicsmith-docs-"));
  try {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    return await run(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
