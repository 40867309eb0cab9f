import { describe, expect, test } from "vitest";
import { REQUEST, requestUri, schemas, withSchema } from "./schema-support.js";
import { read, readDocument, type Files } from "./support.js";

describe("readSpec, $id", () => {
  const id = (schema: string, others: Files = {}) => readDocument(withSchema(schema, others));

  test("relative references below an absolute $id do not name files", async () => {
    const document = await id(
      "{ $id: 'https://example.com/a/b', items: { $ref: c.json }, not: { $ref: '#/items' } }",
    );
    expect(schemas(document)[REQUEST]).toMatchObject({ items: { $ref: "c.json" }, not: { $ref: "#/items" } });
  });

  test("a relative $id changes the base of relative references", async () => {
    const document = await id("{ items: { $id: sub/x.json, not: { $ref: a.json } } }", {
      "sub/a.json": "{}",
    });
    expect(schemas(document)[REQUEST]).toEqual({
      items: { $id: "sub/x.json", not: { $ref: "spec:/sub/a.json" } },
    });
  });

  test("a bundled schema is found by its $id, and # in it refers to that schema", async () => {
    const bundle =
      "{ items: { $ref: item.json }, $defs: { i: { $id: item.json, not: { $ref: '#/$defs/x' }, $defs: { x: {} } } } }";
    expect(schemas(await id(bundle))[REQUEST]).toMatchObject({ items: { $ref: "item.json" } });
    const { diagnostics } = await read(withSchema(bundle.replace("{ x: {} }", "{ y: {} }")));
    expect(diagnostics.map(({ code }) => code)).toEqual(["dangling-reference"]);
  });

  test("up to draft-07 a $ref hides the $id next to it, and in draft-04 the keyword is id", async () => {
    const a = { "a.json": "{}" };
    const old =
      "{ $schema: 'http://json-schema.org/draft-07/schema#', items: { $id: 'https://example.com/', $ref: a.json } }";
    expect(schemas(await id(old, a))[REQUEST]).toMatchObject({ items: { $ref: "spec:/a.json" } });
    const oldest =
      "{ $schema: 'http://json-schema.org/draft-04/schema#', items: { id: 'https://example.com/', not: { $ref: a.json } } }";
    expect(schemas(await id(oldest))[REQUEST]).toMatchObject({ items: { not: { $ref: "a.json" } } });
    const later = "{ items: { id: 'https://example.com/', not: { $ref: a.json } } }";
    expect(schemas(await id(later, a))[REQUEST]).toMatchObject({ items: { not: { $ref: "spec:/a.json" } } });
  });

  test("since 2019-09 an $id next to a $ref is not ignored", async () => {
    const document = await id("{ items: { $id: 'https://example.com/', $ref: a.json } }");
    expect(schemas(document)[REQUEST]).toMatchObject({ items: { $ref: "a.json" } });
  });

  test.each(["urn:x:y", "http://["])(
    "relative references below the $id %s do not name files",
    async (base) => {
      const document = await id(`{ $id: '${base}', items: { $ref: a.json } }`);
      expect(schemas(document)[REQUEST]).toMatchObject({ items: { $ref: "a.json" } });
    },
  );
});

describe("readSpec, registered schemas", () => {
  const GEO = "https://example.com/geo.json";
  const registry = (...entries: readonly string[]) => `schemas: { ${entries.join(", ")} }\n`;

  test("an absolute reference causes the registered file to be read", async () => {
    const document = await readDocument(
      withSchema(
        `{ items: { $ref: '${GEO}#/$defs/p' } }`,
        { "geo.json": '{ "$defs": { "p": {} } }' },
        registry(`${GEO}: ./geo.json`),
      ),
    );
    expect(schemas(document)).toEqual({
      [REQUEST]: { items: { $ref: `${GEO}#/$defs/p` } },
      [GEO]: { $defs: { p: {} } },
    });
  });

  test("relative references in a registered file are resolved to registered files", async () => {
    const document = await readDocument(
      withSchema(
        `{ $ref: '${GEO}' }`,
        {
          "geo.json": '{ "items": { "$ref": "point.json" }, "not": { "$ref": "line.json" } }',
          "p.json": "true",
          "line.json": "true",
        },
        registry(`'${GEO}#': ./geo.json`, "https://example.com/point.json: ./p.json"),
      ),
    );
    expect(requestUri(document)).toBe(GEO);
    expect(schemas(document)).toEqual({
      [GEO]: { items: { $ref: "https://example.com/point.json" }, not: { $ref: "line.json" } },
      "https://example.com/point.json": true,
    });
  });

  test("a file has the same URI, whatever URI or path a reference uses", async () => {
    const document = await readDocument(
      withSchema(
        "{ anyOf: [{ $ref: ./geo.json }, { $ref: 'https://example.com/two' }, { $ref: 'https://EXAMPLE.com/geo.json' }] }",
        { "geo.json": "{}" },
        registry(`${GEO}: ./geo.json`, "https://example.com/two: ./geo.json"),
      ),
    );
    expect(schemas(document)).toEqual({
      [REQUEST]: { anyOf: [{ $ref: GEO }, { $ref: GEO }, { $ref: GEO }] },
      [GEO]: {},
    });
  });

  test("the meta-schema of a custom dialect is read", async () => {
    const meta = "https://example.com/meta";
    const document = await readDocument(
      withSchema(
        `{ $schema: '${meta}' }`,
        { "meta.json": `{ "$id": "${meta}" }` },
        registry(`${meta}: ./meta.json`),
      ),
    );
    expect(schemas(document)).toEqual({ [REQUEST]: { $schema: meta }, [meta]: { $id: meta } });
  });

  test("a pointer into a registered file must resolve", async () => {
    const { diagnostics } = await read(
      withSchema(
        `{ $ref: '${GEO}#/$defs/q' }`,
        { "geo.json": '{ "$defs": { "p": {} } }' },
        registry(`${GEO}: ./geo.json`),
      ),
    );
    expect(diagnostics.map(({ code }) => code)).toEqual(["dangling-reference"]);
  });

  test("references to meta-schemas and to unregistered URIs are left to the schema layer", async () => {
    const meta = "http://json-schema.org/draft-07/schema#";
    const document = await readDocument(withSchema(`{ $ref: '${meta}' }`));
    expect(requestUri(document)).toBe(REQUEST);
    expect(schemas(document)).toEqual({ [REQUEST]: { $ref: meta } });
    const other = await readDocument(
      withSchema("{ items: { $ref: 'https://example.com/no' }, not: { $ref: //example.com/no } }"),
    );
    expect(schemas(other)).toEqual({
      [REQUEST]: { items: { $ref: "https://example.com/no" }, not: { $ref: "//example.com/no" } },
    });
  });
});
