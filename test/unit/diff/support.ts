import { compareReaders, type SchemaComparison } from "../../../src/diff/schema/compare-schemas.js";
import { goalAt } from "../../../src/diff/schema/goal.js";
import type { Reader } from "../../../src/diff/schema/witness.js";
import { formatText } from "../../../src/diagnostics/index.js";
import { loadFrom } from "../../../src/load-from.js";
import type { ApiModel } from "../../../src/model/index.js";
import { createSchemaSet, type SchemaSet } from "../../../src/schema/index.js";
import { memoryFiles } from "../../../src/spec/memory-files.js";

const URI = "spec:/schema";

/** A schema, and the reader of its values. */
export function readerOf(schema: unknown): Reader & { readonly set: SchemaSet } {
  const set = createSchemaSet([{ uri: URI, value: schema }]);
  return { set, goal: goalAt(set, URI), refuse: (value) => set.validate(URI, value) };
}

/** Compares two schemas in both directions. */
export function compare(older: unknown, newer: unknown): SchemaComparison {
  return compareReaders(readerOf(older), readerOf(newer));
}

/** The model of a spec without other files. */
export async function apiOf(text: string): Promise<ApiModel> {
  const { model, diagnostics, sources } = await loadFrom(
    "/api.yaml",
    memoryFiles((path) => (path === "/api.yaml" ? text : undefined)),
    {},
  );
  if (model === undefined) throw new Error(formatText(diagnostics, { sources, color: false }));
  return model;
}
