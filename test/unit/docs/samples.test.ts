import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import { describe, expect, it } from "vitest";
import { createProgram } from "../../../src/cli/program.js";
import { formatText } from "../../../src/diagnostics/index.js";
import { validate } from "../../../src/generate.js";
import { renderPackage } from "../../../src/pipeline.js";
import { fencesOf, inSampleFolder, PAGES, specFiles, type SampleFiles } from "../../support/doc-pages.js";

/** Inside the project, so that its packages resolve. */
const FOLDER = fileURLToPath(new URL("../../.tmp/docs/", import.meta.url));

/** The pages whose samples are complete; those of diagnostics have a test of their own. */
const pages = PAGES.filter((page) => !page.startsWith("diagnostics/") || page === "diagnostics/index.md");

/** A TypeScript sample, and the files of the spec that its package is generated from. */
interface Sample {
  /** `client.md:12` */
  readonly place: string;
  readonly text: string;
  readonly files: SampleFiles;
}

/** The TypeScript samples of a page. A sample uses the client of the YAML samples above it, since the last TypeScript sample. */
function samplesOf(page: string): readonly Sample[] {
  let yaml: readonly string[] = [];
  let wasCode = false;
  return fencesOf(page).flatMap(({ language, text, line }) => {
    if (language === "yaml" && !text.startsWith("# faults.yaml")) {
      yaml = wasCode ? [text] : [...yaml, text];
      wasCode = false;
    }
    if (language !== "ts") return [];
    wasCode = true;
    return [{ place: `${page}:${line}`, text, files: specFiles(yaml) }];
  });
}

/** Declares the variables that a page introduces before its sample. */
function withVariables(text: string): string {
  const variables = { client: "KettleClient", kettle: "KettleEndpoint" };
  const missing = Object.entries(variables).filter(
    ([name]) =>
      new RegExp(`(?<![.\\w"])${name}\\.`).test(text) &&
      !new RegExp(`\\b(?:const|let) ${name}\\b`).test(text),
  );
  const declared = missing.map(([name, type]) => `declare const ${name}: import("kettle-client").${type};\n`);
  return `${declared.join("")}${text}\nexport {};\n`;
}

/** Writes the package that a spec generates as a source package, and returns its name. */
async function writePackage(folder: string, files: SampleFiles): Promise<string> {
  const emitted = await inSampleFolder(files, async (input) =>
    renderPackage({ spec: join(input, "kettle.yaml") }),
  );
  if (emitted.files.length === 0)
    throw new Error(formatText(emitted.diagnostics, { sources: emitted.sources, color: false }));
  const manifest = emitted.files.find(({ path }) => path === "package.json");
  // The compiler takes packages with one name and version for the same.
  const version = `1.0.${/\d+$/.exec(folder)?.[0]}`;
  const text = (manifest?.text ?? "")
    .replaceAll(/"\.\/(?:dist|cjs)\/([\w/-]+)\.(?:d\.ts|js)"/g, '"./src/$1.ts"')
    .replace(/"version": "[^"]*"/, `"version": "${version}"`);
  const { name } = JSON.parse(text) as { readonly name: string };
  for (const file of emitted.files.filter(({ path }) => path.startsWith("src/"))) {
    const path = join(folder, "node_modules", name, file.path);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, file.text);
  }
  writeFileSync(join(folder, "node_modules", name, "package.json"), text);
  return name;
}

function run(tool: string, script: string, args: readonly string[]): string {
  const path = join(dirname(createRequire(import.meta.url).resolve(`${tool}/package.json`)), script);
  return spawnSync(process.execPath, [path, ...args], {
    encoding: "utf8",
    env: { ...process.env, NO_COLOR: "1" },
  }).stdout;
}

describe("the samples of the documentation", () => {
  it.each(pages.filter((page) => page.startsWith("spec-format/") || page === "getting-started.md"))(
    "in YAML have no problems: %s",
    async (page) => {
      let above: readonly string[] = [];
      for (const { language, text, line } of fencesOf(page)) {
        if (language !== "yaml") continue;
        // A file belongs to the sample above it.
        const isFile = /^# [\w./-]+\.(?:yaml|json)\n/.test(text);
        above = isFile ? [...above, text] : [text];
        const next = fencesOf(page).find((fence) => fence.line > line);
        if (next !== undefined && /^# [\w./-]+\.(?:yaml|json)\n/.test(next.text)) continue;
        const problems = await inSampleFolder(specFiles(above), async (folder) => {
          const { diagnostics, sources } = await validate(join(folder, "kettle.yaml"));
          return formatText(diagnostics, { sources, color: false });
        });
        expect(problems, `${page}:${line}`).toBe("");
      }
    },
  );

  it("in TypeScript compile against the client of the YAML above them", async () => {
    rmSync(FOLDER, { recursive: true, force: true });
    const samples = pages.flatMap(samplesOf);
    expect(samples.length).toBeGreaterThan(20);
    const packages = new Map<string, { readonly folder: string; readonly name: string }>();
    for (const { place, text, files } of samples) {
      const key = JSON.stringify(files);
      let written = packages.get(key);
      if (written === undefined) {
        const folder = join(FOLDER, `package-${packages.size}`);
        written = { folder, name: await writePackage(folder, files) };
        packages.set(key, written);
      }
      // A project with the layout "source" has the package among its own modules.
      const code = withVariables(text).replace(/"(?:\.\.\/src|\.)\/api\/index\.js"/, `"${written.name}"`);
      writeFileSync(join(written.folder, `${place.replaceAll(/\W/g, "-")}.ts`), code);
    }
    const compilerOptions = { noUnusedLocals: false, noUnusedParameters: false, lib: ["ES2023", "DOM"] };
    const config = {
      extends: "../../../tsconfig.json",
      compilerOptions,
      include: ["package-*/*.ts"],
      exclude: [],
    };
    writeFileSync(join(FOLDER, "tsconfig.json"), JSON.stringify(config));
    expect(run("typescript", "bin/tsc", ["-p", FOLDER])).toBe("");
  });

  it("in sh are commands that topicsmith understands", async () => {
    const lines = [...pages, ...PAGES.filter((page) => page.startsWith("diagnostics/"))].flatMap((page) =>
      fencesOf(page)
        .filter(({ language }) => language === "sh")
        .flatMap(({ text, line }) =>
          text.split("\n").map((command) => ({ place: `${page}:${line}`, command })),
        ),
    );
    const commands = lines.filter(({ command }) => /^(?:npx )?topicsmith /.test(command));
    expect(commands.length).toBeGreaterThan(10);
    for (const { place, command } of commands) {
      const program = createProgram(() => undefined);
      quiet(program);
      const args = wordsOf(command.replace(/^(?:npx )?topicsmith /, ""));
      const outcome = await program.parseAsync(args, { from: "user" }).then(
        () => "understood",
        (error: { readonly code?: string }) => error.code,
      );
      expect(["understood", "commander.helpDisplayed", "commander.help"], `${place}: ${command}`).toContain(
        outcome,
      );
    }
  });
});

/** Makes a program parse its arguments only. */
function quiet(command: Command): void {
  command.exitOverride().configureOutput({ writeOut: () => undefined, writeErr: () => undefined });
  command.action(() => undefined);
  for (const child of command.commands) quiet(child);
}

/** The words of a shell's line, without its comment. */
function wordsOf(line: string): readonly string[] {
  return [...line.replace(/\s#.*$/, "").matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
    ([, single, double, bare]) => single ?? double ?? bare ?? "",
  );
}
