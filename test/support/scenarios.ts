import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { formatText } from "../../src/diagnostics/index.js";
import { printSpec } from "../../src/generate.js";
import type { FinishedFile } from "../../src/write/index.js";

/** The folder of all scenarios. */
export const SCENARIOS = fileURLToPath(new URL("../scenarios/", import.meta.url));

/** Names of all scenarios: sentences, with dashes for spaces. */
export const scenarioNames: readonly string[] = readdirSync(SCENARIOS, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

/** What a spec gives: files, unless there are errors, and the diagnostics as a user sees them. */
export interface Outcome {
  readonly files: readonly FinishedFile[];
  readonly diagnostics: string;
}

/** Runs a scenario's input through the line, without writing. */
export async function runScenario(name: string): Promise<Outcome> {
  const spec = join(SCENARIOS, name, "input/api.yaml");
  const { files = [], diagnostics, sources } = await printSpec({ spec });
  const text = formatText(diagnostics, { sources, color: false });
  return { files, diagnostics: text.replaceAll(join(SCENARIOS, name, "input/"), "") };
}

/** What is the same in every package is kept in one scenario only; the runtime in none. */
const CONSTANT = new Set(["LICENSE", ".gitignore", "cjs/package.json", "tsconfig.json", "tsconfig.cjs.json"]);
const COMPLETE = "a-minimal-api";

/** The files of an outcome that its golden tree holds. */
export function goldenFiles(name: string, { files, diagnostics }: Outcome): readonly FinishedFile[] {
  const output = files
    .filter(({ path }) => !path.startsWith("src/runtime/") && (name === COMPLETE || !CONSTANT.has(path)))
    .map(({ path, text }) => ({ path: `output/${path}`, text }));
  return diagnostics === "" ? output : [...output, { path: "diagnostics.txt", text: diagnostics }];
}

/** The golden tree as it is on disk. */
export function readGoldens(name: string): ReadonlyMap<string, string> {
  const folder = join(SCENARIOS, name);
  const paths = existsSync(join(folder, "output"))
    ? readdirSync(join(folder, "output"), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    : [];
  const all = existsSync(join(folder, "diagnostics.txt")) ? [...paths, "diagnostics.txt"] : paths;
  return new Map(all.map((path) => [path.replaceAll("\\", "/"), readFileSync(join(folder, path), "utf8")]));
}

/** Replaces the golden tree of a scenario. */
export function writeGoldens(name: string, files: readonly FinishedFile[]): void {
  const folder = join(SCENARIOS, name);
  rmSync(join(folder, "output"), { recursive: true, force: true });
  rmSync(join(folder, "diagnostics.txt"), { force: true });
  for (const { path, text } of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}
