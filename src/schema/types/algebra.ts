import { valueTypes } from "./object-alternative.js";
import { isSubAlternative, isSubtype } from "./subtype.js";
import {
  ALL_OF_KIND,
  kindOf,
  KINDS,
  NEVER,
  UNKNOWN,
  type ArrayAlternative,
  type Kind,
  type Literal,
  type Property,
  type NamedAlternative,
  type ObjectAlternative,
  type TypeAlternative,
  type Type,
} from "./type.js";

/**
 * Two unions with more pairs of alternatives than this are not intersected pair by pair: the result would be
 * unreadable.
 * The larger union is used as the intersection instead.
 */
const MAX_ALTERNATIVES = 16;
/** Unions with more structured alternatives than this are not simplified: every pair would have to be compared. */
const MAX_COMPARED = 40;

/** Unions and intersections of types. The definition of a declared name is requested only if it is needed. */
export class Algebra {
  readonly #kindsOf: (name: string) => ReadonlySet<Kind>;

  /** @param kindsOf the kinds of value that a declared type can have. */
  constructor(kindsOf: (name: string) => ReadonlySet<Kind>) {
    this.#kindsOf = kindsOf;
  }

  /** The values that are in any of the types. */
  union(types: readonly Type[]): Type {
    const given = types.filter((type) => type.length > 0);
    const [only] = given;
    if (given.length <= 1) return only ?? NEVER;
    if (given.includes(UNKNOWN)) return UNKNOWN;
    const alternatives = simplifyUnion(given.flat());
    return isEverything(alternatives) ? UNKNOWN : alternatives;
  }

