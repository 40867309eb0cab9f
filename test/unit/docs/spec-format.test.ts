import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { definitionNames, KEY_HEADING, keysOf } from "../../../docs/.vitepress/reference/spec-keys.js";
import { DOCS, PAGES } from "../../support/doc-pages.js";

/** The keys that the pages document, by definition: those with a heading after `<!-- spec-keys <definition> -->`. */
function documentedKeys(): ReadonlyMap<string, readonly string[]> {
  const documented = new Map<string, readonly string[]>();
  for (const page of PAGES.filter((path) => path.startsWith("spec-format/"))) {
    const [, ...parts] = readFileSync(join(DOCS, page), "utf8").split(/^<!-- spec-keys (?=\w+ -->$)/m);
    for (const part of parts) {
      const name = /^\w+/.exec(part)?.[0] ?? "";
      if (documented.has(name)) throw new Error(`${page}: ${name} is documented twice`);
      documented.set(
        name,
        [...part.matchAll(KEY_HEADING)].map(([, key = ""]) => key),
      );
    }
  }
  return documented;
}

describe("the pages of the spec format", () => {
  const documented = documentedKeys();

  it("have a section for every mapping of spec.schema.json, and for nothing else", () => {
    expect(definitionNames.length).toBeGreaterThan(10);
    expect([...documented.keys()].toSorted()).toEqual([...definitionNames].toSorted());
  });

  it.each(definitionNames)("document every key of spec.schema.json, and nothing else: %s", (name) => {
    const keys = keysOf(name).map(({ path }) => path);
    expect([...(documented.get(name) ?? [])].toSorted()).toEqual([...keys].toSorted());
  });

  it.each(definitionNames)("take a description of every key from spec.schema.json: %s", (name) => {
    const silent = keysOf(name)
      .filter(({ description }) => description === "")
      .map(({ path }) => path);
    expect(silent).toEqual([]);
  });
});
