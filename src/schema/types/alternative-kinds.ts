import { UNKNOWN, type ObjectAlternative, type Type, type TypeAlternative } from "./type.js";

/** Whether an object says more of its properties than their names: by a pattern, or of all others. */
export function isRecord(alternative: TypeAlternative): boolean {
  if (alternative.kind !== "object") return false;
  const { patterns, rest } = alternative;
  return patterns.length > 0 || (rest !== UNKNOWN && rest.length > 0);
}

/** Whether an object says which other properties there may be, or of which type. */
export function saysMoreThanNames(alternative: TypeAlternative): boolean {
  return alternative.kind === "object" && (alternative.patterns.length > 0 || alternative.rest !== UNKNOWN);
}

/** Whether an alternative is a declared type. */
export function isNamed({ kind }: TypeAlternative): boolean {
  return kind === "named";
}

/** Whether an alternative is an object with names only. */
export function isPlainObject(alternative: TypeAlternative): alternative is ObjectAlternative {
  return alternative.kind === "object" && !isRecord(alternative);
}

/** Whether a type has no value. */
export function isNever(type: Type): boolean {
  return type.length === 0;
}
