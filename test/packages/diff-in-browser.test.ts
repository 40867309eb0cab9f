import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import vm from "node:vm";
import { build } from "esbuild";
import { expect, it } from "vitest";
import { diff, loadApi } from "../../src/index.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const older = readFileSync(new URL("../unit/diff/plant.yaml", import.meta.url), "utf8");
const newer = older
  .replace("maximum: 10 }", "maximum: 9 }")
  .replace("path: level", "path: depth")
  .replace("note: { type: string }", "note: { type: [string, number] }");
const texts: Readonly<Record<string, string>> = { "/old.yaml": older, "/new.yaml": newer };

async function comparedInNode(): Promise<unknown> {
  const [old, now] = [
    await loadApi("/old.yaml", { read: (file) => texts[file] }),
    await loadApi("/new.yaml", { read: (file) => texts[file] }),
  ];
  if (old.model === undefined || now.model === undefined) throw new Error("a version has errors");
  return JSON.parse(JSON.stringify(diff(old.model, now.model)));
}

it("diff in a bundle for browsers gives the result of Node without any of Node's modules", async () => {
  const { outputFiles, warnings, metafile } = await build({
    stdin: {
      contents: `
        import { diff, loadApi } from "topicsmith/browser";
        const texts = ${JSON.stringify(texts)};
        const load = async (path) => (await loadApi(path, { read: (file) => texts[file] })).model;
        globalThis.finished = (async () => JSON.stringify(diff(await load("/old.yaml"), await load("/new.yaml"))))();
      `,
      resolveDir: root,
    },
    bundle: true,
    write: false,
    metafile: true,
    platform: "browser",
    format: "iife",
    logLevel: "silent",
  });
  expect(warnings).toEqual([]);
  expect(Object.keys(metafile.inputs).filter((path) => /^(node:|\(disabled\))/.test(path))).toEqual([]);
  const context = vm.createContext({ TextDecoder, TextEncoder, URL, structuredClone });
  vm.runInContext(outputFiles[0]?.text ?? "", context);
  const compared = JSON.parse(await (context["finished"] as Promise<string>)) as {
    readonly changes: unknown[];
  };
  expect(compared).toEqual(await comparedInNode());
  expect(compared.changes.length).toBeGreaterThan(2);
});
