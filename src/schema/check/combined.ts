import { isObject, objectProperty, property, stringArrayProperty, type JsonObject } from "../../json/json.js";
import { quote } from "../../diagnostics/words.js";
import { problem, type SchemaProblem } from "../problems.js";
import { referencesOf, targetsOf } from "../references.js";
import type { SchemaIndex, SchemaLocation } from "../schema-index.js";

/** The schemas that every value of a schema has to match, by the keyword that leads to them. */
interface Member {
  readonly keyword: "allOf" | "$ref" | undefined;
  readonly parts: readonly JsonObject[];
}

/** Reports schemas that apply to one value and contradict each other: one types, one names that the other excludes. */
export function combinedProblems(index: SchemaIndex): readonly SchemaProblem[] {
  return Array.from(index.locations()).flatMap((location) => {
    const members = membersOf(index, location);
    if (members.length < 2) return [];
    const contradiction = typeContradiction(members) ?? nameContradiction(members);
    if (contradiction === undefined) return [];
    const { keyword, reason } = contradiction;
    const { document, pointer } = location;
    return [
      problem(
        "unsatisfiable-schema",
        { reason },
        { uri: document, pointer: `${pointer}/${keyword}`, at: "key" },
      ),
    ];
  });
}

/** The keywords that are compared. */
const SAYS = ["type", "required", "additionalProperties"];

function membersOf(index: SchemaIndex, location: SchemaLocation): readonly Member[] {
  const { schema, dialect } = location;
  if (!isObject(schema)) return [];
  if (dialect.refIgnoresSiblings && typeof property(schema, "$ref") === "string") return [];
  const branches = index.subschemas(location).filter(({ keyword }) => keyword === "allOf");
  const targets = referencesOf(index, location).filter(({ target }) => target.to === "schema");
  const own = SAYS.some((keyword) => Object.hasOwn(schema, keyword));
  if (Number(own) + branches.length + targets.length < 2) return [];
  return [
    { keyword: undefined, parts: [schema] },
    ...branches.map((branch): Member => ({
      keyword: "allOf",
      parts: schemasOfValue(index, branch.location),
    })),
    ...targets.flatMap((reference) =>
      targetsOf(reference).map((target): Member => ({
        keyword: "$ref",
        parts: schemasOfValue(index, target),
      })),
    ),
  ];
}

/** The most schemas that are looked at for one member. Beyond it, long chains of definitions would take quadratic time. */
const MAX_PARTS = 50;

/** A schema and all that it takes in by references and `allOf`. */
export function schemasOfValue(index: SchemaIndex, from: SchemaLocation): readonly JsonObject[] {
  const seen = new Set<string>();
  const parts: JsonObject[] = [];
  const open = [from];
  for (let at = open.pop(); at !== undefined && parts.length < MAX_PARTS; at = open.pop()) {
    const { schema, dialect } = at;
    if (!isObject(schema) || seen.has(at.uri)) continue;
    seen.add(at.uri);
    open.push(
      ...referencesOf(index, at).flatMap(({ target }) => (target.to === "schema" ? [target.location] : [])),
    );
    if (dialect.refIgnoresSiblings && typeof property(schema, "$ref") === "string") continue;
    parts.push(schema);
    for (const { keyword, location } of index.subschemas(at)) if (keyword === "allOf") open.push(location);
  }
  return parts;
}

interface Contradiction {
  readonly keyword: string;
  readonly reason: string;
}

function typeContradiction(members: readonly Member[]): Contradiction | undefined {
  let common: { readonly types: ReadonlySet<string>; readonly keyword: Member["keyword"] } | undefined;
  for (const { keyword, parts } of members) {
    const types = typesOfAll(parts);
    // A member that contradicts itself is reported at its own place.
    if (types === undefined || types.size === 0) continue;
    const both = intersection(common?.types, types);
    if (both.size === 0) {
      const [before, after] = [common?.types ?? types, types].map((set) => [...set].map(quote).join(" or "));
      const where = keyword === "$ref" ? 'where "$ref" leads' : 'in "allOf"';
      return { keyword: keyword ?? "allOf", reason: `"type" is ${before}, and ${after} ${where}` };
    }
    common = { types: both, keyword };
  }
  return undefined;
}

/** The types that all of the schemas allow; undefined if none of them names any. */
export function typesOfAll(schemas: readonly JsonObject[]): ReadonlySet<string> | undefined {
  return schemas.flatMap((schema) => typesOf(schema) ?? []).reduce(intersection, undefined);
}

function intersection(a: ReadonlySet<string> | undefined, b: ReadonlySet<string>): ReadonlySet<string> {
  if (a === undefined) return b;
  const has = (types: ReadonlySet<string>, type: string) =>
    types.has(type) || (type === "integer" && types.has("number"));
  return new Set([...[...a].filter((type) => has(b, type)), ...[...b].filter((type) => has(a, type))]);
}

function nameContradiction(members: readonly Member[]): Contradiction | undefined {
  const types = members.flatMap(({ parts }) => parts.flatMap((part) => typesOf(part) ?? []));
  // Values of other types have no properties that could be missing.
  if (!types.some((one) => one.size === 1 && one.has("object"))) return undefined;
  for (const closed of members) {
    for (const part of closed.parts.filter(isClosed)) {
      const known = objectProperty(part, "properties");
      for (const other of members) {
        if (other === closed) continue;
        const required = other.parts.flatMap((one) => stringArrayProperty(one, "required"));
        const name = required.find((one) => !Object.hasOwn(known, one));
        if (name === undefined) continue;
        const keyword = closed.keyword ?? other.keyword ?? "allOf";
        const where =
          closed.keyword === undefined
            ? `"additionalProperties" beside ${quote(keyword)}`
            : `a schema ${keyword === "$ref" ? 'that "$ref" leads to' : 'of "allOf"'}`;
        return { keyword, reason: `${quote(name)} is required, and ${where} does not allow it` };
      }
    }
  }
  return undefined;
}

function isClosed(part: JsonObject): boolean {
  const patterns = Object.keys(objectProperty(part, "patternProperties"));
  return property(part, "additionalProperties") === false && patterns.length === 0;
}

function typesOf(schema: JsonObject): ReadonlySet<string> | undefined {
  const type = property(schema, "type");
  const types = typeof type === "string" ? [type] : stringArrayProperty(schema, "type");
  if (types.length === 0) return undefined;
  return new Set(property(schema, "nullable") === true ? [...types, "null"] : types);
}
