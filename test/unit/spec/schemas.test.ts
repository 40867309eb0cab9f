import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { REQUEST, requestUri, RESPONSE, schemas, withSchema } from "./schema-support.js";
import { EXTENSION, inFolder, line, read, readDocument, ROOT, readFromDisk } from "./support.js";

describe("readSpec, schema documents", () => {
  test("an inline schema is a document, with the value as written", async () => {
    const document = await readDocument(withSchema("{ items: { $ref: '#/$defs/a' }, $defs: { a: true } }"));
    expect(requestUri(document)).toBe(REQUEST);
    expect(schemas(document)).toEqual({ [REQUEST]: { items: { $ref: "#/$defs/a" }, $defs: { a: true } } });
    expect(document.schemas.map(({ uri }) => uri)).toEqual([REQUEST, RESPONSE]);
  });

  test("schemaAt returns undefined for a location without a schema", async () => {
    const document = await readDocument(withSchema("true"));
    const file = document.root;
    expect(document.schemaAt({ file, path: ["api"] })).toBeUndefined();
    expect(document.schemaAt({ file, path: ["protocol", "errorPayload", "schema"] })).toBeUndefined();
  });

  test("a bare $ref is not a document, but its target is", async () => {
    const document = await readDocument(
      withSchema("{ $ref: './shared/geo%20v1.json#/$defs/a~1b' }", {
        "shared/geo v1.json": '{ "$defs": { "a/b": { "$ref": "../b.yaml" } } }',
        "b.yaml": "type: string",
      }),
    );
    expect(requestUri(document)).toBe("spec:/shared/geo%20v1.json#/$defs/a~1b");
    expect(schemas(document)).toEqual({
      "spec:/shared/geo%20v1.json": { $defs: { "a/b": { $ref: "spec:/b.yaml" } } },
      "spec:/b.yaml": { type: "string" },
    });
  });

  test("files above the root's folder have URIs that URL resolution does not change", async () => {
    const files = {
      "demo/root.yaml": withSchema("")["root.yaml"] ?? null,
      "demo/ext.yaml": withSchema("{ $ref: ../a.json }")["ext.yaml"] ?? null,
      "a.json": '{ "items": { "$ref": "b.json" } }',
      "b.json": "{}",
    };
    await inFolder(files, async (folder) => {
      const { document } = await readFromDisk(join(folder, "demo/root.yaml"), [folder]);
      expect(document && schemas(document)).toEqual({
        "spec:/:up/a.json": { items: { $ref: "spec:/:up/b.json" } },
        "spec:/:up/b.json": {},
      });
    });
  });

  test("a $ref to an inline schema refers to its document, or to its target if it is a bare $ref", async () => {
    const document = await readDocument({
      ...withSchema("{ $ref: './ext.yaml#/resources/say/response/schema' }"),
      "root.yaml": `${ROOT}extensions:
  ext: { $ref: ./ext.yaml }
  two:
    resources:
      a:
        path: a
        requestId: none
        request: { schema: { items: { $ref: "./ext.yaml#/resources/say/request/schema" } } }
        response: { emptyWhen: { $ref: "#/x" , x: {} }, schema: { $ref: "./root.yaml#/extensions/two/resources/a/request/schema/items" } }
`,
    });
    expect(requestUri(document)).toBe(RESPONSE);
    const base = "spec:/root.yaml/extensions/two/resources/a";
    expect(schemas(document)).toEqual({
      [`${base}/request/schema`]: { items: { $ref: RESPONSE } },
      [`${base}/response/emptyWhen`]: { $ref: "#/x", x: {} },
    });
    const at = { file: document.root, path: ["extensions", "two", "resources", "a", "response", "schema"] };
    expect(document.schemaAt(at)?.uri).toBe(`${base}/request/schema#/items`);
  });

  test("a $ref can refer to a schema below an x- key, and in an extension that the root does not list", async () => {
    const document = await readDocument(
      withSchema(
        "{ anyOf: [{ $ref: './root.yaml#/x-schemas/a' }, { $ref: './other.yaml#/resources/say/request/schema/not' }] }",
        {
          "other.yaml":
            "resources: { say: { request: { schema: { not: { $ref: '#/$defs/b' }, $defs: { b: {} } } } } }",
        },
        "x-schemas: { a: { $ref: '#/b', b: {} } }\n",
      ),
    );
    expect(schemas(document)).toEqual({
      [REQUEST]: {
        anyOf: [
          { $ref: "spec:/root.yaml/x-schemas/a" },
          { $ref: "spec:/other.yaml/resources/say/request/schema#/not" },
        ],
      },
      "spec:/root.yaml/x-schemas/a": { $ref: "#/b", b: {} },
      "spec:/other.yaml/resources/say/request/schema": { not: { $ref: "#/$defs/b" }, $defs: { b: {} } },
    });
  });

  test("references are resolved only in values that a keyword makes a schema", async () => {
    const schema = `{
      const: { $ref: ./no.json }, enum: [{ $ref: ./no.json }], default: { $ref: ./no.json },
      examples: [{ $ref: ./no.json }], unknown: { $ref: ./no.json }, required: [$ref],
      properties: { $ref: { type: string }, const: { $ref: ./a.json } },
      dependencies: { a: [b], c: { $ref: ./a.json } },
      items: [{ $ref: ./a.json }], additionalItems: { $ref: ./a.json }
    }`;
    const document = await readDocument(withSchema(schema.replace(/\n */g, " "), { "a.json": "true" }));
    const a = { $ref: "spec:/a.json" };
    const no = { $ref: "./no.json" };
    expect(schemas(document)[REQUEST]).toEqual({
      const: no,
      enum: [no],
      default: no,
      examples: [no],
      unknown: no,
      required: ["$ref"],
      properties: { $ref: { type: "string" }, const: a },
      dependencies: { a: ["b"], c: a },
      items: [a],
      additionalItems: a,
    });
  });

  test("the target of a $ref is a schema, whatever keyword contains it", async () => {
    const document = await readDocument(
      withSchema("{ $ref: './a.yaml#/components/x' }", {
        "a.yaml": "components: { x: { items: { $ref: './b.yaml' } }, y: { $ref: './no.yaml' } }",
        "b.yaml": "{}",
      }),
    );
    expect(schemas(document)["spec:/a.yaml"]).toEqual({
      components: { x: { items: { $ref: "spec:/b.yaml" } }, y: { $ref: "./no.yaml" } },
    });
  });

  test("documents are in reading order", async () => {
    const files = {
      "a.json": "{}",
      "b.json": '{ "items": { "$ref": "d.json" } }',
      "c.json": "{}",
      "d.json": "{}",
    };
    const schema = "{ items: { $ref: b.json }, properties: { x: { $ref: c.json }, y: { $ref: a.json } } }";
    const document = await readDocument(withSchema(schema, files));
    expect(document.schemas.map(({ uri }) => uri)).toEqual([
      REQUEST,
      RESPONSE,
      "spec:/b.json",
      "spec:/c.json",
      "spec:/a.json",
      "spec:/d.json",
    ]);
  });

  test("references to anchors keep the name of the anchor", async () => {
    const schema =
      "{ items: { $ref: ./a.json#point }, contains: { $ref: ./b.json#old }, not: { $dynamicRef: '#node' } }";
    const document = await readDocument(
      withSchema(schema, {
        "a.json": '{ "items": { "$anchor": "point" } }',
        "b.json": '{ "$schema": "http://json-schema.org/draft-07/schema#", "items": { "$id": "#old" } }',
      }),
    );
    expect(schemas(document)[REQUEST]).toEqual({
      items: { $ref: "spec:/a.json#point" },
      contains: { $ref: "spec:/b.json#old" },
      not: { $dynamicRef: "#node" },
    });
  });

  test("recursive schemas are accepted", async () => {
    const document = await readDocument(
      withSchema("{ $ref: ./a.json }", {
        "a.json": '{ "properties": { "left": { "$ref": "#" }, "right": { "$ref": "b.json" } } }',
        "b.json": '{ "items": { "$ref": "a.json" } }',
      }),
    );
    expect(requestUri(document)).toBe("spec:/a.json");
  });

  test("locate returns the location of a part of a schema", async () => {
    const document = await readDocument(
      withSchema("{ $ref: ./a.yaml }", { "a.yaml": "$defs:\n  a/b: { anyOf: [{}, { type: text }] }\n" }),
    );
    const at = document.locate("spec:/a.yaml", "/$defs/a~1b/anyOf/1/type");
    expect(at?.path).toEqual(["$defs", "a/b", "anyOf", "1", "type"]);
    expect(at?.file.rangeOf(at.path)).toMatchObject({
      file: expect.stringMatching(/a\.yaml$/),
      line: 2,
      column: 30,
    });
    expect(document.locate("spec:/a.yaml#/$defs/a~1b", "/anyOf/1/type")).toEqual(at);
    expect(document.locate("spec:/b.yaml", "")).toBeUndefined();
  });

  test("documents are deeply frozen, also if references were rewritten", async () => {
    const document = await readDocument(
      withSchema("{ items: { $ref: ./a.json, x: [1] } }", { "a.json": "{}" }),
    );
    const frozen = (value: unknown): boolean =>
      typeof value !== "object" ||
      value === null ||
      (Object.isFrozen(value) && Object.values(value).every(frozen));
    expect(document.schemas.every(({ value }) => frozen(value))).toBe(true);
  });

  test("schemas nested 500 levels deep are accepted", async () => {
    const deep = `${"{ items: ".repeat(500)}{ $ref: ./a.json }${" }".repeat(500)}`;
    const { diagnostics } = await read(withSchema(deep, { "a.json": "{}" }));
    expect(diagnostics.map(line)).toEqual([]);
  });
});

test("an extension without schemas has no schema documents", async () => {
  const document = await readDocument({
    "root.yaml": `${ROOT}extensions:\n  a: { $ref: a.yaml }\n`,
    "a.yaml": EXTENSION,
  });
  expect(document.schemas).toEqual([]);
});
