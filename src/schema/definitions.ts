import { isObject } from "../json/json.js";
import type { SchemaLocation, SchemaIndex } from "./schema-index.js";
import { parsePointer } from "../json/pointer.js";
import { canonicalLocation, referencesOf } from "./references.js";
import { splitUri } from "./uris.js";

/** A schema that other schemas refer to. */
export interface SchemaDefinition {
  /** The canonical URI: the same for every schema that refers to it. */
  readonly uri: string;
  /** The URI among those given through which it was met first. */
  readonly from: string;
  /** The word that its name is derived from: its `$defs` key, else the base name of the file; never its title. */
  readonly baseName: string;
}

/** The schemas that those at `uris` refer to, directly or not, each once, in the order met, without those at `uris`. */
export function findDefinitions(index: SchemaIndex, uris: readonly string[]): readonly SchemaDefinition[] {
  const roots = uris.flatMap((uri) => index.at(uri) ?? []);
  // A schema that only refers to another has no type of its own, so its target still needs a name.
  const taken = new Set(
    roots.filter((root) => canonicalLocation(index, root).uri === root.uri).map(({ uri }) => uri),
  );
  const definitions: SchemaDefinition[] = [];
  const seen = new Set<string>();
  const open = roots.toReversed().map((location) => ({ location, from: location.uri }));
  for (let step = open.pop(); step !== undefined; step = open.pop()) {
    const { location, from } = step;
    if (seen.has(location.uri)) continue;
    seen.add(location.uri);
    const next: SchemaLocation[] = [];
    for (const { target } of referencesOf(index, location)) {
      if (target.to !== "schema") continue;
      const found = canonicalLocation(index, target.location);
      next.push(found);
      if (taken.has(found.uri) || !deservesName(found)) continue;
      taken.add(found.uri);
      definitions.push({ uri: found.uri, from, baseName: baseNameOf(found) });
    }
    const inner = [...next, ...appliedInside(index, location)];
    open.push(...inner.toReversed().map((one) => ({ location: one, from })));
  }
  return definitions;
}

/** Whether a schema has content that is worth a name: `true` and `{}` have none. */
function deservesName({ schema }: SchemaLocation): boolean {
  return isObject(schema) && Object.keys(schema).length > 0;
}

/** The schemas inside that are applied to values. Those in `$defs` apply only where a reference leads there. */
export function appliedInside(index: SchemaIndex, location: SchemaLocation): SchemaLocation[] {
  const { schema, dialect } = location;
  if (!isObject(schema) || (dialect.refIgnoresSiblings && typeof schema["$ref"] === "string")) return [];
  return index
    .subschemas(location)
    .filter(({ appliesTo }) => appliesTo !== "nothing" && appliesTo !== "content")
    .map((inside) => inside.location);
}

const CONTAINERS = new Set(["$defs", "definitions"]);
const NOT_A_NAME = new Set([
  "items",
  "schema",
  "allOf",
  "anyOf",
  "oneOf",
  "not",
  "then",
  "else",
  "if",
  "properties",
]);

/** The word that the name of a schema is derived from. */
export function baseNameOf({ uri }: SchemaLocation): string {
  return wordsOf(uri)[0] ?? "schema";
}

/**
 * The words from which the name of a schema is made, from the inside out: its key, then the names around it in its
 * document. For a whole document, its file name. A key that is a URL, as in bundled schemas, gives its levels.
 */
export function wordsOf(uri: string): readonly string[] {
  const { address, fragment } = splitUri(uri);
  const steps = parsePointer(fragment) ?? [];
  const named = steps.filter((step, index) => {
    const isKey = CONTAINERS.has(steps[index - 1] ?? "");
    return (
      hasLetters(step) && (isKey || !(CONTAINERS.has(step) || NOT_A_NAME.has(step) || /^\d+$/.test(step)))
    );
  });
  if (named.length > 0) return named.toReversed().flatMap(levelsOf);
  const stems = address.split("/").map(decodePart).map(withoutEnding);
  return [stems.findLast((stem) => hasLetters(stem) && !NOT_A_NAME.has(stem)) ?? "schema"];
}

/** The levels of a URL, the last one first; another word as it is. */
function levelsOf(word: string): readonly string[] {
  if (!/^https?:\/\//.test(word)) return [word];
  const [, ...levels] = (word.split(/[?#]/)[0] ?? word).split("/").filter(hasLetters).map(decodePart);
  return levels.toReversed().map(withoutEnding);
}

/** A file name without the ending of a schema file: `order` for `order.json`, `order.schema.yaml` and `order.schema`. */
export function withoutEnding(file: string): string {
  return file.replace(/\.(?:json|ya?ml)$/i, "").replace(/(?<=.)\.schema$/i, "");
}

/** Whether an identifier can contain any of its characters. */
function hasLetters(word: string): boolean {
  return /[\p{L}\p{N}]/u.test(word);
}

function decodePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
