import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as fc from "fast-check";
import { parse } from "yaml";
import { describe, expect, it } from "vitest";
import { isObject, property } from "../../../src/json/json.js";
import { exportedData, imported, loadImported, loadSpec } from "./support.js";

const FOLDER = fileURLToPath(new URL("../../data/asyncapi/", import.meta.url));

const DOCUMENTS = readdirSync(FOLDER)
  .filter((name) => /-3\.\d\.(?:yaml|json)$/.test(name))
  .map((name): unknown => parse(readFileSync(join(FOLDER, name), "utf8")));

/** A few in every run, more with FUZZ_RUNS. */
const RUNS = Number(process.env["FUZZ_RUNS"] ?? 40);

type Path = readonly (string | number)[];

/** The paths of all values inside a value. */
function pathsOf(value: unknown, path: Path = []): readonly Path[] {
  const keys = Array.isArray(value)
    ? value.map((_, index) => index)
    : isObject(value)
      ? Object.keys(value)
      : [];
  return [path, ...keys.flatMap((key) => pathsOf(property(value, key), [...path, key]))];
}

/** A copy with another value at a path. */
function replaced(value: unknown, path: Path, item: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return item;
  if (Array.isArray(value))
    return value.map((one, index) => (index === key ? replaced(one, rest, item) : one));
  return isObject(value) ? { ...value, [key]: replaced(property(value, key), rest, item) } : value;
}

const JUNK: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  "",
  "x",
  "{",
  "a/{b",
  "+/#",
  "#",
  [],
  {},
  [null],
  { a: null },
  "$message.payload#/",
  { $ref: "#" },
  { $ref: "#/" },
  { $ref: "#/channels" },
  { $ref: "%" },
  { $ref: 5 },
  { type: "object", allOf: [{ $ref: "#/components" }] },
  ["a", "a"],
  "__proto__",
  "constructor",
];

const change = fc.record({ at: fc.nat(), junk: fc.constantFrom(...JUNK) });

/** A document with some of its values replaced. */
function changed(
  document: unknown,
  changes: readonly { readonly at: number; readonly junk: unknown }[],
): unknown {
  return changes.reduce<unknown>((data, { at, junk }) => {
    const paths = pathsOf(data).slice(1);
    return paths.length === 0 ? data : replaced(data, paths[at % paths.length] ?? [], junk);
  }, document);
}

describe("an import of a damaged document", () => {
  it("of another program gives a draft that loads, or reports an error", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...DOCUMENTS),
        fc.array(change, { minLength: 1, maxLength: 4 }),
        async (document, changes) => {
          const result = await imported(JSON.stringify(changed(document, changes)));
          if (result.spec === undefined) expect(result.diagnostics).not.toEqual([]);
          else await loadImported(result);
        },
      ),
      { numRuns: RUNS, seed: Number(process.env["FUZZ_SEED"] ?? 1) },
    );
  });

  it("that topicsmith exported gives a spec or reports an error, and never throws", async () => {
    const kaa = await loadSpec("spec/kaa/kaa.yaml");
    if (kaa === undefined) throw new Error("the spec has errors");
    const document = exportedData(kaa);
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
        const result = await imported(JSON.stringify(changed(document, changes)), { rootFile: "kaa.yaml" });
        if (result.spec === undefined) expect(result.diagnostics).not.toEqual([]);
        else expect(result.spec.files.length).toBeGreaterThan(0);
      }),
      { numRuns: RUNS, seed: Number(process.env["FUZZ_SEED"] ?? 1) },
    );
  });
});
