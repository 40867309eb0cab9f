import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { generate } from "../../src/index.js";

const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");

/** The fenced blocks of the README in one language. */
function blocks(language: string): readonly string[] {
  return [...readme.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, "gms"))].map(
    ([, text = ""]) => text,
  );
}

describe("the README", () => {
  it("shows a spec that is whole: a package can be generated from it without a remark", async () => {
    const folder = mkdtempSync(join(tmpdir(), "topicsmith-"));
    const spec = join(folder, "kettle.yaml");
    const [text = ""] = blocks("yaml").filter((block) => block.includes("topicsmith: 1"));
    writeFileSync(spec, text);
    const { diagnostics, written } = await generate({ spec, out: join(folder, "out") });
    rmSync(folder, { recursive: true });
    expect(diagnostics).toEqual([]);
    expect(written).toContain("src/extensions/water/boil.ts");
  });

  it("names only scripts that exist", () => {
    const { scripts } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
      scripts: Record<string, string>;
    };
    const named = [...readme.matchAll(/npm (?:run )?(\w[\w:]*)/g)].map(([, name = ""]) => name);
    const known = [...Object.keys(scripts), "ci", "package", "install"];
    expect(named.filter((name) => !known.includes(name))).toEqual([]);
  });
});
