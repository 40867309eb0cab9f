import { Ajv2020 } from "ajv/dist/2020.js";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatFragment, formatPointer, parsePointer } from "../../../src/json/pointer.js";
import { resourceUri } from "../../../src/spec/resource-uri.js";
import { hostileKey as key } from "./hostile-key.js";
import { readDocument, ROOT } from "./support.js";

// A run takes some 30 ms, most of it to compile a schema. `npm run test:long` makes many more.
const RUNS = Number(process.env["FUZZ_RUNS"] ?? 8);

const levels = fc.array(key, { maxLength: 4 });

describe("pointers and resource URIs", () => {
  test("parsePointer reverses formatPointer and formatFragment", () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (path) => {
        expect(parsePointer(formatPointer(path))).toEqual(path);
        expect(parsePointer(decodeURIComponent(formatFragment(path)))).toEqual(path);
      }),
    );
  });

  test("resourceUri gives two locations different URIs", () => {
    const location = fc.tuple(
      key.map((name) => name.replaceAll("/", "_")),
      levels,
    );
    fc.assert(
      fc.property(location, location, ([a, pathA], [b, pathB]) => {
        fc.pre(JSON.stringify([a, ...pathA]) !== JSON.stringify([b, ...pathB]));
        expect(resourceUri(a, pathA)).not.toBe(resourceUri(b, pathB));
      }),
    );
  });

  test("resourceUri returns a normalized URI that URL and ajv leave unchanged, even with a lone surrogate", () => {
    const { uriResolver } = new Ajv2020().opts;
    const odd = fc.oneof(
      key,
      fc.string({ unit: "binary" }),
      fc.constantFrom("", "\ud800", "a\udc00b", "!'()*"),
    );
    fc.assert(
      fc.property(fc.array(odd, { minLength: 1 }), (path) => {
        const uri = resourceUri("../a b.yaml", path);
        expect(new URL("#/x", uri).href).toBe(`${uri}#/x`);
        expect(uriResolver.resolve(uri, "#/x")).toBe(`${uri}#/x`);
      }),
    );
  });

  test("ajv resolves references between documents, whatever the names of extensions, resources and definitions", async () => {
    const name = key.filter((text) => !text.startsWith("x-"));
    await fc.assert(
      fc.asyncProperty(
        name,
        name,
        fc.string({ minLength: 1, unit: "grapheme" }),
        async (extension, resource, definition) => {
          const path = formatFragment(["resources", resource, "request", "schema", "$defs", definition]);
          const request = JSON.parse(
            `{ "path": "a", "requestId": "none", "request": { "schema": { "$defs": {} } } }`,
          );
          Object.defineProperty(request.request.schema.$defs, definition, {
            value: { type: "string" },
            enumerable: true,
          });
          const other = {
            path: "b",
            requestId: "none",
            request: { schema: { items: { $ref: `ext.json#${path}` } } },
          };
          const document = await readDocument({
            "root.yaml": `${ROOT}extensions:\n  ? ${JSON.stringify(extension)}\n  : { $ref: ext.json }\n  other: { resources: { other: ${JSON.stringify(other)} } }\n`,
            "ext.json": JSON.stringify({ resources: Object.fromEntries([[resource, request]]) }),
          });
          const ajv = new Ajv2020({ strict: false });
          for (const { uri, value } of document.schemas) ajv.addSchema(value as object, uri);
          const validate = ajv.getSchema("spec:/root.yaml/extensions/other/resources/other/request/schema");
          expect([validate?.(["text"]), validate?.([1])]).toEqual([true, false]);
        },
      ),
      { numRuns: RUNS },
    );
  });
});
