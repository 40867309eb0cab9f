import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hasErrors } from "../../../src/diagnostics/index.js";
import { buildModel } from "../../../src/model/index.js";
import { hostileKey } from "./hostile-key.js";
import { EXTENSION, read, ROOT } from "./support.js";

// A run takes up to 100 ms, most of it to write files. `npm run test:long` makes many more.
const RUNS = Number(process.env["FUZZ_RUNS"] ?? 10);

describe("readSpec", () => {
  test("reports random bytes instead of throwing", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        const { document, diagnostics } = await read({ "root.yaml": bytes });
        expect(document).toBeUndefined();
        expect(diagnostics.length).toBeGreaterThan(0);
      }),
      { numRuns: RUNS },
    );
  });

  test("reports any JSON data in a root file, an extension and a schema instead of throwing", async () => {
    const part = fc.oneof(
      fc.jsonValue({ maxDepth: 3 }),
      fc.record(
        {
          $ref: fc.oneof(
            fc.constantFrom("#", "ext.json", "s.json#/a", "root.yaml", "%", "//x/y", "a:b", ""),
            fc.webUrl(),
            fc.string(),
          ),
        },
        { requiredKeys: [] },
      ),
    );
    const named = (names: readonly string[]) =>
      fc.dictionary(fc.constantFrom(...names), part, { maxKeys: 5 });
    const resource = named([
      "path",
      "requestId",
      "parameters",
      "request",
      "response",
      "push",
      "answeredBy",
      "error",
    ]);
    const extension = named(["title", "resources"]).chain((base) =>
      fc.dictionary(hostileKey, resource, { maxKeys: 3 }).map((resources) => ({ resources, ...base })),
    );
    const root = named(["topicsmith", "api", "protocol", "schemas", "servers", "package", "extensions"]);
    const schema = named(["$ref", "$id", "$schema", "items", "allOf", "properties", "a"]);
    await fc.assert(
      fc.asyncProperty(root, extension, schema, async (rootData, extensionData, schemaData) => {
        const extensions = { ext: { $ref: "ext.json" } };
        const result = await read({
          "root.yaml": JSON.stringify({ topicsmith: 1, extensions, ...rootData }),
          "ext.json": JSON.stringify(extensionData),
          "s.json": JSON.stringify(schemaData),
        });
        if (result.document === undefined) expect(hasErrors(result.diagnostics)).toBe(true);
        // The model of the remaining parts can be built, whatever they are.
        else expect(buildModel(result.document, { hints: true }).diagnostics).toBeInstanceOf(Array);
      }),
      { numRuns: RUNS },
    );
  });

  test("reports a truncated spec, and one with a piece of text inserted, instead of throwing", async () => {
    const whole = `${ROOT}extensions:\n  ext: { $ref: ./ext.yaml }\n`;
    await fc.assert(
      fc.asyncProperty(
        fc.nat(whole.length),
        fc.string({ maxLength: 3 }),
        fc.boolean(),
        async (at, piece, cut) => {
          const text = `${whole.slice(0, at)}${piece}${cut ? "" : whole.slice(at)}`;
          const result = await read({ "root.yaml": text, "ext.yaml": EXTENSION });
          if (result.document === undefined) expect(hasErrors(result.diagnostics)).toBe(true);
          else expect(buildModel(result.document, { hints: true }).diagnostics).toBeInstanceOf(Array);
        },
      ),
      { numRuns: RUNS },
    );
  });
});
