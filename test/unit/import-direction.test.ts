import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Runs oxlint with the project's configuration over the given files; returns rule and file of each finding. */
function lint(files: Readonly<Record<string, string>>): readonly string[] {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "topicsmith-lint-")));
  try {
    copyFileSync(join(ROOT, ".oxlintrc.json"), join(folder, ".oxlintrc.json"));
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    const { diagnostics } = JSON.parse(runOxlint(folder, ".")) as {
      readonly diagnostics: readonly { readonly code: string; readonly filename: string }[];
    };
    return diagnostics.map(({ code, filename }) => `${code} ${filename}`).toSorted();
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function runOxlint(cwd: string, target: string): string {
  const oxlint = join(dirname(createRequire(import.meta.url).resolve("oxlint/package.json")), "bin/oxlint");
  try {
    return execFileSync(process.execPath, [oxlint, "--format=json", target], { cwd, encoding: "utf8" });
  } catch (error) {
    // oxlint exits with 1 if it finds anything.
    return (error as { readonly stdout: string }).stdout;
  }
}

it("oxlint refuses every import against the direction of ARCHITECTURE.md, in subfolders too", () => {
  const imports: readonly (readonly [file: string, specifier: string, isAllowed: boolean])[] = [
    ["src/json/deep/a.ts", "../../diagnostics/index.js", false],
    ["src/diagnostics/catalogue/a.ts", "../../json/json.js", false],
    ["src/diagnostics/c.ts", "node:fs/promises", false],
    ["src/json/b.ts", "../pipeline.js", false],
    ["src/json/c.ts", "../index.js", false],
    ["src/json/d.ts", "./pointer.js", true],
    ["src/json/e.ts", "fs", false],
    ["src/files/b.ts", "node:fs", true],
    ["src/spec/e.ts", "../load-api.js", false],
    ["src/diagnostics/catalogue/b.ts", "../../spec/document.js", false],
    ["src/files/a.ts", "../json/json.js", false],
    ["src/spec/d.ts", "../files/index.js", true],
    ["src/write/c.ts", "../files/index.js", true],
    ["src/model/e.ts", "../files/index.js", false],
    ["src/emit/d.ts", "../files/index.js", false],
    ["src/spec/a.ts", "../diagnostics/catalogue/spec.js", true],
    ["src/spec/deep/b.ts", "../../schema/types/type.js", false],
    ["src/spec/c.ts", "../schema/dialect.js", true],
    ["src/schema/types/a.ts", "../schema-index.js", true],
    ["src/schema/check/b.ts", "../../model/api-model.js", false],
    ["src/schema/c.ts", "node:fs", false],
    ["src/schema/types/d.ts", "node:net", false],
    ["src/schema/validators/helpers.ts", "node:fs", true],
    ["src/schema/types/c.ts", "../../index.js", false],
    ["src/schema/d.ts", "./index.js", true],
    ["src/model/f.ts", "../pipeline.js", false],
    ["src/model/g.ts", "node:fs", false],
    ["src/model/h.ts", "../spec/index.js", true],
    ["src/model/a.ts", "../runtime/topics/grammar.js", true],
    ["src/model/d.ts", "../runtime/api/messages.js", true],
    ["src/model/b.ts", "../runtime/api/descriptor.js", false],
    ["src/model/c.ts", "../runtime/index.js", false],
    ["src/emit/deep/a.ts", "../../model/index.js", true],
    ["src/emit/deep/b.ts", "../../write/format.js", false],
    ["src/emit/c.ts", "../diagnostics/index.js", false],
    ["src/write/a.ts", "../emit/output-file.js", true],
    ["src/write/b.ts", "../schema/types/type.js", false],
    ["src/runtime/client/a.ts", "../topics/grammar.js", true],
    ["src/runtime/client/b.ts", "../../model/index.js", false],
    ["src/runtime/client/c.ts", "node:fs", false],
    ["src/runtime/client/d.ts", "../../pipeline.js", false],
    ["src/runtime/client/e.ts", "fs", false],
    ["src/runtime/client/f.ts", "fs/promises", false],
    ["src/runtime/client/g.ts", "mqtt", false],
    ["src/runtime/platform/a.ts", "mqtt/dist/mqtt.esm.js", false],
    ["src/runtime/transport/a.ts", "mqtt", true],
    ["src/runtime/transport/b.ts", "events", false],
    ["src/runtime/transport/c.ts", "../../model/index.js", false],
    ["src/runtime/platform.ts", "./index.js", true],
    ["src/emit/e.ts", "../pipeline.js", false],
    ["src/write/d.ts", "../generate.js", false],
    ["src/config/a.ts", "../spec/index.js", true],
    ["src/config/b.ts", "../write/index.js", true],
    ["src/config/c.ts", "../load-api.js", false],
    ["src/config/d.ts", "../schema/index.js", false],
    ["src/emit/f.ts", "../config/index.js", false],
    ["src/mock/h.ts", "../config/index.js", false],
    ["src/mock/d.ts", "../load-api.js", true],
    ["src/mock/e.ts", "../pipeline.js", false],
    ["src/mock/f.ts", "../index.js", false],
    ["src/mock/g.ts", "../model/index.js", true],
    ["src/mock/deep/a.ts", "../../runtime/client/client.js", true],
    ["src/mock/deep/b.ts", "../../emit/emit.js", false],
    ["src/mock/c.ts", "../generate.js", false],
    ["src/asyncapi/a.ts", "../model/index.js", true],
    ["src/asyncapi/export/a.ts", "../../runtime/topics/grammar.js", true],
    ["src/asyncapi/export/b.ts", "../../runtime/index.js", false],
    ["src/asyncapi/import/a.ts", "../../emit/emit.js", false],
    ["src/asyncapi/import/b.ts", "../../load-from.js", false],
    ["src/asyncapi/c.ts", "node:fs", false],
    ["src/model/z.ts", "../asyncapi/index.js", false],
    ["src/emit/z.ts", "../asyncapi/index.js", false],
    ["src/mock/z.ts", "../asyncapi/index.js", false],
    ["src/mock/diff.ts", "../diff/index.js", false],
    ["src/model/i.ts", "../diff/index.js", false],
    ["src/diff/a.ts", "../model/index.js", true],
    ["src/diff/schema/b.ts", "../../schema/references.js", true],
    ["src/diff/c.ts", "../runtime/client/unknown-properties.js", true],
    ["src/diff/d.ts", "../runtime/client/client.js", false],
    ["src/diff/e.ts", "../spec/index.js", false],
    ["src/diff/schema/f.ts", "../../write/index.js", false],
    ["src/diff/g.ts", "node:path", false],
    ["src/diff/h.ts", "../load-api.js", false],
    ["src/mock/docs.ts", "../api-docs/index.js", false],
    ["src/api-docs/a.ts", "../emit/usage.js", true],
    ["src/api-docs/b.ts", "../model/index.js", true],
    ["src/api-docs/c.ts", "../mock/index.js", false],
    ["src/api-docs/d.ts", "../load-api.js", false],
    ["src/emit/docs.ts", "../api-docs/index.js", false],
  ];
  const files = imports.map(
    ([file, specifier]) => [file, `export type { X } from "${specifier}";\n`] as const,
  );
  const refused = imports.filter(([, , isAllowed]) => !isAllowed);
  expect(lint(Object.fromEntries(files))).toEqual(
    refused.map(([file]) => `eslint(no-restricted-imports) ${file}`).toSorted(),
  );
});

it("oxlint finds import cycles, of types alone too", () => {
  const files = {
    "src/model/a.ts": 'import type { B } from "./b.js";\nexport type A = B | 1;\n',
    "src/model/b.ts": 'import type { A } from "./a.js";\nexport type B = A | 2;\n',
    "src/model/c.ts": 'import type { A } from "./a.js";\nexport type C = A;\n',
  };
  expect(lint(files)).toEqual(["import(no-cycle) src/model/a.ts", "import(no-cycle) src/model/b.ts"]);
});

it("oxlint finds neither an import cycle nor an import against the direction in src", () => {
  const { diagnostics } = JSON.parse(runOxlint(ROOT, "src")) as {
    readonly diagnostics: readonly { code: string }[];
  };
  const imports = diagnostics.filter(({ code }) => /no-cycle|no-restricted-imports/.test(code));
  expect(imports).toEqual([]);
});
