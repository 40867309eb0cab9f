import { execFileSync } from "node:child_process";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Side } from "../../../src/asyncapi/index.js";
import { exported, hasTools, loadSpec, SPECS, TOOLS } from "./support.js";

const require = createRequire(join(TOOLS, "package.json"));

interface Finding {
  readonly severity: number;
  readonly code: string;
  readonly message: string;
}

interface Tools {
  readonly Parser: new () => {
    parse(text: string): Promise<{ readonly document?: unknown; readonly diagnostics: readonly Finding[] }>;
  };
  readonly TypeScriptGenerator: new (options: object) => {
    generate(document: unknown): Promise<readonly { readonly modelName: string; readonly result: string }[]>;
  };
}

/** The schema of AsyncAPI itself, over which the parser and modelina take more than ten minutes; redocly does not. */
const LARGEST = "large-schema-asyncapi";

// Both sides for the first, the other ones in turns: the documents of the sides differ only in their actions.
const CASES = SPECS.flatMap((path, index): readonly (readonly [path: string, side: Side])[] => {
  const sides = ["device", "platform"] as const;
  return index === 0 ? sides.map((side) => [path, side] as const) : [[path, sides[index % 2] ?? "device"]];
});
const PARSED = CASES.filter(([path]) => !path.includes(LARGEST));

describe.skipIf(!hasTools)(
  "an exported document (npm ci --prefix tools/asyncapi)",
  () => {
    it.each(PARSED)("of %s, side %s: @asyncapi/parser finds no error and no warning", async (path, side) => {
      const spec = await loadSpec(path);
      if (spec === undefined) return;
      const { Parser } = require("@asyncapi/parser") as Tools;
      const { document, diagnostics } = await new Parser().parse(exported(spec, side));
      // 0 is an error, 1 a warning. An information says that 3.0 is not the latest version, which modelina cannot read.
      expect(diagnostics.filter(({ severity }) => severity <= 1)).toEqual([]);
      expect(document).toBeDefined();
    });

    it.each(PARSED)("of %s, side %s: @asyncapi/modelina gives every model a name", async (path, side) => {
      const spec = await loadSpec(path);
      if (spec === undefined) return;
      const { TypeScriptGenerator } = require("@asyncapi/modelina") as Tools;
      const document = JSON.parse(exported(spec, side, "json")) as unknown;
      const models = await new TypeScriptGenerator({ modelType: "interface" }).generate(document);
      expect(
        models.filter(({ modelName, result }) => /anonymous/i.test(modelName + result) || modelName === ""),
      ).toEqual([]);
    });

    it("of every spec: redocly lint finds no error", async () => {
      const folder = realpathSync(mkdtempSync(join(tmpdir(), "topicsmith-asyncapi-")));
      try {
        const files: string[] = [];
        for (const [index, [path, side]] of CASES.entries()) {
          const spec = await loadSpec(path);
          if (spec === undefined) continue;
          files.push(`${index}.yaml`);
          writeFileSync(join(folder, `${index}.yaml`), exported(spec, side));
        }
        const redocly = join(TOOLS, "node_modules/.bin/redocly");
        const env = { ...process.env, REDOCLY_TELEMETRY: "off", REDOCLY_SUPPRESS_UPDATE_NOTICE: "true" };
        const options = {
          cwd: folder,
          encoding: "utf8",
          env,
          maxBuffer: 100_000_000,
          stdio: "pipe",
        } as const;
        // It exits with 1 if it finds errors, and execFileSync then throws with its report.
        expect(execFileSync(redocly, ["lint", ...files, "--format=stylish"], options)).toBeDefined();
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  },
  240_000,
);

it.skipIf(hasTools)("the tools of AsyncAPI are not installed: run npm ci --prefix tools/asyncapi", () => {
  expect(process.env["CI"], "CI has to install them").toBeUndefined();
});
