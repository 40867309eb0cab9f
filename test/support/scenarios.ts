import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { formatText } from "../../src/diagnostics/index.js";
import { render } from "../../src/generate.js";
import type { FinishedFile } from "../../src/write/index.js";

/** The folder of all scenarios. */
export const SCENARIOS = fileURLToPath(new URL("../scenarios/", import.meta.url));

/** Names of all scenarios: short titles, with dashes for spaces. */
export const scenarioNames: readonly string[] = readdirSync(SCENARIOS, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

/** The result of a spec: files, unless there are errors, and the diagnostics as a user sees them. */
export interface Outcome {
  readonly files: readonly FinishedFile[];
  readonly diagnostics: string;
}

/** Prints the package of a scenario's spec, without writing it. */
export async function runScenario(name: string): Promise<Outcome> {
  const spec = join(SCENARIOS, name, "input/api.yaml");
  const { files, diagnostics, sources } = await render({ spec });
  const text = formatText(diagnostics, { sources, color: false });
  return { files, diagnostics: text.replaceAll(join(SCENARIOS, name, "input/"), "") };
}

/** The scenario whose whole package is held as goldens. */
const COMPLETE = "a-minimal-api";

/** The scenario whose validators are held as goldens. */
const WITH_VALIDATORS = "a-shared-schema-is-declared-once";

/** Scenarios whose types are too long for a review. Documents and a digest hold them. */
const TOO_LONG: ReadonlySet<string> = new Set([
  "large-schema-asyncapi",
  "large-schema-gitlab-ci",
  "large-schema-turbo",
]);

/** The scenarios that are about frame files, and these files. */
const FRAME_GOLDENS: Readonly<Record<string, readonly string[]>> = {
  "a-deprecated-resource-names-its-replacement": ["README.md"],
  "a-plain-topic-needs-no-protocol": [
    "README.md",
    "src/client.ts",
    "src/core.ts",
    "src/platform.ts",
    "src/protocol.ts",
  ],
  "a-resource-sets-its-own-error-payload": ["src/error-payload.ts"],
  "a-type-is-named-after-its-schema-file": ["src/error-payload.ts"],
  "an-api-without-endpoint-parameters": ["README.md", "src/client.ts", "src/core.ts", "src/platform.ts"],
  "an-api-without-parameters": ["README.md", "src/client.ts", "src/core.ts", "src/platform.ts"],
  "an-api-without-request-ids": ["README.md", "src/parse-topic.ts", "src/platform.ts", "src/protocol.ts"],
  "every-topic-has-a-request-id": ["src/protocol.ts"],
  "keys-that-are-not-identifiers-get-names": ["README.md", "src/client.ts", "src/core.ts", "src/index.ts"],
  "mqtt-5-is-the-default": ["src/client.ts", "src/servers.ts"],
  "one-request-waits-at-a-time": ["README.md", "src/error-payload.ts"],
  "optional-levels-stand-anywhere": ["src/client.ts", "src/core.ts", "src/parse-topic.ts", "src/protocol.ts"],
  "prose-cannot-break-out-of-comments-and-strings": [
    "README.md",
    "package.json",
    "src/client.ts",
    "src/error-payload.ts",
    "src/servers.ts",
  ],
  "responses-have-topics-of-their-own": [
    "README.md",
    "src/client.ts",
    "src/core.ts",
    "src/parse-topic.ts",
    "src/platform.ts",
  ],
  "response-topics-have-other-suffixes": ["src/parse-topic.ts", "src/protocol.ts"],
  "several-client-and-endpoint-parameters": ["README.md", "src/client.ts", "src/core.ts", "src/platform.ts"],
  "the-package-section-sets-package-json": ["README.md", "package.json", "src/index.ts"],
  "the-platform-rejects-bad-requests": ["src/error-payload.ts", "src/platform.ts"],
  "topic-levels-in-another-order": ["src/parse-topic.ts", "src/protocol.ts"],
  "two-instances-of-one-extension-share-their-types": ["src/core.ts", "src/parse-topic.ts"],
};

/** Files that differ little from one package to the next: everything outside `src/extensions` and `src/resources` but validators and shared types. */
function isFrame(path: string): boolean {
  return (
    !/^src\/(?:extensions|resources)\//.test(path) &&
    !path.endsWith(".validators.ts") &&
    path !== "src/schemas.ts"
  );
}

/** Whether a scenario's folder holds the text of a file. */
function isGolden(name: string, path: string): boolean {
  if (name === COMPLETE) return true;
  if (path.endsWith(".validators.ts")) return name === WITH_VALIDATORS;
  return isFrame(path) ? (FRAME_GOLDENS[name] ?? []).includes(path) : !TOO_LONG.has(name);
}

/** A line of `files.txt`: how a file is held, and its path. */
function heldBy(name: string, { path, text }: FinishedFile): string {
  const digest = createHash("sha256").update(text).digest("hex").slice(0, 12);
  return `${isGolden(name, path) ? "golden      " : isFrame(path) ? "frame       " : digest} ${path}\n`;
}

/**
 * The files that a scenario's folder has to hold: the diagnostics, if any, and of its package (without the copied
 * runtime) a list of all files and the text of those that the scenario is about. The others are held by a digest
 * (validators, long types), or as frame files only by the compiler.
 */
export function goldenFiles(name: string, { files, diagnostics }: Outcome): readonly FinishedFile[] {
  const own = files.filter(({ path }) => !path.startsWith("src/runtime/"));
  const goldens = own
    .filter(({ path }) => isGolden(name, path))
    .map(({ path, text }) => ({ path: `output/${path}`, text }));
  const list = own.toSorted((a, b) => (a.path < b.path ? -1 : 1)).map((file) => heldBy(name, file));
  if (own.length > 0) goldens.push({ path: "files.txt", text: list.join("") });
  if (diagnostics !== "") goldens.push({ path: "diagnostics.txt", text: diagnostics });
  return goldens;
}

/** The names of a scenario's golden files that are not below `output`. */
const LISTS = ["files.txt", "diagnostics.txt"];

/** The golden files on disk, by path. */
export function readGoldens(name: string): ReadonlyMap<string, string> {
  const folder = join(SCENARIOS, name);
  const paths = existsSync(join(folder, "output"))
    ? readdirSync(join(folder, "output"), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    : [];
  const all = [...paths, ...LISTS.filter((path) => existsSync(join(folder, path)))];
  return new Map(all.map((path) => [path.replaceAll("\\", "/"), readFileSync(join(folder, path), "utf8")]));
}

/** Replaces the golden tree of a scenario. */
export function writeGoldens(name: string, files: readonly FinishedFile[]): void {
  const folder = join(SCENARIOS, name);
  rmSync(join(folder, "output"), { recursive: true, force: true });
  for (const path of LISTS) rmSync(join(folder, path), { force: true });
  for (const { path, text } of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

/**
 * Writes the sources of a printed package into a folder, with a link to the runtime in `src/runtime`, so that the
 * compiler checks the runtime once for many packages.
 */
export function writeSources(folder: string, { files }: Outcome): void {
  for (const { path, text } of files) {
    if (!path.startsWith("src/") || path.startsWith("src/runtime/")) continue;
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  if (files.length > 0)
    symlinkSync(fileURLToPath(new URL("../../src/runtime", import.meta.url)), join(folder, "src/runtime"));
}
