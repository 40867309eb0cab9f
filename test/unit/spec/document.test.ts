import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { EXTENSION, inFolder, line, read, readDocument, ROOT, readFromDisk } from "./support.js";

const oneExtension = (text: string) => ({
  "root.yaml": `${ROOT}extensions:\n  ext: { $ref: ./ext.yaml }\n`,
  "ext.yaml": text,
});

describe("readSpec", () => {
  test("reports all problems of all files in one run, in the order of files and lines", async () => {
    const { diagnostics, sources } = await read({
      "root.yaml": `${ROOT}extensions:
  a: { $ref: ./a.yaml }
  b: { $ref: ./b.yaml }
  c: { $ref: ./c.yaml }
  d: { resources: { x: { requestId: 9 } } }
servers: { s: { url: http://x } }
`,
      "a.yaml":
        "titel: 1\nresources:\n  say: { path: 5, requestId: none, request: { schema: { $ref: ./s.json } } }\n",
      "b.yaml": "resources: {\n",
      "s.json": '{ "items": { "$ref": "#/a" }, "not": { "$ref": "./t.json" } }',
    });
    expect(diagnostics.map(line)).toEqual([
      'root.yaml:7:14-7:22 missing-file: the file "c.yaml" does not exist; did you mean "a.yaml"?',
      'root.yaml:8:37-8:38 wrong-value: invalid value 9; use "required", "optional", "none" or "single"',
      'root.yaml:9:22-9:30 invalid-format: invalid value "http://x"; use an mqtt:, mqtts:, ws: or wss: URL, such as mqtts://broker.example.com:8883',
      'a.yaml:1:1-1:6 unknown-key: unknown key "titel"; did you mean "title"?',
      "a.yaml:3:16-3:17 wrong-type: expected a string, found a number; put it in quotes",
      "b.yaml:2:1-2:2 yaml-syntax: invalid YAML: Flow map in block collection must be sufficiently indented and end with a }",
      's.json:1:22-1:27 dangling-reference: cannot resolve "#/a": "a" does not exist; check the path after the #',
      's.json:1:48-1:58 missing-file: the file "t.json" does not exist; did you mean "s.json"?',
    ]);
    expect(sources.size).toBe(4);
  });

  test("gives files a path as the user spelled the root path, and an id relative to the root file", async () => {
    const files = {
      "specs/demo/root.yaml": `${ROOT}extensions:\n  a: { $ref: ../shared/a%20b.yaml }\n`,
      "specs/shared/a b.yaml": EXTENSION,
    };
    await inFolder(files, async (folder) => {
      const { document } = await readFromDisk(join(folder, "specs/demo/root.yaml"), [join(folder, "specs")]);
      expect(document?.files.map(({ id }) => id)).toEqual(["root.yaml", "../shared/a b.yaml"]);
      expect(document?.files.map(({ path }) => path)).toEqual([
        join(folder, "specs/demo/root.yaml"),
        join(folder, "specs/shared/a b.yaml"),
      ]);
    });
    const { document } = await readFromDisk("./spec/kaa/kaa.yaml");
    expect(document?.files.slice(0, 2).map(({ path }) => path)).toEqual([
      "spec/kaa/kaa.yaml",
      "spec/kaa/dcx.yaml",
    ]);
  });

  test("removes a byte order mark from the text", async () => {
    const document = await readDocument({ "root.yaml": `\ufeff${ROOT}extensions: {}\n` });
    expect(document.root.text).toBe(`${ROOT}extensions: {}\n`);
    expect(document.root.rangeOf(["topicsmith"], "key")).toMatchObject({ line: 1, column: 1 });
  });

  test("resolves aliases in values and in source ranges", async () => {
    const document = await readDocument(
      oneExtension(`x-shared: &say
  path: say
  requestId: none
resources:
  a: *say
  b: { path: &p b, requestId: none, summary: *p }
`),
    );
    const [ext] = document.extensions;
    expect(ext?.value.resources).toEqual({
      a: { path: "say", requestId: "none" },
      b: { path: "b", requestId: "none", summary: "b" },
    });
    expect(ext?.body.file.rangeOf(["resources", "a", "path"])).toMatchObject({ line: 2, column: 9 });
    expect(ext?.body.file.rangeOf(["resources", "a"])).toMatchObject({ line: 5, column: 6 });
  });

  test("gives a path that does not exist the range of the nearest parent", async () => {
    const { root } = await readDocument({ "root.yaml": `${ROOT}extensions: {}\n` });
    expect(root.rangeOf(["api", "nope", "x"])).toEqual(root.rangeOf(["api"]));
    expect(root.rangeOf(["api", "nope", "x"], "key")).toEqual(root.rangeOf(["api"], "key"));
    expect(root.rangeOf([])).toMatchObject({ line: 1, column: 1 });
  });

  test("ignores x- keys in the structure of a spec, and keeps them in schemas and examples", async () => {
    const document = await readDocument({
      "root.yaml": `${ROOT}x-a: 1
servers: { x-s: 1, s: { url: "mqtt://s", x-b: 2 } }
extensions:
  x-ext: 3
  ext:
    x-c: 4
    resources:
      x-res: 5
      say:
        path: say
        requestId: none
        x-d: 6
        parameters: { x-p: 7 }
        request:
          x-e: 8
          schema: { x-f: 9, properties: { x-g: { type: string } } }
          examples: [{ x-h: 10 }]
        push: { on: { x-i: 11 }, x-j: 12 }
        answeredBy: { resource: say, key: id, x-k: 13, failure: { x-l: 14 } }
`,
    });
    expect(document.value.servers).toEqual({ s: { url: "mqtt://s" } });
    expect(document.value).not.toHaveProperty("x-a");
    expect(document.extensions.map(({ key, value }) => [key, value])).toEqual([
      [
        "ext",
        {
          resources: {
            say: {
              path: "say",
              requestId: "none",
              parameters: {},
              request: {
                schema: { "x-f": 9, properties: { "x-g": { type: "string" } } },
                examples: [{ "x-h": 10 }],
              },
              push: { on: { "x-i": 11 } },
              answeredBy: { resource: "say", key: "id", failure: { "x-l": 14 } },
            },
          },
        },
      ],
    ]);
  });

  test("accepts keys named like properties of Object.prototype, without prototype pollution", async () => {
    const document = await readDocument(
      oneExtension(`resources:
  __proto__: { path: a, requestId: none }
  constructor: { path: b, requestId: none, request: { examples: [{ __proto__: { polluted: true } }] } }
  toString: { path: c, requestId: none }
`),
    );
    const resources = document.extensions[0]?.value.resources ?? {};
    expect(Object.keys(resources)).toEqual(["__proto__", "constructor", "toString"]);
    expect(Object.getPrototypeOf(resources)).toBe(Object.prototype);
    expect(Object.getOwnPropertyDescriptor(resources, "__proto__")?.value).toEqual({
      path: "a",
      requestId: "none",
    });
    expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
    const [example] = resources["constructor"]?.request?.examples ?? [];
    expect(example).not.toHaveProperty("polluted");
    expect(JSON.stringify(example)).toBe('{"__proto__":{"polluted":true}}');
  });

  test("returns deeply frozen data", async () => {
    const document = await readDocument(oneExtension(EXTENSION));
    const value: unknown = document.extensions[0]?.value.resources["say"];
    expect(() => Object.assign(value ?? {}, { path: "other" })).toThrow(TypeError);
    expect(() => Object.assign(document.root.data ?? {}, { topicsmith: 2 })).toThrow(TypeError);
  });
});

