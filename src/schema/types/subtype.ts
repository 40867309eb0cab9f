import {
  UNKNOWN,
  type ArrayAlternative,
  type ObjectAlternative,
  type TypeAlternative,
  type Type,
} from "./type.js";
import { valueTypes } from "./object-alternative.js";

// Nested types are compared to this depth, because comparing is exponential in the depth of unions. Below it, only
// identical objects are equal.
const MAX_DEPTH = 8;

/** Whether every value of `a` is certainly one of `b`. */
export function isSubtype(a: Type, b: Type, depth = 0): boolean {
  if (a === b || b === UNKNOWN || a.length === 0) return true;
  return (
    depth < MAX_DEPTH &&
    a.every((alternative) => b.some((other) => isSubAlternative(alternative, other, depth)))
  );
}

/** Whether every value of the alternative `a` is certainly one of `b`. */
export function isSubAlternative(a: TypeAlternative, b: TypeAlternative, depth = 0): boolean {
  if (a === b) return true;
  switch (b.kind) {
    case "literal":
      return a.kind === "literal" && a.value === b.value;
    case "string":
    case "number":
      if (a.kind === "literal") return typeof a.value === b.kind && !b.except?.has(a.value);
      return a.kind === b.kind && [...(b.except ?? [])].every((value) => a.except?.has(value));
    case "array":
      return a.kind === "array" ? isSubarray(a, b, depth) : isNarrowed(a, b, depth);
    case "object":
      return a.kind === "object" ? isSubobject(a, b, depth) : isNarrowed(a, b, depth);
    case "named":
      if (a.kind !== "named" || !b.names.every((name) => a.names.includes(name))) return false;
      return isSubtype(a.and, b.and, depth + 1);
  }
}

// A declared type that is narrowed by an intersection is at least as narrow as the other part.
function isNarrowed(a: TypeAlternative, b: TypeAlternative, depth: number): boolean {
  return a.kind === "named" && a.and !== UNKNOWN && isSubtype(a.and, [b], depth + 1);
}

function isSubarray(a: ArrayAlternative, b: ArrayAlternative, depth: number): boolean {
  if (a.min < b.min) return false;
  const positions = Math.max(a.prefix.length, b.prefix.length);
  for (let index = 0; index < positions; index++) {
    // Positions beyond the end of `a` cannot differ.
    if (a.rest.length === 0 && index >= a.prefix.length) return true;
    if (!isSubtype(a.prefix[index] ?? a.rest, b.prefix[index] ?? b.rest, depth + 1)) return false;
  }
  return isSubtype(a.rest, b.rest, depth + 1);
}

function isSubobject(a: ObjectAlternative, b: ObjectAlternative, depth: number): boolean {
  for (const [name, property] of b.properties) {
    if (property.required && a.properties.get(name)?.required !== true) return false;
    if (property.type !== UNKNOWN && !covers(valueTypes(a, name), [property.type], depth)) return false;
  }
  for (const [name, property] of a.properties) {
    if (!b.properties.has(name) && !covers([property.type], valueTypes(b, name), depth)) return false;
  }
  // A name that matches a pattern of `b` may be any other name of `a`.
  const wanted = [b.rest, ...b.patterns.map(({ type }) => type)];
  return [a.rest, ...a.patterns.map(({ type }) => type)].every((type) =>
    wanted.every((other) => isSubtype(type, other, depth + 1)),
  );
}

/** Whether a value in all of `types` is certainly in each of `wanted`. */
function covers(types: readonly Type[], wanted: readonly Type[], depth: number): boolean {
  return wanted.every((other) => types.some((type) => isSubtype(type, other, depth + 1)));
}
