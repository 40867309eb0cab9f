import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { ts } from "ts-morph";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { emit } from "../../src/emit/index.js";
import { loadApi } from "../../src/load-api.js";
import type { ApiModel } from "../../src/model/index.js";
import { INDEX_SYMBOLS, OPTION_NAMES, PLATFORM_SYMBOLS } from "../../src/runtime/symbols.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");

/** The keys of one resource that become identifiers. */
interface ResourceKeys {
  readonly resource: string;
  /** Of a schema that only this resource uses. */
  readonly definition: string;
  readonly required: string;
  readonly optional: string;
}

/** The keys of a spec that become identifiers. */
interface Keys {
  readonly api: string;
  readonly client: readonly string[];
  readonly endpoint: readonly string[];
  readonly extensions: Readonly<Record<string, readonly Partial<ResourceKeys>[]>>;
}

const KEYS: Keys = { api: "zoo", client: ["zed"], endpoint: ["zig"], extensions: { zebra: [{}] } };

/** A spec whose package uses everything that generated code can use, in each module where it can. */
function specOf({ api, client, endpoint, extensions }: Keys): object {
  const item = { type: "object", properties: { id: { type: "integer" } }, required: ["id"] };
  const levels = (names: readonly string[], bind: object) =>
    Object.fromEntries(names.map((name) => [name, { ...bind, pattern: "^z+$" }]));
  const resourcesOf = (keys: Partial<ResourceKeys>, index: number): object => {
    const { resource = `zeal${index}`, required = "zone", optional = "zip", definition } = keys;
    const shared = { $ref: `shared.json#/$defs/${definition ?? "Zest"}` };
    return {
      [resource]: {
        path: `zeal${index}/{${required}}[/{${optional}}]`,
        parameters: levels([required, optional], {}),
        requestId: "optional",
        request: { schema: shared },
        response: { schema: { type: "array", items: shared } },
        push: true,
        answeredBy: { resource: "zDone", key: "id" },
      },
    };
  };
  const done = {
    path: "zdone",
    requestId: "optional",
    request: { schema: { ...item, additionalProperties: false } },
    response: "empty",
  };
  const zoo = {
    zOpen: {
      path: "zopen",
      requestId: "optional",
      request: {},
      response: { schema: { anyOf: [item, { type: "array", items: item }] } },
      push: true,
      answeredBy: { resource: "zUnion", key: "id" },
    },
    zUnion: {
      path: "zunion",
      requestId: "optional",
      request: { schema: { anyOf: [item, { ...item, required: [] }] } },
      response: { contentType: "application/octet-stream" },
    },
  };
  const bound = (names: readonly string[]) => names.map((name) => `{${name}}`).join("/");
  return {
    topicsmith: 1,
    api: { name: api, title: "Zoo", version: "1.0.0" },
    protocol: {
      topic: `z/${bound(client)}/{extension}/${bound(endpoint)}/{resource}[/{requestId}]`,
      parameters: { ...levels(client, { bind: "client" }), ...levels(endpoint, { bind: "endpoint" }) },
      requestId: { minimum: 1, maximum: 99 },
      success: "{request}/ok",
      error: "{request}/err",
      errorPayload: { schema: { type: "object", properties: { reason: { type: "string" } } } },
    },
    extensions: {
      ...Object.fromEntries(
        Object.entries(extensions).map(([key, list]) => [
          key,
          { resources: Object.assign({ zDone: done }, ...list.map(resourcesOf)) as object },
        ]),
      ),
      zoo: { resources: zoo },
    },
  };
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "topicsmith-identifiers-"));
  cpSync(join(root, "src/runtime"), join(folder, "runtime"), { recursive: true });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function load(keys: Partial<Keys>) {
  const all = { ...KEYS, ...keys };
  const spec = join(folder, "api.yaml");
  const type = { type: "object", properties: { id: { type: "integer" } }, required: ["id"] };
  const definitions = Object.values(all.extensions).flatMap((list) =>
    list.map(({ definition = "Zest" }): [string, object] => [definition, type]),
  );
  writeFileSync(spec, JSON.stringify(specOf(all)));
  writeFileSync(join(folder, "shared.json"), JSON.stringify({ $defs: Object.fromEntries(definitions) }));
  return loadApi(spec);
}

/** Prints the modules of a package, without validators and the runtime. */
async function modulesOf(model: ApiModel): Promise<readonly { path: string; text: string }[]> {
  return (await emit(model)).filter(
    ({ path }) => path.startsWith("src/") && !path.startsWith("src/runtime/"),
  );
}

/** Every name that is declared, imported or referred to in a module; names of properties are not among them. */
function identifiersIn(text: string): readonly string[] {
  const names: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) && !isPropertyName(node)) names.push(node.text);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile("module.ts", text, ts.ScriptTarget.ES2022, true));
  return names;
}

function isPropertyName(node: ts.Identifier): boolean {
  const { parent } = node;
  return (
    (ts.isPropertyAccessExpression(parent) && parent.name === node) ||
    ((ts.isPropertyAssignment(parent) || ts.isPropertySignature(parent) || ts.isMethodSignature(parent)) &&
      parent.name === node)
  );
}

/** One resource for each name. */
const each = (names: readonly string[], keysOf: (name: string) => Partial<ResourceKeys>) => ({
  extensions: { zebra: names.map(keysOf) },
});

interface Kind {
  /** A spec with keys of these names. */
  readonly keysOf: (names: readonly string[]) => Partial<Keys>;
  /** Whether a diagnostic refuses the name. */
  readonly refuses: (name: string) => boolean;
  /** Names that differ in case only make one identifier. */
  readonly ignoresCase?: boolean;
}

