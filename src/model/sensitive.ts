import type { SchemaResource } from "../spec/document.js";

/**
 * JSON pointers, with `*` for any member or item, to the members that the schema at `uri` marks `sensitive: true`.
 * References are followed; below a recursive one the search ends.
 */
export function sensitivePointers(documents: readonly SchemaResource[], uri: string): readonly string[] {
  const found = new Set<string>();
  const walk = (schema: unknown, base: string, pointer: string, open: readonly unknown[]): void => {
    if (typeof schema !== "object" || schema === null || open.includes(schema)) return;
    if (Array.isArray(schema)) {
      for (const item of schema) walk(item, base, pointer, open);
      return;
    }
    const here = [...open, schema];
    const keywords = schema as Readonly<Record<string, unknown>>;
    if (keywords["sensitive"] === true) found.add(pointer);
    if (typeof keywords["$ref"] === "string") {
      const target = lookUp(documents, keywords["$ref"], base);
      if (target !== undefined) walk(target.value, target.base, pointer, here);
    }
    for (const keyword of ["allOf", "anyOf", "oneOf", "if", "then", "else", "dependentSchemas"]) {
      const inPlace = keywords[keyword];
      walk(keyword === "dependentSchemas" && inPlace ? Object.values(inPlace) : inPlace, base, pointer, here);
    }
    for (const [name, member] of Object.entries(keywords["properties"] ?? {})) {
      walk(member, base, `${pointer}/${escapePointer(name)}`, here);
    }
    for (const member of Object.values(keywords["patternProperties"] ?? {})) {
      walk(member, base, `${pointer}/*`, here);
    }
    for (const keyword of [
      "additionalProperties",
      "unevaluatedProperties",
      "items",
      "prefixItems",
      "additionalItems",
    ]) {
      walk(keywords[keyword], base, `${pointer}/*`, here);
    }
  };
  const start = lookUp(documents, uri, "");
  if (start !== undefined) walk(start.value, start.base, "", []);
  return [...found].toSorted();
}

function lookUp(
  documents: readonly SchemaResource[],
  reference: string,
  base: string,
): { value: unknown; base: string } | undefined {
  const [uri = "", pointer = ""] = reference.split("#");
  const document = documents.find((candidate) => candidate.uri === (uri || base));
  if (document === undefined || (pointer !== "" && !pointer.startsWith("/"))) return undefined;
  let value: unknown = document.value;
  for (const token of decodeURIComponent(pointer).split("/").slice(1)) {
    if (typeof value !== "object" || value === null) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[token.replaceAll("~1", "/").replaceAll("~0", "~")];
  }
  return { value, base: document.uri };
}

function escapePointer(name: string): string {
  return name.replaceAll("~", "~0").replaceAll("/", "~1");
}
