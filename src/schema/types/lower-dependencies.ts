import { isObject, objectProperty } from "../../json/json.js";
import type { SchemaLocation } from "../locations.js";
import type { Lowering } from "./lower.js";
import { allBut, NEVER, UNKNOWN, type ObjectTerm, type Type } from "./type.js";

/** More dependencies than this are not written out: each can double the number of alternatives. */
const MOST = 3;

/** What may depend on the presence of a member: either it is missing, or the rest is there. */
export function dependencyType(lowering: Lowering, location: SchemaLocation): Type {
  const { schema, dialect } = location;
  if (!isObject(schema)) return UNKNOWN;
  const types: Type[] = [];
  for (const keyword of ["dependencies", "dependentRequired", "dependentSchemas"]) {
    if (!dialect.applicators.has(keyword) && !dialect.assertions.has(keyword)) continue;
    for (const [name, wanted] of Object.entries(objectProperty(schema, keyword))) {
      const consequence = Array.isArray(wanted)
        ? requiring(wanted.filter((item): item is string => typeof item === "string"))
        : lowering.inside(location, keyword, name);
      const present = lowering.algebra.intersect(requiring([name]), consequence);
      const missing = having([name], { type: NEVER, required: false });
      types.push(lowering.algebra.union([[missing], present, allBut("object")]));
    }
  }
  return types.length > MOST ? UNKNOWN : lowering.algebra.intersectAll(types);
}

/** Objects that have all these members. */
export function requiring(names: readonly string[]): Type {
  return names.length === 0 ? UNKNOWN : [having(names, { type: UNKNOWN, required: true })];
}

/** Objects in which these members are so. */
export function having(
  names: readonly string[],
  member: { readonly type: Type; readonly required: boolean },
): ObjectTerm {
  return {
    kind: "object",
    members: new Map(names.map((name) => [name, member])),
    patterns: [],
    rest: UNKNOWN,
  };
}