describe("readSpec, extensions", () => {
  test("an extension can be inline, a file, a part of a file, or the target of a chain of references", async () => {
    const document = await readDocument({
      "root.yaml": `${ROOT}extensions:
  inline: { title: A, resources: {} }
  file: { $ref: b.yaml }
  part: { $ref: ./all.yaml#/extensions/a~1b%20c }
  chain: { $ref: ./chain.yaml }
  other: { $ref: "#/extensions/inline" }
`,
      "b.yaml": "title: B\nresources: {}\n",
      "all.yaml": "extensions: { a/b c: { title: C, resources: {} } }\n",
      "chain.yaml": "$ref: ./b.yaml\n",
    });
    expect(
      document.extensions.map(({ key, value, body }) => [key, value.title, body.file.id, body.path]),
    ).toEqual([
      ["inline", "A", "root.yaml", ["extensions", "inline"]],
      ["file", "B", "b.yaml", []],
      ["part", "C", "all.yaml", ["extensions", "a/b c"]],
      ["chain", "B", "b.yaml", []],
      ["other", "A", "root.yaml", ["extensions", "inline"]],
    ]);
    expect(document.files.map(({ id }) => id)).toEqual(["root.yaml", "b.yaml", "all.yaml", "chain.yaml"]);
  });

  test("two extensions that refer to one file share its value, and its mistakes are reported once", async () => {
    const root = `${ROOT}extensions:\n  a: { $ref: ./x.yaml }\n  b: { $ref: "./x.yaml" }\n`;
    const document = await readDocument({ "root.yaml": root, "x.yaml": EXTENSION });
    const [a, b] = document.extensions;
    expect(b?.value).toBe(a?.value);
    expect(b?.body).toEqual(a?.body);
    expect([a?.at.path, b?.at.path]).toEqual([
      ["extensions", "a"],
      ["extensions", "b"],
    ]);
    const { diagnostics } = await read({ "root.yaml": root, "x.yaml": "resources: { say: { path: 1 } }\n" });
    expect(diagnostics.map(({ code }) => code)).toEqual(["wrong-type"]);
  });

  test("schemaAt finds the schema of an error payload that is shared by $ref", async () => {
    const document = await readDocument({
      "root.yaml": `${ROOT.replace("protocol: {", "protocol: { errorPayload: { $ref: ./errors.yaml#/payload },")}extensions:
  ext:
    resources:
      say:
        path: say
        requestId: none
        error: { $ref: "#/protocol/errorPayload" }
`,
      "errors.yaml": `payload:
  schema: { type: object }
  replies: { busy: { code: 1 }, x-mine: 1 }
`,
    });
    expect(document.value.protocol?.errorPayload).toEqual({
      schema: { type: "object" },
      replies: { busy: { code: 1 } },
    });
    const at = { file: document.root, path: ["protocol", "errorPayload", "schema"] };
    const use = document.schemaAt(at);
    expect(use?.uri).toBe("spec:/errors.yaml/payload/schema");
    const path = ["extensions", "ext", "resources", "say", "error", "schema"];
    expect(document.schemaAt({ file: document.root, path })).toEqual(use);
  });
});
