import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import vm from "node:vm";
import { build } from "esbuild";
import { beforeAll, describe, expect, it } from "vitest";
import type { Diagnostic } from "../../src/diagnostics/index.js";
import { diff, formatDiff } from "../../src/diff/index.js";
import { loadApi } from "../../src/load-api.js";
import { chromium, openPage } from "../support/chromium.js";
import { scenarioNames, SCENARIOS } from "../support/scenarios.js";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** The folders of specs with one root file each, which is called after the folder or `api.yaml`. */
const SPECS: readonly (readonly [folder: string, rootFile: string])[] = [
  [join(root, "spec/kaa"), "kaa.yaml"],
  ...scenarioNames.map((name) => [join(SCENARIOS, name, "input"), "api.yaml"] as const),
];

/** A pattern that takes polynomial time, letters beyond ASCII, and a schema of draft-06: each needs a module of its own. */
const RARE = `topicsmith: 1
api: { name: rare, title: Rare, version: 1.0.0 }
protocol: { topic: "{extension}/{resource}", success: "{request}/status", error: "{request}/error" }
extensions:
  übung:
    resources:
      größe:
        path: groesse
        requestId: none
        request:
          schema:
            $schema: "http://json-schema.org/draft-06/schema#"
            type: object
            properties: { a: { type: string, pattern: "a*a*b" }, b: { minimum: "1" } }
`;

/** Two versions of an API. The second narrows a request, so that a witness is searched. */
const VERSIONS = [9, 8].map(
  (maximum) => `topicsmith: 1
api: { name: lamp, title: Lamp, version: 1.0.0 }
protocol: { topic: "{extension}/{resource}", success: "{request}/status", error: "{request}/error" }
extensions:
  light:
    resources:
      on: { path: on, requestId: none, request: { schema: { type: integer, maximum: ${maximum} } } }
`,
);

/** What a page reports of a spec. */
interface Account {
  readonly ok: boolean;
  readonly diagnostics: readonly Diagnostic[];
  readonly inputs: readonly string[];
  readonly resources: readonly string[];
}

/** The results for all specs by path, and the comparison of two versions as JSON. */
type Accounts = Readonly<Record<`/${string}`, Account>> & { readonly changes: string };

/** All specs in memory: texts by path, and the paths of root files. */
function inMemory(): {
  readonly texts: Readonly<Record<string, string>>;
  readonly roots: readonly `/${string}`[];
} {
  const [old = "", now = ""] = VERSIONS;
  const texts: Record<string, string> = { "/rare.yaml": RARE, "/old.yaml": old, "/new.yaml": now };
  const roots: `/${string}`[] = ["/rare.yaml"];
  for (const [folder, rootFile] of SPECS) {
    const name = folder.endsWith("input") ? basename(join(folder, "..")) : basename(folder);
    for (const path of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
      if (!/\.(ya?ml|json)$/.test(path)) continue;
      texts[`/${name}/${path.replaceAll("\\", "/")}`] = readFileSync(join(folder, path), "utf8");
    }
    roots.push(`/${name}/${rootFile}`);
  }
  return { texts, roots };
}

const specs = inMemory();

/** The results of Node for the same texts, below a folder that does not exist on disk. */
async function accountsInNode(): Promise<Accounts> {
  const accounts: Record<`/${string}`, Account> = {};
  for (const path of specs.roots) {
    // oxlint-disable-next-line no-await-in-loop -- one model in memory at a time
    const loaded = await loadApi(path, { hints: true, read: (file) => specs.texts[file] });
    accounts[path] = accountOf(loaded);
  }
  const read = (file: string): string | undefined => specs.texts[file];
  const [old, now] = [await loadApi("/old.yaml", { read }), await loadApi("/new.yaml", { read })];
  if (old.model === undefined || now.model === undefined) throw new Error("a version has errors");
  return { ...accounts, changes: formatDiff(diff(old.model, now.model), "json") };
}

function accountOf({ ok, diagnostics, inputs, model }: Awaited<ReturnType<typeof loadApi>>): Account {
  const resources = (model?.extensions ?? []).flatMap((extension) => extension.resources.map(({ id }) => id));
  return { ok, diagnostics, inputs, resources };
}

/** A script that loads every spec with the bundled generator and passes the results to `report`. */
async function bundle(specifier: string): Promise<string> {
  const { outputFiles, warnings, metafile } = await build({
    stdin: {
      contents: `
        import { diff, formatDiff, loadApi } from ${JSON.stringify(specifier)};
        const { texts, roots } = ${JSON.stringify(specs)};
        const accountOf = ${accountOf.toString()};
        const accounts = {};
        globalThis.finished = (async () => {
          for (const path of roots)
            accounts[path] = accountOf(await loadApi(path, { hints: true, read: (file) => texts[file] }));
          const [old, now] = await Promise.all(
            ["/old.yaml", "/new.yaml"].map((path) => loadApi(path, { read: (file) => texts[file] })),
          );
          accounts.changes = formatDiff(diff(old.model, now.model), "json");
          return JSON.stringify(accounts);
        })();
        globalThis.finished.then((body) => globalThis.fetch?.("/report", { method: "POST", body }));
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
  return outputFiles[0]?.text ?? "";
}

let expected: Accounts;
beforeAll(async () => {
  expected = await accountsInNode();
});

describe("loadApi and diff in a bundle for browsers", { timeout: 240_000 }, () => {
  it.each(["topicsmith", "topicsmith/browser"])(
    "imported from %s, give the models, diagnostics and changes of Node without any of Node's modules",
    async (specifier) => {
      const context = vm.createContext({ TextDecoder, TextEncoder, URL, structuredClone });
      vm.runInContext(await bundle(specifier), context);
      const accounts = JSON.parse(await (context["finished"] as Promise<string>)) as unknown;
      expect(accounts).toEqual(expected);
      expect(expected.changes).toContain("request-narrowed");
      expect(Object.keys(expected).length).toBeGreaterThan(50);
      expect(expected["/rare.yaml"]?.diagnostics.map(({ code }) => code)).toEqual([
        "open-object",
        "polynomial-pattern",
        "invalid-schema",
      ]);
    },
  );

  const absent = chromium === undefined ? " (no Chromium on the PATH: apt-get install chromium)" : "";
  it.skipIf(chromium === undefined)(`give the same in Chromium as in Node${absent}`, async () => {
    const script = await bundle("topicsmith");
    const contentSecurityPolicy = "default-src 'none'; script-src 'self' 'unsafe-eval'; connect-src 'self'";
    expect(JSON.parse(await openPage({ script, contentSecurityPolicy }))).toEqual(expected);
  });
});