  /** The values that are in both. */
  intersect(a: Type, b: Type): Type {
    if (a === UNKNOWN || a === b) return b;
    if (b === UNKNOWN) return a;
    const found: TypeAlternative[] = [];
    for (const alternative of a) {
      if (alternative.kind === "named") found.push(...this.#narrow(alternative, b));
    }
    for (const alternative of b) {
      if (alternative.kind === "named")
        found.push(
          ...this.#narrow(
            alternative,
            a.filter(({ kind }) => kind !== "named"),
          ),
        );
    }
    found.push(...meetScalars(a, b));
    found.push(
      ...this.#meetAll(a, b, "array", (x, y) =>
        this.#meetArrays(x as ArrayAlternative, y as ArrayAlternative),
      ),
    );
    found.push(
      ...this.#meetAll(a, b, "object", (x, y) =>
        this.#intersectObjects(x as ObjectAlternative, y as ObjectAlternative),
      ),
    );
    // Keep the order of the alternatives of the left type.
    const order = new Map(a.map((alternative, index) => [kindOf(alternative), index] as const).toReversed());
    const rank = (alternative: TypeAlternative) => order.get(kindOf(alternative)) ?? a.length;
    return simplifyUnion(found.toSorted((x, y) => rank(x) - rank(y)));
  }

  /** The values that are in all of the types. */
  intersectAll(types: readonly Type[]): Type {
    return types.reduce((all, type) => this.intersect(all, type), UNKNOWN);
  }

  /** Removes properties that cannot exist. Returns no value at all if one of them is required. */
  normalizeObject(alternative: ObjectAlternative): Type {
    const properties = new Map<string, Property>();
    for (const [name, property] of alternative.properties) {
      if (property.type.length === 0 && property.required) return NEVER;
      const isSaidAnyway =
        property.type.length === 0 &&
        valueTypes({ ...alternative, properties: new Map() }, name).some(isNever);
      if (!isSaidAnyway) properties.set(name, property);
    }
    return [{ ...alternative, properties }];
  }

  /** Removes positions that cannot be filled. Returns no value at all if one of them is required. */
  normalizeArray(alternative: ArrayAlternative): Type {
    const end = alternative.prefix.findIndex(isNever);
    if (end < 0) return [alternative];
    return end < alternative.min
      ? NEVER
      : [{ ...alternative, prefix: alternative.prefix.slice(0, end), rest: NEVER }];
  }

  #narrow(alternative: NamedAlternative, by: Type): Type {
    const kinds = this.kinds([alternative]);
    const possible = by.filter((other) => {
      const kind = kindOf(other);
      return kind === undefined ? [...this.kinds([other])].some((one) => kinds.has(one)) : kinds.has(kind);
    });
    if (possible.length === 0) return NEVER;
    if ([...kinds].every((kind) => isSubtype(ALL_OF_KIND[kind], possible))) return [alternative];
    const [only] = possible;
    if (possible.length === 1 && only?.kind === "named") {
      const names = [...new Set([...alternative.names, ...only.names])];
      return [{ kind: "named", names, and: this.intersect(alternative.and, only.and) }];
    }
    const and = this.intersect(alternative.and, possible);
    return and.length === 0 ? NEVER : [{ ...alternative, and }];
  }

  /** The kinds of value that the type can have. */
  kinds(type: Type): ReadonlySet<Kind> {
    const found = new Set<Kind>();
    for (const alternative of type) {
      const kind = kindOf(alternative);
      if (kind !== undefined) found.add(kind);
      if (alternative.kind !== "named") continue;
      const sets = [...alternative.names.map(this.#kindsOf), this.kinds(alternative.and)];
      for (const one of KINDS) if (sets.every((set) => set.has(one))) found.add(one);
    }
    return found;
  }

  #meetAll(
    a: Type,
    b: Type,
    kind: "array" | "object",
    meet: (x: TypeAlternative, y: TypeAlternative) => Type,
  ): Type {
    const left = a.filter((alternative) => alternative.kind === kind);
    const right = b.filter((alternative) => alternative.kind === kind);
    if (left.length * right.length <= MAX_ALTERNATIVES)
      return left.flatMap((x) => right.flatMap((y) => meet(x, y)));
    return left.length >= right.length ? left : right;
  }

  #meetArrays(a: ArrayAlternative, b: ArrayAlternative): Type {
    const length = Math.max(a.prefix.length, b.prefix.length);
    const prefix: Type[] = [];
    for (let index = 0; index < length; index++) {
      prefix.push(this.intersect(a.prefix[index] ?? a.rest, b.prefix[index] ?? b.rest));
    }
    return this.normalizeArray({
      kind: "array",
      prefix,
      min: Math.max(a.min, b.min),
      rest: this.intersect(a.rest, b.rest),
    });
  }

  #intersectObjects(a: ObjectAlternative, b: ObjectAlternative): Type {
    const properties = new Map<string, Property>();
    for (const name of new Set([...a.properties.keys(), ...b.properties.keys()])) {
      const [left, right] = [a.properties.get(name), b.properties.get(name)];
      properties.set(name, {
        type: this.intersectAll([...valueTypes(a, name), ...valueTypes(b, name)]),
        required: left?.required === true || right?.required === true,
        doc: left?.doc ?? right?.doc,
      });
    }
    const patterns = [...this.#patternsWithin(a, b), ...this.#patternsWithin(b, a)];
    const unique = patterns.filter(
      ({ pattern }, at) => patterns.findIndex((one) => one.pattern === pattern) === at,
    );
    return this.normalizeObject({
      kind: "object",
      properties,
      patterns: unique,
      rest: this.intersect(a.rest, b.rest),
    });
  }

  /** The patterns of `a`, narrowed by the types that `b` allows for any such name. */
  #patternsWithin(a: ObjectAlternative, b: ObjectAlternative) {
    return a.patterns.map(({ pattern, type }) => {
      const same = b.patterns.find((other) => other.pattern === pattern);
      const other = same?.type ?? this.union([b.rest, ...b.patterns.map((one) => one.type)]);
      return { pattern, type: this.intersect(type, other) };
    });
  }
}

function isNever(type: Type): boolean {
  return type.length === 0;
}

/** Removes alternatives that are contained in another one. */
function simplifyUnion(alternatives: readonly TypeAlternative[]): Type {
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

function meetScalars(a: Type, b: Type): TypeAlternative[] {
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
function isEverything(alternatives: Type): boolean {
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
