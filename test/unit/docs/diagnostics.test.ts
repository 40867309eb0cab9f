import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { catalogue, type DiagnosticCode } from "../../../src/diagnostics/index.js";
import { validate } from "../../../src/generate.js";
import { readFaults } from "../../../src/mock/read-faults.js";
import {
  DOCS,
  fencesOf,
  inSampleFolder,
  PAGES,
  specFiles,
  type SampleFiles,
} from "../../support/doc-pages.js";

const codes = Object.keys(catalogue) as readonly DiagnosticCode[];

/** The YAML samples in a section of a code's page. */
function samples(code: string, section: string): readonly string[] {
  return fencesOf(`diagnostics/${code}.md`)
    .filter((fence) => fence.section === section && fence.language === "yaml")
    .map(({ text }) => text);
}

/** The codes that `validate` reports for a spec, or the reader of faults files for one. */
async function reported(files: SampleFiles, prepare?: (folder: string) => void): Promise<readonly string[]> {
  return inSampleFolder(files, async (folder) => {
    prepare?.(folder);
    const { diagnostics } =
      files["faults.yaml"] === undefined
        ? await validate(join(folder, "kettle.yaml"))
        : await readFaults(join(folder, "faults.yaml"), ["water.boil"]);
    return diagnostics.map(({ code }) => code);
  });
}

const WATER = specFiles(["extensions:\n  water: { $ref: ./water.yaml }\n"]);
const nested = (levels: number) => `${"[".repeat(levels)}${"]".repeat(levels)}`;
const schemaOf = (schema: string) =>
  specFiles([
    `extensions:\n  water:\n    resources:\n      level:\n        path: level\n        requestId: none\n        request: { schema: ${schema} }\n`,
  ]);

/** The samples of pages whose example is not YAML: a file that no page could show, or a folder. */
const UNSHOWN: Readonly<Partial<Record<DiagnosticCode, () => Promise<readonly string[]>>>> = {
  "not-a-file": () => reported(WATER, (folder) => mkdirSync(join(folder, "water.yaml"))),
  "too-large-file": () => reported({ ...WATER, "water.yaml": `# ${"a".repeat(8 * 1024 * 1024)}\n` }),
  "unreadable-file": () => reported(WATER, (folder) => symlinkSync("water.yaml", join(folder, "water.yaml"))),
  "not-utf-8": () =>
    reported(WATER, (folder) =>
      writeFileSync(join(folder, "water.yaml"), Buffer.from("title: Caf\xe9\nresources: {}\n", "latin1")),
    ),
  "too-deep": () => reported({ ...WATER, "water.yaml": `title: Water\nresources: ${nested(3000)}` }),
  "not-a-root-file": () => reported({ "kettle.yaml": "title: Water\nresources: {}\n" }),
  "foreign-format": () => reported({ "kettle.yaml": "asyncapi: 3.0.0\ninfo: {}\n" }),
  "topic-too-long": () =>
    reported(
      specFiles([
        `extensions:\n  water:\n    resources:\n      boil: { path: ${"x".repeat(65_600)}, requestId: required, response: empty }\n`,
      ]),
    ),
  "name-too-long": () =>
    reported(
      specFiles([
        `extensions:\n  water:\n    resources:\n      ${"a".repeat(250)}: { path: boil, requestId: required, response: empty }\n`,
      ]),
    ),
  "deep-schema": () => reported(schemaOf(`${"{ not: ".repeat(520)}{}${" }".repeat(520)}`)),
  "more-problems": () => reported(specFiles([`extensions:\n${"x: y\n".repeat(1)}${keys(120)}`])),
};

/** An extension with unknown keys. */
function keys(count: number): string {
  return `extensions:\n  water:\n    resources: {}\n${Array.from({ length: count }, (_, index) => `    key${index}: 1\n`).join("")}`;
}

/** Diagnostics of a compiler, and of commands that write, which `diagnostic-commands.test.ts` runs. */
const CAUSED_ELSEWHERE: readonly DiagnosticCode[] = [
  "refused-schema",
  ...Object.keys(catalogue).filter((code) => fencesOf(`diagnostics/${code}.md`).some(isCommand)),
] as readonly DiagnosticCode[];

function isCommand({ section, language }: { readonly section: string; readonly language: string }): boolean {
  return section === "Fix" && language === "sh";
}

describe("the pages of diagnostics", () => {
  it("exist for every code, and for nothing else", () => {
    const pages = PAGES.filter((page) => /^diagnostics\/(?!index\.md)/.test(page));
    expect(pages).toEqual(codes.map((code) => `diagnostics/${code}.md`).toSorted());
  });

  it.each(codes)("have a title, a cause, an example and a fix: %s", (code) => {
    const text = readFileSync(join(DOCS, `diagnostics/${code}.md`), "utf8");
    expect(text).toMatch(/^# `[a-z0-9-]+`\n\n[A-Z`].{20,}/);
    expect(text).toContain(`# \`${code}\``);
    expect([...text.matchAll(/^## (.*)$/gm)].map(([, title]) => title)).toEqual(["Example", "Fix"]);
  });

  it.each(codes.filter((code) => !CAUSED_ELSEWHERE.includes(code)))(
    "show an example that causes the diagnostic: %s",
    async (code) => {
      const example = samples(code, "Example");
      const unshown = UNSHOWN[code];
      expect(example.length > 0, "an example in YAML, or a case in this test").toBe(unshown === undefined);
      expect(await (unshown?.() ?? reported(specFiles(example)))).toContain(code);
    },
  );

  it.each(codes.filter((code) => samples(code, "Fix").length > 0))(
    "show a fix that has no error: %s",
    async (code) => {
      const files = specFiles(samples(code, "Fix"), specFiles(samples(code, "Example")));
      const found = await reported(files);
      expect(found).not.toContain(code);
      expect(found.filter((other) => catalogue[other as DiagnosticCode].severity === "error")).toEqual([]);
    },
  );
});
