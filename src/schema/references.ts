import type { Dialect } from "./dialect.js";
import { isObject, property, stringProperty, type JsonObject } from "../json/json.js";
import type { SchemaLocation, Resolution, SchemaIndex } from "./schema-index.js";
import { splitUri } from "./uris.js";

/** A reference from one schema to another. */
export interface Reference {
  readonly keyword: "$ref" | "$dynamicRef" | "$recursiveRef";
  readonly reference: string;
  /** The target; `dynamic` if it depends on the path by which the schema was reached. */
  readonly target: Resolution | { readonly to: "dynamic"; readonly candidates: readonly SchemaLocation[] };
}

/** The references of the schema itself, without those of schemas inside it. `scope` determines dynamic targets. */
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
  // A reference whose first target is not a dynamic anchor is a plain reference.
  if (first.to !== "schema" || !isObject(first.location.schema) || !isAnchor(first.location.schema))
    return first;
  const { fragment } = splitUri(reference);
  if (scope !== undefined) return { to: "schema", location: scope.anchors.get(fragment) ?? first.location };
  // A dynamic anchor without a rival of the same name is the only possible target.
  const candidates = index.dynamicAnchors(fragment);
  return candidates.every(({ uri }) => uri === first.location.uri) ? first : { to: "dynamic", candidates };
}

/** The schemas that a reference may lead to: several for a dynamic one, none outside the documents of the index. */
export function targetsOf({ target }: Reference): readonly SchemaLocation[] {
  if (target.to === "schema") return [target.location];
  return target.to === "dynamic" ? target.candidates : [];
}

/**
 * The final target of a schema that only refers to another one. The location itself if it has more keywords than
 * `$ref`,
 * or if its references form a cycle.
 */
export function canonicalLocation(index: SchemaIndex, location: SchemaLocation): SchemaLocation {
  const seen = new Set<string>();
  let at = location;
  while (!seen.has(at.uri)) {
    seen.add(at.uri);
    // A reference from a resource with dynamic anchors brings them into the dynamic scope, so it is more than an alias.
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

/** Whether the schema has no keyword that could refuse a value. */
export function acceptsEverything({ schema, dialect }: SchemaLocation): boolean {
  if (!isObject(schema)) return schema === true;
  return Object.keys(schema).every(
    (key) => key !== "$ref" && !applies(key, dialect) && !constrains(key, dialect.assertions),
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
 * The dynamic scope of a schema (2020-12 core, section 7.1): for each name the outermost anchor on the path to it,
 * which
 * `$dynamicRef` leads to. The name of a `$recursiveAnchor` is the empty string.
 */
export interface DynamicScope {
  readonly anchors: ReadonlyMap<string, SchemaLocation>;
  /** A key that is equal for equal anchors. */
  readonly key: string;
}

/** The scope of a root schema, before any anchor is entered. */
export const NO_SCOPE: DynamicScope = { anchors: new Map(), key: "" };

/** The scope inside the schema at `location`, reached from `scope`. */
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
