import { isObject, objectProperty } from "../../json/json.js";
import type { SchemaLocation } from "../schema-index.js";
import type { TypeContext } from "./type-context.js";
import { objectRequiring, objectWithProperty } from "./object-alternative.js";
import { exclude, NEVER, UNKNOWN, type Type } from "./type.js";

/** More dependencies than this are left out of the type: each can double the number of alternatives, here up to 8. */
const MAX_DEPENDENCIES = 3;

/** The type of `dependencies` and its successors: the property is missing, or the dependency holds. */
export function dependencyType(context: TypeContext, location: SchemaLocation): Type {
  const { schema, dialect } = location;
  if (!isObject(schema)) return UNKNOWN;
  const types: Type[] = [];
  for (const keyword of ["dependencies", "dependentRequired", "dependentSchemas"]) {
    if (!dialect.applicators.has(keyword) && !dialect.assertions.has(keyword)) continue;
    for (const [name, wanted] of Object.entries(objectProperty(schema, keyword))) {
      const consequence = Array.isArray(wanted)
        ? objectRequiring(wanted.filter((item): item is string => typeof item === "string"))
        : context.inside(location, keyword, name);
      const present = context.algebra.intersect(objectRequiring([name]), consequence);
      const missing = objectWithProperty([name], { type: NEVER, required: false });
      types.push(context.algebra.union([[missing], present, exclude("object")]));
    }
  }
  return types.length > MAX_DEPENDENCIES ? UNKNOWN : context.algebra.intersectAll(types);
}
