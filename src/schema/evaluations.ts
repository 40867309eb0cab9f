import { isObject, type JsonObject } from "../json/json.js";
import { enterScope, referencesOf, type DynamicScope } from "./references.js";
import type { SchemaIndex, SchemaLocation } from "./schema-index.js";

/** Conditions on a value: that branches have marked it as valid, or not, and that it has properties. */
export type Condition = readonly ConditionPart[];

type ConditionPart = { readonly mark: string; readonly is: boolean } | { readonly has: string };

/** A prepared schema, as ajv gets it. */
type Prepared = JsonObject | boolean;

/** The properties or items that a schema evaluates (2020-12 core, section 11). */
export type Evaluation =
  | { readonly kind: "properties"; readonly names: readonly string[]; readonly patterns: readonly string[] }
  | { readonly kind: "every-property" }
  | { readonly kind: "prefix"; readonly count: number }
  | { readonly kind: "every-item" }
  | { readonly kind: "contains" };

/** An evaluation that counts if the condition holds. */
export type Found = { readonly when: Condition; readonly contains?: Prepared } & Evaluation;

/**
 * A schema with `unevaluatedProperties` or `unevaluatedItems` that collects what the schemas inside it evaluate of the
 * same value.
 */
export interface Watcher {
  readonly found: Found[];
  /** The condition at the present schema. */
  readonly when: Condition;
}

/** All schemas that collect at a position, and the marks that the outermost of them declares. */
export interface Watch {
  readonly watchers: readonly Watcher[];
  readonly marks: string[];
}

/** The watch inside a branch that counts only if `part` holds. */
export function watchIf(watch: Watch, part: ConditionPart): Watch {
  const watchers = watch.watchers.map(({ found, when }) => ({ found, when: [...when, part] }));
  return { watchers, marks: watch.marks };
}

/** Records evaluations of the schema at the present position. */
export function record(watch: Watch, evaluations: readonly Evaluation[], contains?: Prepared): void {
  for (const { found, when } of watch.watchers) {
    for (const evaluation of evaluations)
      found.push({ when, ...evaluation, ...(contains !== undefined && { contains }) });
  }
}

/** The number of evaluations recorded so far. */
export function recorded(watch: Watch): number {
  return watch.watchers.reduce((sum, { found }) => sum + found.length, 0);
}

/** Properties and items that the keywords of a schema evaluate, without those of schemas applied in place and without `unevaluated…`. */
export function ownEvaluations({ schema, dialect }: SchemaLocation): readonly Evaluation[] {
  if (!isObject(schema)) return [];
  const has = (keyword: string) => dialect.applicators.has(keyword) && Object.hasOwn(schema, keyword);
  const keys = (keyword: string) => {
    const value = has(keyword) ? schema[keyword] : undefined;
    return isObject(value) ? Object.keys(value) : [];
  };
  const found: Evaluation[] = [];
  const [names, patterns] = [keys("properties"), keys("patternProperties")];
  if (names.length + patterns.length > 0) found.push({ kind: "properties", names, patterns });
  if (has("additionalProperties")) found.push({ kind: "every-property" });
  const [tuple, others] = has("prefixItems") ? ["prefixItems", "items"] : ["items", "additionalItems"];
  const prefix = schema[tuple];
  if (Array.isArray(prefix)) {
    found.push({ kind: "prefix", count: prefix.length });
    if (has(others)) found.push({ kind: "every-item" });
  } else if (has("items")) {
    found.push({ kind: "every-item" });
  }
  // 2019-09 does not count items that `contains` has found.
  if (dialect.name === "2020-12" && has("contains")) found.push({ kind: "contains" });
  return found;
}

/** Properties and items that `unevaluated…` of a schema evaluates for the schemas around it: all. */
export function unevaluatedEvaluations({ schema, dialect }: SchemaLocation): readonly Evaluation[] {
  const has = (keyword: string) =>
    dialect.applicators.has(keyword) && isObject(schema) && Object.hasOwn(schema, keyword);
  return [
    ...(has("unevaluatedProperties") ? [{ kind: "every-property" } as const] : []),
    ...(has("unevaluatedItems") ? [{ kind: "every-item" } as const] : []),
  ];
}

/** Everything that an unknown schema may evaluate. */
export const EVERYTHING: readonly Evaluation[] = [{ kind: "every-property" }, { kind: "every-item" }];

