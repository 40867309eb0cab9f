import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createJiti } from "jiti";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { loadHandlers } from "../../../src/mock/load-handlers.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "topicsmith-handlers-"));
  mkdirSync(join(folder, "tmp"));
  vi.stubEnv("TMPDIR", join(folder, "tmp"));
  vi.stubEnv("JITI_RESPECT_TMPDIR_ENV", "1");
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

const HANDLERS = "const name: string = 'mine'; export default { water: { boil: () => ({ name }) } };";

/** What the handler of a module responds. */
async function responseOf(file: string): Promise<unknown> {
  const { handlers } = await loadHandlers(file);
  const handler: unknown = Reflect.get(Reflect.get(handlers, "water") ?? {}, "boil");
  return (handler as () => unknown)();
}

describe("loadHandlers", () => {
  test("runs no compiled code that another user has put into the temporary folder", async () => {
    const file = join(folder, "handlers.ts");
    writeFileSync(file, HANDLERS);
    // The cache that jiti keeps by default; another user needs only the name and the text of the file to write it.
    const cache = join(folder, "tmp/jiti");
    await createJiti(import.meta.url, { fsCache: cache, moduleCache: false }).import(file);
    const cached = readdirSync(cache).map((name) => join(cache, name));
    expect(cached.length).toBeGreaterThan(0);
    for (const path of cached)
      writeFileSync(path, readFileSync(path, "utf8").replaceAll("'mine'", "'theirs'"));
    const jiti = createJiti(import.meta.url, { fsCache: cache, moduleCache: false });
    expect(await jiti.import(file)).toHaveProperty("default");
    vi.stubEnv("JITI_FS_CACHE", JSON.stringify(cache));
    expect(await responseOf(file)).toEqual({ name: "mine" });
  });

  test("writes no compiled code into the temporary folder", async () => {
    writeFileSync(join(folder, "handlers.ts"), HANDLERS);
    await responseOf(join(folder, "handlers.ts"));
    expect(readdirSync(join(folder, "tmp"))).toEqual([]);
  });

  test.each([
    ["a file with another ending", "handlers", "handlers.ts"],
    ["a file with one more ending", "handlers.ts", "handlers.ts.js"],
    ["the index file of a folder rather", "handlers", "handlers/index.js"],
  ])("does not run %s than what the user named", async (_, named, planted) => {
    mkdirSync(join(folder, "handlers"), { recursive: true });
    writeFileSync(join(folder, planted), "export default { water: { boil: () => ({}) } };");
    if (planted === "handlers.ts") rmSync(join(folder, "handlers"), { recursive: true });
    await expect(loadHandlers(join(folder, named))).rejects.toThrow(`cannot load ${join(folder, named)}: `);
  });

  test("runs what a module imports again, and lists it, whatever its format", async () => {
    const files: Readonly<Record<string, string>> = {
      "package.json": '{ "type": "module" }',
      "handlers.js":
        'import { a } from "./a.mjs"; import { b } from "./b.ts"; import c from "./c.json"; import d from "./d.cjs"; export default { water: { boil: () => [a, b, c.value, d.value] } };',
      "a.mjs": "export const a = 1;",
      "b.ts": "export const b: number = 1;",
      "c.json": '{ "value": 1 }',
      "d.cjs": "module.exports = { value: 1 };",
    };
    const write = (text: (given: string) => string): void => {
      for (const [name, given] of Object.entries(files)) writeFileSync(join(folder, name), text(given));
    };
    write((given) => given);
    const main = join(folder, "handlers.js");
    expect(await responseOf(main)).toEqual([1, 1, 1, 1]);
    write((given) => given.replaceAll("1", "2"));
    expect(await responseOf(main)).toEqual([2, 2, 2, 2]);
    const imported = ["handlers.js", "a.mjs", "b.ts", "c.json", "d.cjs"].map((name) => join(folder, name));
    expect(new Set((await loadHandlers(main)).files)).toEqual(new Set(imported));
  });

  test("runs a module with await at its top level", async () => {
    const file = join(folder, "handlers.ts");
    writeFileSync(
      file,
      `const name = await Promise.resolve("late"); ${HANDLERS.slice(HANDLERS.indexOf("export"))}`,
    );
    expect(await responseOf(file)).toEqual({ name: "late" });
  });
});
