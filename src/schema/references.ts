import type { Dialect } from "./dialect.js";
import { isObject, property, stringProperty, type JsonObject } from "../json/json.js";
import type { SchemaLocation, Resolution, SchemaIndex } from "./schema-index.js";
import { splitUri } from "./uris.js";

/** A reference from one schema to another. */
export interface Reference {
  readonly keyword: "$ref" | "$dynamicRef" | "$recursiveRef";
  readonly reference: string;
  /** Where it always leads; `dynamic` if that depends on how the schema was come to. */
  readonly target: Resolution | { readonly to: "dynamic"; readonly candidates: readonly SchemaLocation[] };
}

/** The references that stand in the schema itself, not in the schemas inside it; `scope` decides the dynamic ones. */
export function referencesOf(
  index: SchemaIndex,
  location: SchemaLocation,
  scope?: DynamicScope,
): readonly Reference[] {
  const { schema, dialect } = location;
  if (!isObject(schema)) return [];
  const found: Reference[] = [];
  const plain = stringProperty(schema, "$ref");
  if (plain !== undefined) {
    found.push({ keyword: "$ref", reference: plain, target: index.resolve(plain, location) });
  }
  const recursive = dialect.name === "2019-09" ? stringProperty(schema, "$recursiveRef") : undefined;
  if (recursive !== undefined) {
    const target = dynamicTarget({ index, location, reference: "#", scope }, isRecursiveAnchor);
    found.push({ keyword: "$recursiveRef", reference: recursive, target });
  }
  const dynamic = dialect.name === "2020-12" ? stringProperty(schema, "$dynamicRef") : undefined;
  if (dynamic !== undefined) {
    const { fragment } = splitUri(dynamic);
    const isAnchor = (target: JsonObject) => property(target, "$dynamicAnchor") === fragment;
    const target = dynamicTarget({ index, location, reference: dynamic, scope }, isAnchor);
    found.push({ keyword: "$dynamicRef", reference: dynamic, target });
  }
  return found;
}

function isRecursiveAnchor(schema: JsonObject): boolean {
  return property(schema, "$recursiveAnchor") === true;
}

interface DynamicUse {
  readonly index: SchemaIndex;
  readonly location: SchemaLocation;
  readonly reference: string;
  readonly scope: DynamicScope | undefined;
}

function dynamicTarget(
  { index, location, reference, scope }: DynamicUse,
  isAnchor: (schema: JsonObject) => boolean,
): Reference["target"] {
  const first = index.resolve(reference, location);
  // What is no dynamic anchor at first sight is a plain reference.
  if (first.to !== "schema" || !isObject(first.location.schema) || !isAnchor(first.location.schema))
    return first;
  const { fragment } = splitUri(reference);
  if (scope !== undefined) return { to: "schema", location: scope.anchors.get(fragment) ?? first.location };
  // So is one that is the only one that could ever be meant.
  const candidates = index.dynamicAnchors(fragment);
  return candidates.every(({ uri }) => uri === first.location.uri) ? first : { to: "dynamic", candidates };
}

/** The schemas that a reference may lead to: several for a dynamic one, none outside the documents of the index. */
export function targetsOf({ target }: Reference): readonly SchemaLocation[] {
  if (target.to === "schema") return [target.location];
  return target.to === "dynamic" ? target.candidates : [];
}

/**
 * Where a schema that only refers to another one leads in the end: the place itself if it says more than `$ref`, or if
 * its references run in a circle.
 */
export function canonicalLocation(index: SchemaIndex, location: SchemaLocation): SchemaLocation {
  const seen = new Set<string>();
  let at = location;
  while (!seen.has(at.uri)) {
    seen.add(at.uri);
    // A reference made from among dynamic anchors takes them along.
    if (!saysOnlyRef(at) || index.dynamicAnchorsAround(at).length > 0) return at;
    const target = referencesOf(index, at)[0]?.target;
    if (target?.to !== "schema") return at;
    at = target.location;
  }
  return location;
}

function saysOnlyRef({ schema, dialect }: SchemaLocation): boolean {
  if (!isObject(schema) || typeof property(schema, "$ref") !== "string") return false;
  if (dialect.refIgnoresSiblings) return true;
  return Object.keys(schema).every(
    (key) => key === "$ref" || !(applies(key, dialect) || constrains(key, dialect.assertions)),
  );
}

/** Whether the keyword applies schemas to the value, as `$defs` does not. */
function applies(key: string, { applicators }: Dialect): boolean {
  const applicator = applicators.get(key);
  return applicator !== undefined && !["nothing", "content"].includes(applicator.appliesTo);
}

function constrains(key: string, assertions: ReadonlySet<string>): boolean {
  return assertions.has(key) || key === "$dynamicRef" || key === "$recursiveRef";
}

/**
 * The dynamic anchors met on the way to a schema, the outermost of each name: what `$dynamicRef` leads to. The name of a
 * `$recursiveAnchor` is empty.
 */
export interface DynamicScope {
  readonly anchors: ReadonlyMap<string, SchemaLocation>;
  /** The same for the same anchors. */
  readonly key: string;
}

/** The scope before anything was entered. */
export const NO_SCOPE: DynamicScope = { anchors: new Map(), key: "" };

/** The scope inside the schema at `location`, come to from `scope`. */
export function enterScope(index: SchemaIndex, scope: DynamicScope, location: SchemaLocation): DynamicScope {
  const added = index.dynamicAnchorsAround(location).filter(([name]) => !scope.anchors.has(name));
  if (added.length === 0) return scope;
  const anchors = new Map([...scope.anchors, ...added]);
  return {
    anchors,
    key: [...anchors]
      .map(([name, { uri }]) => `${name}=${uri}`)
      .toSorted()
      .join(" "),
  };
}
