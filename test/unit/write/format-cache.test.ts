import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { generate } from "../../../src/index.js";
import { FormatCache } from "../../../src/write/format-cache.js";
import { FormatQueue } from "../../../src/write/format-queue.js";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "topicsmith-cache-"));
  path = join(folder, "node_modules/.cache/topicsmith/a.json");
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

/** Formats files with the cache at `path`; returns the texts. */
async function format(files: Readonly<Record<string, string>>, generator = "1"): Promise<readonly string[]> {
  const queue = new FormatQueue(new FormatCache(path, generator));
  queue.add(Object.entries(files).map(([name, text]) => ({ path: name, text, parser: "typescript" })));
  return (await queue.finish()).map(({ text }) => text);
}

/** Replaces a formatted text in the cache, so that its use is seen. */
function mark(formatted: string, by: string): void {
  const text = readFileSync(path, "utf8");
  expect(text).toContain(JSON.stringify(formatted));
  writeFileSync(path, text.replace(JSON.stringify(formatted), JSON.stringify(by)));
}

describe("the cache of formatted texts", () => {
  it("gives the text of the last run for the same printed text, whatever its path", async () => {
    expect(await format({ "a.ts": "let a=1" })).toEqual(["let a = 1;\n"]);
    mark("let a = 1;\n", "cached\n");
    expect(await format({ "b.ts": "let a=1", "c.ts": "let c=1" })).toEqual(["cached\n", "let c = 1;\n"]);
  });

  it("forgets what the last run did not print", async () => {
    await format({ "a.ts": "let a=1", "b.ts": "let b=1" });
    await format({ "b.ts": "let b=1", "c.ts": "let c=1" });
    expect(readFileSync(path, "utf8")).not.toContain("let a");
    expect(readFileSync(path, "utf8")).toContain("let b");
  });

  it.each([
    ["of another generator", () => undefined, "2"],
    ["that is not JSON", () => writeFileSync(path, "{"), "1"],
    ["without texts", () => writeFileSync(path, '{ "generator": "1", "texts": [] }'), "1"],
  ])("is not used if it is one %s", async (_, change, generator) => {
    await format({ "a.ts": "let a=1" });
    mark("let a = 1;\n", "cached\n");
    change();
    expect(await format({ "a.ts": "let a=1" }, generator)).toEqual(["let a = 1;\n"]);
  });

  it("is missed without harm where it cannot be written", async () => {
    mkdirSync(join(folder, "node_modules"));
    writeFileSync(join(folder, "node_modules/.cache"), "a file");
    expect(await format({ "a.ts": "let a=1" })).toEqual(["let a = 1;\n"]);
    expect(readdirSync(join(folder, "node_modules"))).toEqual([".cache"]);
  });

  it("is kept by generate in the project's node_modules, and nowhere if there is none", async () => {
    const spec = join(folder, "api.yaml");
    writeFileSync(
      spec,
      `topicsmith: 1
api: { name: door, title: Door, version: 1.0.0 }
protocol: { topic: "{extension}/{resource}", success: "{request}/status", error: "{request}/error" }
extensions: { lock: { resources: { open: { path: open, requestId: none } } } }
`,
    );
    vi.spyOn(process, "cwd").mockReturnValue(folder);
    await generate({ spec, out: join(folder, "out") });
    expect(readdirSync(folder)).toEqual(["api.yaml", "out"]);
    mkdirSync(join(folder, "node_modules"));
    rmSync(join(folder, "out"), { recursive: true });
    await generate({ spec, out: join(folder, "out") });
    expect(readdirSync(join(folder, "node_modules/.cache/topicsmith"))).toHaveLength(1);
  });
});