const isReservedParameter = (name: string) =>
  [...OPTION_NAMES, "extension", "extensions", "request"].includes(name);

const KINDS: Readonly<Record<string, Kind>> = {
  "an extension": {
    keysOf: (names) => ({ extensions: Object.fromEntries(names.map((name) => [name, [{}]])) }),
    refuses: (name) => ["connect", "then"].includes(name),
    ignoresCase: true,
  },
  "a resource": {
    keysOf: (names) => each(names, (resource) => ({ resource })),
    refuses: (name) => name === "then",
    ignoresCase: true,
  },
  "a schema definition": {
    keysOf: (names) => each(names, (definition) => ({ definition })),
    // A definition that is called like an export of the package gets another name.
    refuses: () => false,
    ignoresCase: true,
  },
  "a required path parameter": {
    keysOf: (names) => each(names, (required) => ({ required })),
    refuses: isReservedParameter,
  },
  "an optional path parameter": {
    keysOf: (names) => each(names, (optional) => ({ optional })),
    refuses: isReservedParameter,
  },
  "a client parameter": { keysOf: (client) => ({ client }), refuses: isReservedParameter },
  "an endpoint parameter": { keysOf: (endpoint) => ({ endpoint }), refuses: isReservedParameter },
  // The extension `define` and its resource `topic` make the identifier `defineTopic` together.
  "an extension with its resource": {
    keysOf: (names) => {
      const extensions: Record<string, { resource: string }[]> = {};
      for (const name of names) {
        const [, head = "", tail] = /^([A-Z]?[a-z]+)([A-Z].*)$/.exec(name) ?? [];
        if (tail === undefined || /^(connect|platform)$/i.test(head)) continue;
        (extensions[head.toLowerCase()] ??= []).push({ resource: tail });
      }
      return { api: "partial", extensions };
    },
    // Values that the package exports, in any case.
    refuses: (name) =>
      /^(?:formatErrors|isRejected|lastWill|memoryBroker|mqttTransport|parseTopic)$/i.test(name),
    ignoresCase: true,
  },
};

/** Loads a spec with keys of these names, without those that a diagnostic refuses. */
async function loadAccepted(names: readonly string[], { keysOf, ignoresCase = false }: Kind) {
  const { diagnostics } = await load(keysOf(names));
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  const refused = names.filter((name) =>
    errors.some(({ message }) => message.includes(`"${name}"`) || (ignoresCase && isAbout(message, name))),
  );
  const loaded = await load(keysOf(names.filter((name) => !refused.includes(name))));
  expect(loaded.diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  return { model: loaded.model!, refused };
}

/** Whether a message quotes a name, or the identifier that is made from it. */
function isAbout(message: string, name: string): boolean {
  return [...message.matchAll(/"([^"]*)"/g)].some(([, quoted = ""]) => isSameWord(quoted, name));
}

/** Whether two names differ in the case of their first letter at most. */
function isSameWord(a: string, b: string): boolean {
  return a.slice(1) === b.slice(1) && a.slice(0, 1).toLowerCase() === b.slice(0, 1).toLowerCase();
}

/** Compiles the modules in a folder to a module format; returns the errors, some of which `noEmit` would suppress. */
async function compile(output: string, module: string): Promise<string> {
  const config = join(output, `tsconfig.${module}.json`);
  const compilerOptions = {
    target: "ES2022",
    lib: ["ES2022", "DOM"],
    module,
    moduleResolution: "Bundler",
    esModuleInterop: true,
    types: [],
    strict: true,
    exactOptionalPropertyTypes: true,
    isolatedModules: true,
    skipLibCheck: true,
    declaration: true,
    rootDir: folder,
    outDir: join(output, module),
    paths: { mqtt: [join(root, "node_modules/mqtt")] },
  };
  writeFileSync(config, JSON.stringify({ compilerOptions, include: ["src"] }));
  const { stdout } = await promisify(execFile)(process.execPath, [tsc, "-p", config]).catch(
    (error: { stdout: string }) => error,
  );
  return stdout;
}

describe("a spec with keys that are called like identifiers of generated code", () => {
  let names: readonly string[];
  beforeAll(async () => {
    const { model } = await load({});
    const modules = (await modulesOf(model!)).filter(({ path }) => !path.includes("validators"));
    const used = modules.flatMap(({ text }) => identifiersIn(text));
    const extra = ["class", "then", "Object", "Array", "String", "require", "exports", "module"];
    const all = [
      // Without the identifiers that come from this spec's own keys.
      ...used.filter((name) => !/^_?z|Z[a-z]/.test(name)),
      ...OPTION_NAMES,
      ...Object.keys(INDEX_SYMBOLS),
      ...Object.keys(PLATFORM_SYMBOLS),
      ...extra,
    ];
    names = [...new Set(all)].toSorted();
  });

  it.each(Object.entries(KINDS))("compiles where %s has the name, or is refused", async (name, kind) => {
    expect(names).toEqual(expect.arrayContaining(["Omit", "Promise", "RequestHandler", "options", "target"]));
    const tried = kind.ignoresCase
      ? names.filter((tested, index) => !names.slice(0, index).some((other) => isSameWord(other, tested)))
      : names;
    const { model, refused } = await loadAccepted(tried, kind);
    expect(refused).toEqual(tried.filter(kind.refuses));
    const output = join(folder, name.replaceAll(" ", "-"));
    for (const { path, text } of await modulesOf(model)) {
      const file = join(output, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(
        file,
        text.replaceAll(/from "(?:\.\.?\/)+runtime\//g, `from "${join(folder, "runtime")}/`),
      );
    }
    const compiled = await Promise.all(["Preserve", "CommonJS"].map((module) => compile(output, module)));
    expect(compiled).toEqual(["", ""]);
  });
});
