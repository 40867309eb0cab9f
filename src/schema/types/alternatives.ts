import { isSubAlternative } from "./subtype.js";
import { UNKNOWN, type Literal, type Type, type TypeAlternative } from "./type.js";

/** Unions with more structured alternatives than this are not simplified: every pair would have to be compared. */
const MAX_COMPARED = 40;

/** Removes alternatives that are contained in another one. */
export function simplifyUnion(alternatives: readonly TypeAlternative[]): Type {
  const seen = new Set<unknown>();
  const merged = mergeScalars(alternatives).filter((alternative) => {
    if (seen.has(alternative)) return false;
    seen.add(alternative);
    return true;
  });
  const structured = merged.filter(({ kind }) => kind === "array" || kind === "object" || kind === "named");
  if (structured.length < 2 || structured.length > MAX_COMPARED) return merged;
  const dropped = new Set<TypeAlternative>();
  for (const alternative of structured) {
    const others = structured.filter((other) => other !== alternative && !dropped.has(other));
    if (others.some((other) => isSubAlternative(alternative, other))) dropped.add(alternative);
  }
  return merged.filter((alternative) => !dropped.has(alternative));
}

/** Merges literals with the strings and numbers that contain them. */
function mergeScalars(alternatives: readonly TypeAlternative[]): TypeAlternative[] {
  const literals = new Set(
    alternatives.flatMap((alternative) => (alternative.kind === "literal" ? [alternative.value] : [])),
  );
  const wide = new Map<"string" | "number", Set<Literal>>();
  for (const alternative of alternatives) {
    if (alternative.kind !== "string" && alternative.kind !== "number") continue;
    const known = wide.get(alternative.kind);
    const except = [...(alternative.except ?? [])].filter(
      (value) => !literals.has(value) && (known?.has(value) ?? true),
    );
    wide.set(alternative.kind, new Set(except));
  }
  const done = new Set<unknown>();
  return alternatives.flatMap((alternative): TypeAlternative[] => {
    if (alternative.kind !== "literal" && alternative.kind !== "string" && alternative.kind !== "number")
      return [alternative];
    const type = alternative.kind === "literal" ? typeof alternative.value : alternative.kind;
    const except = type === "string" || type === "number" ? wide.get(type) : undefined;
    const identity = except ?? (alternative.kind === "literal" ? alternative.value : undefined);
    if (done.has(identity)) return [];
    done.add(identity);
    if (except === undefined || (type !== "string" && type !== "number")) return [alternative];
    return [except.size === 0 ? { kind: type } : { kind: type, except }];
  });
}

/** The strings, numbers, literals and the like that are in both types. */
export function meetScalars(a: Type, b: Type): TypeAlternative[] {
  const has = (type: Type, value: unknown) =>
    values(type).has(value) ||
    type.some(
      (alternative) =>
        alternative.kind === typeof value &&
        (alternative.kind === "string" || alternative.kind === "number") &&
        !alternative.except?.has(value as string),
    );
  const [inA, inB] = [values(a), values(b)];
  const found: TypeAlternative[] = [];
  for (const alternative of a)
    if (alternative.kind === "literal" && has(b, alternative.value)) found.push(alternative);
  for (const alternative of b)
    if (alternative.kind === "literal" && !inA.has(alternative.value) && has(a, alternative.value))
      found.push(alternative);
  for (const kind of ["string", "number"] as const) {
    const [left, right] = [
      a.find((alternative) => alternative.kind === kind),
      b.find((alternative) => alternative.kind === kind),
    ];
    if (left?.kind !== kind || right?.kind !== kind) continue;
    const except = new Set(
      [...(left.except ?? []), ...(right.except ?? [])].filter(
        (value) => !(inA.has(value) && inB.has(value)),
      ),
    );
    found.push(except.size === 0 ? { kind } : { kind, except });
  }
  return mergeScalars(found);
}

const valueSets = new WeakMap<Type, ReadonlySet<unknown>>();

/** The literals of a type. */
function values(type: Type): ReadonlySet<unknown> {
  const known = valueSets.get(type);
  if (known !== undefined) return known;
  const found = new Set(
    type.flatMap((alternative) => (alternative.kind === "literal" ? [alternative.value] : [])),
  );
  valueSets.set(type, found);
  return found;
}

/** Whether the union is any value and names no property. A property of any type is still worth printing. */
export function isEverything(alternatives: Type): boolean {
  return (
    alternatives.every((alternative) => alternative.kind !== "object" || alternative.properties.size === 0) &&
    holdsEverything(alternatives)
  );
}

/** Whether the type contains every value. */
export function holdsEverything(type: Type): boolean {
  return (
    type === UNKNOWN ||
    UNKNOWN.every((wanted) => type.some((alternative) => isSubAlternative(wanted, alternative)))
  );
}
