import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { createSchemaSet, type SchemaDocument, type SchemaSet } from "../../../src/schema/index.js";

const FOLDER = fileURLToPath(new URL("../../data/json-schema-test-suite/", import.meta.url));

/** The dialect that each of the suite's drafts is about. */
export const DRAFTS = {
  draft4: "http://json-schema.org/draft-04/schema#",
  draft6: "http://json-schema.org/draft-06/schema#",
  draft7: "http://json-schema.org/draft-07/schema#",
  "draft2019-09": "https://json-schema.org/draft/2019-09/schema",
  "draft2020-12": "https://json-schema.org/draft/2020-12/schema",
} as const;

export type Draft = keyof typeof DRAFTS;

/** The drafts, oldest first. */
export const DRAFT_NAMES = Object.keys(DRAFTS) as readonly Draft[];

/** Where the suite's schemas are opened. */
export const SCHEMA = "suite:/schema";

/** Several instances for one schema. */
export interface Group {
  readonly draft: Draft;
  readonly file: string;
  readonly description: string;
  readonly schema: unknown;
  readonly tests: readonly {
    readonly description: string;
    readonly data: unknown;
    readonly valid: boolean;
  }[];
}

/** The required cases of a draft, in the order of its files. */
export function groupsOf(draft: Draft): readonly Group[] {
  const folder = join(FOLDER, "tests", draft);
  return readdirSync(folder)
    .toSorted()
    .flatMap((file) =>
      (readJson(join(folder, file)) as readonly Omit<Group, "draft" | "file">[]).map((group) => ({
        ...group,
        draft,
        file,
      })),
    );
}

/** Opens a group's schema, and with it the documents that the suite would serve, as far as it leads to them. */
export function openGroup({ draft, schema }: Group): SchemaSet {
  const all = remotes(draft);
  const needed = new Map<string, SchemaDocument>();
  const open = [schema];
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    const text = JSON.stringify(value);
    for (const document of all) {
      const path = document.uri.slice("http://localhost:1234/".length);
      const stem = path.split("/").at(-1) ?? path;
      if (needed.has(document.uri) || !text.includes(stem)) continue;
      needed.set(document.uri, document);
      open.push(document.value);
    }
  }
  return createSchemaSet([{ uri: SCHEMA, value: inDialect(draft, schema) }, ...needed.values()]);
}

/** The suite leaves `$schema` out where the folder says it. */
function inDialect(draft: Draft, schema: unknown): unknown {
  if (typeof schema !== "object" || schema === null || "$schema" in schema) return schema;
  return { $schema: DRAFTS[draft], ...schema };
}

const known = new Map<Draft, readonly SchemaDocument[]>();

function remotes(draft: Draft): readonly SchemaDocument[] {
  const before = known.get(draft);
  if (before !== undefined) return before;
  const folder = join(FOLDER, "remotes");
  const found = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll("\\", "/"))
    .filter((path) => !path.startsWith("draft") || path.startsWith(`${draft}/`))
    .toSorted()
    .map((path) => ({
      uri: `http://localhost:1234/${path}`,
      value: inDialect(draft, readJson(join(folder, path))),
    }));
  known.set(draft, found);
  return found;
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, "utf8"));
}