/**
 * Properties and items that the schema at `location` evaluates of every valid value. Undefined if that depends on the value, so that the
 * schema has to be watched.
 */
export function staticEvaluations(
  index: SchemaIndex,
  location: SchemaLocation,
  scope: DynamicScope,
): readonly Evaluation[] | undefined {
  const found: Evaluation[] = [];
  const seen = new Set<string>();
  const open = [{ location, scope }];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (seen.has(at.location.uri)) continue;
    seen.add(at.location.uri);
    const evaluations = [...ownEvaluations(at.location), ...unevaluatedEvaluations(at.location)];
    if (evaluations.some(({ kind }) => kind === "contains")) return undefined;
    found.push(...evaluations);
    const inside = enterScope(index, at.scope, at.location);
    for (const { target } of referencesOf(index, at.location, inside)) {
      if (target.to === "schema") open.push({ location: target.location, scope: inside });
      else if (target.to === "meta-schema") found.push(...EVERYTHING);
    }
    for (const { keyword, appliesTo, location: child } of index.subschemas(at.location)) {
      if (appliesTo !== "value" || keyword === "not" || !isObject(child.schema)) continue;
      if (keyword !== "allOf") return undefined;
      open.push({ location: child, scope: inside });
    }
  }
  return found;
}

/** The value of the keyword `mark`, which own-keywords.ts defines. */
export interface MarkKeyword {
  readonly id: string;
  readonly schema: unknown;
}

/** The value of the keyword `evaluate`. */
export interface EvaluateKeyword {
  readonly marks: readonly string[];
  readonly check: unknown;
  readonly close: unknown;
}

/** The value of `unevaluatedProperties` as own-keywords.ts defines it. */
export interface PropertiesKeyword {
  /** Every property is evaluated if one of these holds. */
  readonly everything: readonly Condition[];
  readonly some: readonly {
    readonly when: Condition;
    readonly names: readonly string[];
    readonly patterns: readonly string[];
  }[];
  readonly schema: unknown;
}

/** The value of `unevaluatedItems` as own-keywords.ts defines it. */
export interface ItemsKeyword {
  readonly everything: readonly Condition[];
  readonly prefixes: readonly { readonly when: Condition; readonly count: number }[];
  /** Conditions, and the properties of this value with the schemas of `contains`. */
  readonly contains: readonly { readonly when: Condition; readonly property: string }[];
  readonly schema: unknown;
}

/** The keyword for `unevaluatedProperties`. Undefined if there never is an unevaluated property. */
export function propertiesKeyword(found: readonly Found[], schema: unknown): PropertiesKeyword | undefined {
  const everything = found.flatMap(({ kind, when }) => (kind === "every-property" ? [when] : []));
  if (everything.some(isCertain)) return undefined;
  const some = new Map<string, { when: Condition; names: Set<string>; patterns: Set<string> }>();
  for (const one of found) {
    if (one.kind !== "properties") continue;
    const key = JSON.stringify(one.when);
    const group = some.get(key) ?? { when: one.when, names: new Set(), patterns: new Set() };
    some.set(key, group);
    for (const name of one.names) group.names.add(name);
    for (const pattern of one.patterns) group.patterns.add(pattern);
  }
  const groups = [...some.values()].map(({ when, names, patterns }) => ({
    when,
    names: [...names],
    patterns: [...patterns],
  }));
  return { everything, some: groups, schema };
}

/** The keyword for `unevaluatedItems`. Undefined if there never is an unevaluated item. */
export function itemsKeyword(found: readonly Found[], schema: unknown): ItemsKeyword | undefined {
  const everything = found.flatMap(({ kind, when }) => (kind === "every-item" ? [when] : []));
  if (everything.some(isCertain)) return undefined;
  const prefixes = found.flatMap((one) =>
    one.kind === "prefix" ? [{ when: one.when, count: one.count }] : [],
  );
  const schemas: Record<string, unknown> = {};
  const contains = found.flatMap((one) => {
    if (one.kind !== "contains") return [];
    const property = `contains${Object.keys(schemas).length}`;
    schemas[property] = one.contains ?? true;
    return [{ when: one.when, property }];
  });
  return { everything, prefixes, contains, schema, ...schemas };
}

function isCertain(when: Condition): boolean {
  return when.length === 0;
}
