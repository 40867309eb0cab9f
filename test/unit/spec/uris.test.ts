import { Ajv2020 } from "ajv/dist/2020.js";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatFragment, formatPointer, parsePointer } from "../../../src/json/pointer.js";
import { resourceUri } from "../../../src/spec/resource-uri.js";
import { hostileKey as key } from "./hostile-key.js";
import { readDocument, ROOT } from "./support.js";

const levels = fc.array(key, { maxLength: 4 });

describe("pointers and URIs", () => {
  test("a pointer is read as it was written", () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (path) => {
        expect(parsePointer(formatPointer(path))).toEqual(path);
        expect(parsePointer(decodeURIComponent(formatFragment(path)))).toEqual(path);
      }),
    );
  });

  test("two places never share a URI", () => {
    const place = fc.tuple(
      key.map((name) => name.replaceAll("/", "_")),
      levels,
    );
    fc.assert(
      fc.property(place, place, ([a, pathA], [b, pathB]) => {
        fc.pre(JSON.stringify([a, ...pathA]) !== JSON.stringify([b, ...pathB]));
        expect(resourceUri(a, pathA)).not.toBe(resourceUri(b, pathB));
      }),
    );
  });

  test("a URI is in normal form, whoever reads it, even with half a character in it", () => {
    const odd = fc.oneof(
      key,
      fc.string({ unit: "binary" }),
      fc.constantFrom("", "\ud800", "a\udc00b", "!'()*"),
    );
    fc.assert(
      fc.property(fc.array(odd, { minLength: 1 }), (path) => {
        const uri = resourceUri("../a b.yaml", path);
        expect(new URL("#/x", uri).href).toBe(`${uri}#/x`);
        expect(new Ajv2020().opts.uriResolver.resolve(uri, "#/x")).toBe(`${uri}#/x`);
      }),
    );
  });

  test("ajv follows references between documents, whatever extensions, resources and definitions are called", async () => {
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
      { numRuns: 60 },
    );
  });
});
