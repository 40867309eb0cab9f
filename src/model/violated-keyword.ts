import { isObject, property } from "../json/json.js";
import { parsePointer, pointerStep } from "../json/pointer.js";
import {
  referencesOf,
  targetsOf,
  type SchemaIndex,
  type SchemaLocation,
  type ValidationErrorLike,
} from "../schema/index.js";

/** A keyword of a schema that a value violates. */
export interface ViolatedKeyword {
  readonly schema: SchemaLocation;
  /** A JSON pointer from the document's root: to the keyword, or to the schema if it has no such keyword. */
  readonly pointer: string;
}

/** Bounds the search in schemas that refer to each other. Beyond it, the keyword found so far is returned. */
const MAX_LOCATIONS = 1_000;

/**
 * Finds the keyword that an error is about. ajv's `schemaPath` alone is not enough: behind a `$ref`, it does not say which
 * document it is in. So the search follows the path of the value through the schemas, and `schemaPath` only decides between
 * several that have the keyword.
 */
export function findViolatedKeyword(
  index: SchemaIndex,
  uri: string,
  { instancePath, keyword, schemaPath }: Pick<ValidationErrorLike, "instancePath" | "keyword" | "schemaPath">,
): ViolatedKeyword | undefined {
  const root = index.at(uri);
  if (root === undefined) return undefined;
  let here = appliedTogether(index, [root]);
  for (const step of parsePointer(instancePath) ?? []) {
    const next = appliedTogether(
      index,
      here.flatMap((location) => belowStep(index, location, step)),
    );
    // The keyword stands further up if no schema describes this part of the value.
    if (next.length === 0) break;
    here = next;
  }
  let best: { readonly keyword: ViolatedKeyword; readonly score: number } | undefined;
  for (const schema of here) {
    if (!isObject(schema.schema) || property(schema.schema, keyword) === undefined) continue;
    const pointer = schema.pointer + pointerStep(keyword);
    const score = commonEnd(pointer, schemaPath);
    if (best === undefined || score > best.score) best = { keyword: { schema, pointer }, score };
  }
  const [first = root] = here;
  return best?.keyword ?? { schema: first, pointer: first.pointer };
}

/** The schemas that apply to the same value: these, their references, and the parts of `allOf` and the like. */
function appliedTogether(index: SchemaIndex, start: readonly SchemaLocation[]): readonly SchemaLocation[] {
  const found = new Map(start.map((location) => [location.uri, location]));
  for (const location of found.values()) {
    if (found.size > MAX_LOCATIONS) break;
    const references = referencesOf(index, location).flatMap(targetsOf);
    const parts = index.subschemas(location).filter(({ appliesTo }) => appliesTo === "value");
    for (const next of [...references, ...parts.map((part) => part.location)]) found.set(next.uri, next);
  }
  return [...found.values()];
}

function belowStep(index: SchemaIndex, location: SchemaLocation, step: string): readonly SchemaLocation[] {
  return index
    .subschemas(location)
    .filter(({ appliesTo, keyword, pointer }) =>
      appliesTo === "property"
        ? pointer === pointerStep(keyword) + pointerStep(step)
        : appliesTo === "properties" || appliesTo === "items",
    )
    .map((part) => part.location);
}

/** The number of steps at the end that two paths have in common. */
function commonEnd(one: string, other: string): number {
  const [left, right] = [one.split("/").toReversed(), other.split("/").toReversed()];
  const differs = left.findIndex((step, at) => step !== right[at]);
  return differs === -1 ? left.length : differs;
}
