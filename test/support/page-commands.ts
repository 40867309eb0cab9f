/** Runs the commands on a page of the documentation as a reader would who copies them. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { createProgram } from "../../src/cli/program.js";
import { JOURNAL, journalText } from "../../src/write/journal.js";
import { MANIFEST } from "../../src/write/manifest.js";
import { EXAMPLE_API, fencesOf, specFiles } from "./doc-pages.js";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** A document that `import asyncapi` reads without an error. */
const ASYNCAPI = `asyncapi: 3.0.0
info: { title: Lamp, version: 1.0.0 }
channels:
  state:
    address: lamps/{lamp}/state
    parameters: { lamp: {} }
    messages: { state: { payload: { type: boolean } } }
operations:
  report: { action: receive, channel: { $ref: "#/channels/state" } }
`;

/** A converter that fails like the real one, which is large and not installed here. */
const CONVERTER = `export default {
  convert() { throw new Error("Cannot use 'in' operator to search for 'title' in undefined"); },
};
`;

/** What comments on commands ask the reader for. */
const EDITS: Readonly<Record<string, (folder: string) => void>> = {
  "then change the spec": (folder) =>
    edit(join(folder, "kettle.yaml"), (spec) => spec.replace("Heats the water.", "Boils the water.")),
  "then remove the resource water.level from the spec": (folder) =>
    edit(join(folder, "kettle.yaml"), (spec) => spec.replace(/^ {6}level:\n(?: {8}.*\n)*/m, "")),
  'then list "../secret.txt" in .topicsmith.json': (folder) =>
    edit(join(folder, "generated/kettle", MANIFEST), (text) =>
      text.replace('"outputs": {', '"outputs": {\n    "../secret.txt": "0",'),
    ),
  "interrupted after it wrote src/pump.ts, which was edited since": (folder) => {
    const out = join(folder, "generated/kettle");
    writeFileSync(join(out, "src/pump.ts"), "// mine\n");
    writeFileSync(join(out, JOURNAL), journalText(new Map([["src/pump.ts", ["0".repeat(64)]]])));
  },
};

function edit(path: string, change: (text: string) => string): void {
  writeFileSync(path, change(readFileSync(path, "utf8")));
}

/** Writes what the pages take for granted to a folder: installed packages, and the specs that commands name. Runs share a `cache`. */
export function writeProject(
  folder: string,
  { cache, hasConverter = false }: { readonly cache: string; readonly hasConverter?: boolean },
): void {
  const modules = join(folder, "node_modules");
  mkdirSync(join(modules, "@asyncapi"), { recursive: true });
  // Most pages generate the same package, so that its files are formatted only once.
  symlinkSync(cache, join(modules, ".cache"));
  symlinkSync(ROOT, join(modules, "topicsmith"));
  symlinkSync(join(ROOT, "node_modules/prettier"), join(modules, "prettier"));
  const files = {
    "package.json": '{ "private": true, "type": "module" }\n',
    "kettle.yaml": EXAMPLE_API,
    "cup.yaml": EXAMPLE_API.replaceAll("name: kettle", "name: cup"),
    "asyncapi.yaml": ASYNCAPI,
    ...(hasConverter && {
      "node_modules/@asyncapi/converter/package.json": '{ "type": "module", "main": "index.js" }\n',
      "node_modules/@asyncapi/converter/index.js": CONVERTER,
    }),
  };
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

/** The result of the commands of a section. */
export interface Session {
  /** What the commands printed to standard error, without the path of the folder. */
  readonly errors: string;
  /** The exit code of the last command of topicsmith. */
  readonly exitCode: number;
}

/** Writes the files of a section of a page to a folder and runs its commands there; without any, `topicsmith generate`. */
export async function runSection(page: string, section: string, folder: string): Promise<Session> {
  const fences = fencesOf(page).filter((fence) => fence.section === section);
  for (const { language, text } of fences) {
    if (language === "yaml") {
      for (const [path, content] of Object.entries(specFiles([text]))) {
        if (path !== "kettle.yaml" || !text.startsWith("#")) writeFileSync(join(folder, path), content);
      }
    }
    const [, module] = /^\/\/ ([\w.]+\.ts)\n/.exec(text) ?? [];
    if (language === "ts" && module !== undefined) writeFileSync(join(folder, module), text);
  }
  const lines = fences
    .filter(({ language }) => language === "sh")
    .flatMap(({ text }) => text.trim().split("\n"));
  let session: Session = { errors: "", exitCode: 0 };
  for (const line of lines.length === 0 ? ["npx topicsmith generate"] : lines) {
    const [command = "", comment = ""] = line.split(/\s+# /);
    if (command.startsWith("npx topicsmith ")) {
      const { errors, exitCode } = await topicsmith(command.split(" ").slice(2), folder);
      session = { errors: session.errors + errors, exitCode };
    } else if (!/^(?:npx|npm) /.test(command)) execFileSync("/bin/sh", ["-c", command], { cwd: folder });
    if (comment !== "" && EDITS[comment] === undefined) throw new Error(`no edit for "${comment}"`);
    EDITS[comment]?.(folder);
  }
  return { ...session, errors: session.errors.replaceAll(`${realpathSync(folder)}/`, "") };
}

/** Runs topicsmith in this process, as if in a folder. */
async function topicsmith(args: readonly string[], folder: string): Promise<Session> {
  const before = process.cwd();
  const writeOut = process.stdout.write.bind(process.stdout);
  const writeError = process.stderr.write.bind(process.stderr);
  let errors = "";
  let exitCode = 0;
  process.chdir(folder);
  process.stdout.write = () => true;
  process.stderr.write = (text: string | Uint8Array) => {
    errors += String(text);
    return true;
  };
  try {
    await createProgram((code) => {
      exitCode = code;
    }).parseAsync(["node", "topicsmith", ...args]);
  } finally {
    process.stdout.write = writeOut;
    process.stderr.write = writeError;
    process.chdir(before);
  }
  return { errors, exitCode };
}
