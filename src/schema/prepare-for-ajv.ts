import { isObject, objectProperty, PROTOTYPE_NAMES, setProperty, type JsonObject } from "../json/json.js";
import { itemsKeyword, propertiesKeyword, type EvaluateKeyword, type Found } from "./evaluations.js";

/**
 * The number of properties, or branches, of one function. ajv nests a block for each. 100 stay far from overflowing the
 * stack of a JavaScript parser; more are divided into further units.
 */
export const MAX_WIDTH = 100;

/** Whether a list or map mentions names that every object inherits. */
export function mentionsPrototypeNames(names: unknown): boolean {
  const mentioned: readonly unknown[] = Array.isArray(names)
    ? names
    : Object.entries(isObject(names) ? names : {}).flatMap(([name, value]) => [
        name,
        ...(Array.isArray(value) ? value : []),
      ]);
  return mentioned.some((name) => typeof name === "string" && PROTOTYPE_NAMES.has(name));
}

/** Appends schemas to `allOf`, `anyOf` or the like, which may be absent. */
export function addTo(prepared: Record<string, unknown>, keyword: string, schemas: readonly unknown[]): void {
  const present = prepared[keyword];
  if (schemas.length > 0) prepared[keyword] = [...(Array.isArray(present) ? present : []), ...schemas];
}

/** Rewrites keywords that ajv reads otherwise than JSON Schema means them, or not at all. */
export function adaptToAjv(prepared: Record<string, unknown>): void {
  normalizeNullableAndEnum(prepared);
  avoidProtoProperty(prepared);
  avoidProtoDependency(prepared);
  isolateTuple(prepared);
  refuseEmpty(prepared);
}

/** Rewrites what the meta-schemas allow but ajv rejects or ignores: `nullable` without `type`, and an empty `enum`. */
function normalizeNullableAndEnum(prepared: Record<string, unknown>): void {
  if (!("type" in prepared) || prepared["nullable"] !== true) delete prepared["nullable"];
  const values = prepared["enum"];
  if (Array.isArray(values) && values.length === 0) {
    delete prepared["enum"];
    addTo(prepared, "allOf", [false]);
  }
}

/** Separates `unevaluated…` from the other keywords, because it depends on the marks that these set. */
export function closed(prepared: JsonObject, found: readonly Found[], marks: readonly string[]): JsonObject {
  const { unevaluatedProperties, unevaluatedItems, ...check } = prepared;
  const close: Record<string, unknown> = {};
  const keywords = { unevaluatedProperties, unevaluatedItems };
  for (const [key, make] of [
    ["unevaluatedProperties", propertiesKeyword],
    ["unevaluatedItems", itemsKeyword],
  ] as const) {
    const schema = keywords[key];
    const keyword = schema === undefined || schema === true ? undefined : make(found, schema);
    if (keyword !== undefined) close[key] = keyword;
  }
  const keyword: EvaluateKeyword = { marks, check, close };
  return { evaluate: keyword };
}

/**
 * Adds `minItems: 1` to `contains`. For an empty array, ajv's code reads the verdict on an item of the array before it
 * if `contains` is inside a loop.
 */
function refuseEmpty(prepared: Record<string, unknown>): void {
  if (!("contains" in prepared) || prepared["minContains"] === 0) return;
  const { minItems } = prepared;
  if (typeof minItems !== "number" || minItems < 1) prepared["minItems"] = 1;
}

/** Moves a tuple beside `contains` to a schema of its own. ajv skips `contains` for an empty array after a tuple. */
function isolateTuple(prepared: Record<string, unknown>): void {
  if (!("contains" in prepared)) return;
  const [tuple, others] = "prefixItems" in prepared ? ["prefixItems", "items"] : ["items", "additionalItems"];
  if (!Array.isArray(prepared[tuple])) return;
  const part = { [tuple]: prepared[tuple], ...(others in prepared && { [others]: prepared[others] }) };
  delete prepared[tuple];
  delete prepared[others];
  addTo(prepared, "allOf", [part]);
}

const PROTO_PATTERN = "^__proto__$";

/** Rewrites a property called `__proto__` as a pattern. ajv ignores the property, but not the pattern. */
function avoidProtoProperty(prepared: Record<string, unknown>): void {
  const properties = prepared["properties"];
  if (!isObject(properties) || !Object.hasOwn(properties, "__proto__")) return;
  const { ["__proto__"]: schema, ...others } = properties;
  prepared["properties"] = others;
  const patterns = objectProperty(prepared, "patternProperties");
  const ofPattern = Object.hasOwn(patterns, PROTO_PATTERN) ? [patterns[PROTO_PATTERN]] : [];
  prepared["patternProperties"] = { ...patterns, [PROTO_PATTERN]: { allOf: [schema, ...ofPattern] } };
}

/** Rewrites a dependency of `__proto__` as a condition. ajv ignores the dependency. */
function avoidProtoDependency(prepared: Record<string, unknown>): void {
  const { dependencies } = prepared;
  if (!isObject(dependencies) || !Object.hasOwn(dependencies, "__proto__")) return;
  const { ["__proto__"]: dependency, ...others } = dependencies;
  prepared["dependencies"] = others;
  const then = Array.isArray(dependency) ? { required: dependency } : dependency;
  // oxlint-disable-next-line unicorn/no-thenable -- `then` is a keyword of JSON Schema
  addTo(prepared, "allOf", [{ if: { type: "object", required: ["__proto__"] }, then }]);
}

/** A list in parts of at most {@link MAX_WIDTH}. */
export function chunks<T>(items: readonly T[]): T[][] {
  const found: T[][] = [];
  for (let at = 0; at < items.length; at += MAX_WIDTH) found.push(items.slice(at, at + MAX_WIDTH));
  return found;
}

/** The properties with these names, with `true` for their schemas if they are left `blank`. */
export function pick(from: JsonObject, names: readonly string[], blank = false): JsonObject {
  const picked = {};
  for (const name of names) setProperty(picked, name, blank ? true : from[name]);
  return picked;
}

/** Divides the branches of `anyOf` and `allOf` into nested ones of at most {@link MAX_WIDTH}. */
export function nestBranches(prepared: Record<string, unknown>): void {
  for (const keyword of ["anyOf", "allOf"]) {
    const branches = prepared[keyword];
    if (Array.isArray(branches)) prepared[keyword] = nest(keyword, branches);
  }
}

function nest(keyword: string, branches: readonly unknown[]): readonly unknown[] {
  if (branches.length <= MAX_WIDTH) return branches;
  return nest(
    keyword,
    chunks(branches).map((part) => ({ [keyword]: part })),
  );
}
