import { isObject, objectProperty } from "../../json/json.js";
import type { SchemaLocation } from "../schema-index.js";
import type { SchemaToType } from "./schema-to-type.js";
import { exclude, NEVER, UNKNOWN, type ObjectAlternative, type Type } from "./type.js";

/** More dependencies than this are not written out: each can double the number of alternatives. */
const MAX_DEPENDENCIES = 3;

/** What may depend on the presence of a member: either it is missing, or the rest is there. */
export function dependencyType(lowering: SchemaToType, location: SchemaLocation): Type {
  const { schema, dialect } = location;
  if (!isObject(schema)) return UNKNOWN;
  const types: Type[] = [];
  for (const keyword of ["dependencies", "dependentRequired", "dependentSchemas"]) {
    if (!dialect.applicators.has(keyword) && !dialect.assertions.has(keyword)) continue;
    for (const [name, wanted] of Object.entries(objectProperty(schema, keyword))) {
      const consequence = Array.isArray(wanted)
        ? objectRequiring(wanted.filter((item): item is string => typeof item === "string"))
        : lowering.inside(location, keyword, name);
      const present = lowering.algebra.intersect(objectRequiring([name]), consequence);
      const missing = objectWithProperty([name], { type: NEVER, required: false });
      types.push(lowering.algebra.union([[missing], present, exclude("object")]));
    }
  }
  return types.length > MAX_DEPENDENCIES ? UNKNOWN : lowering.algebra.intersectAll(types);
}

/** Objects that have all these members. */
export function objectRequiring(names: readonly string[]): Type {
  return names.length === 0 ? UNKNOWN : [objectWithProperty(names, { type: UNKNOWN, required: true })];
}

/** Objects in which these members are so. */
export function objectWithProperty(
  names: readonly string[],
  member: { readonly type: Type; readonly required: boolean },
): ObjectAlternative {
  return {
    kind: "object",
    properties: new Map(names.map((name) => [name, member])),
    patterns: [],
    rest: UNKNOWN,
  };
}
