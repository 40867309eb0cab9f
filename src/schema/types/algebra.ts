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

/** Beyond this many alternatives, what two unions have in common is no longer spelt out. */
const MAX_ALTERNATIVES = 16;
/** Beyond this many, alternatives are not compared with each other. */
const MAX_COMPARED = 40;

/** Joins and meets of types. What a declared name stands for is asked for only as far as needed. */
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
    const terms = simplifyUnion(given.flat());
    return isEverything(terms) ? UNKNOWN : terms;
  }

  /** The values that are in both. */
  intersect(a: Type, b: Type): Type {
    if (a === UNKNOWN || a === b) return b;
    if (b === UNKNOWN) return a;
    const found: TypeAlternative[] = [];
    for (const term of a) {
      if (term.kind === "named") found.push(...this.#narrow(term, b));
    }
    for (const term of b) {
      if (term.kind === "named")
        found.push(
          ...this.#narrow(
            term,
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
    // The alternatives keep the order that the left one has.
    const order = new Map(a.map((term, place) => [kindOf(term), place] as const).toReversed());
    const rank = (term: TypeAlternative) => order.get(kindOf(term)) ?? a.length;
    return simplifyUnion(found.toSorted((x, y) => rank(x) - rank(y)));
  }

  /** The values that are in all of the types. */
  intersectAll(types: readonly Type[]): Type {
    return types.reduce((all, type) => this.intersect(all, type), UNKNOWN);
  }

  /** An object without the properties that can not be there; nothing if a required one can not. */
  normalizeObject(term: ObjectAlternative): Type {
    const properties = new Map<string, Property>();
    for (const [name, property] of term.properties) {
      if (property.type.length === 0 && property.required) return NEVER;
      const isSaidAnyway =
        property.type.length === 0 && valueTypes({ ...term, properties: new Map() }, name).some(isNever);
      if (!isSaidAnyway) properties.set(name, property);
    }
    return [{ ...term, properties }];
  }

  /** An array without the places that can not be filled; nothing if it needs one of them. */
  normalizeArray(term: ArrayAlternative): Type {
    const end = term.prefix.findIndex(isNever);
    if (end < 0) return [term];
    return end < term.min ? NEVER : [{ ...term, prefix: term.prefix.slice(0, end), rest: NEVER }];
  }

  #narrow(term: NamedAlternative, by: Type): Type {
    const kinds = this.kinds([term]);
    const possible = by.filter((other) => {
      const kind = kindOf(other);
      return kind === undefined ? [...this.kinds([other])].some((one) => kinds.has(one)) : kinds.has(kind);
    });
    if (possible.length === 0) return NEVER;
    if ([...kinds].every((kind) => isSubtype(ALL_OF_KIND[kind], possible))) return [term];
    const [only] = possible;
    if (possible.length === 1 && only?.kind === "named") {
      const names = [...new Set([...term.names, ...only.names])];
      return [{ kind: "named", names, and: this.intersect(term.and, only.and) }];
    }
    const and = this.intersect(term.and, possible);
    return and.length === 0 ? NEVER : [{ ...term, and }];
  }

  /** The kinds of value that the type can have. */
  kinds(type: Type): ReadonlySet<Kind> {
    const found = new Set<Kind>();
    for (const term of type) {
      const kind = kindOf(term);
      if (kind !== undefined) found.add(kind);
      if (term.kind !== "named") continue;
      const sets = [...term.names.map(this.#kindsOf), this.kinds(term.and)];
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
    const left = a.filter((term) => term.kind === kind);
    const right = b.filter((term) => term.kind === kind);
    if (left.length * right.length <= MAX_ALTERNATIVES)
      return left.flatMap((x) => right.flatMap((y) => meet(x, y)));
    return left.length >= right.length ? left : right;
  }

  #meetArrays(a: ArrayAlternative, b: ArrayAlternative): Type {
    const length = Math.max(a.prefix.length, b.prefix.length);
    const prefix: Type[] = [];
    for (let place = 0; place < length; place++) {
      prefix.push(this.intersect(a.prefix[place] ?? a.rest, b.prefix[place] ?? b.rest));
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

  /** The patterns of `a`, with what `b` may say about any such name. */
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

/** Leaves out the alternatives that another one holds already. */
function simplifyUnion(terms: readonly TypeAlternative[]): Type {
  const seen = new Set<unknown>();
  const merged = mergeScalars(terms).filter((term) => {
    if (seen.has(term)) return false;
    seen.add(term);
    return true;
  });
  const structured = merged.filter(({ kind }) => kind === "array" || kind === "object" || kind === "named");
  if (structured.length < 2 || structured.length > MAX_COMPARED) return merged;
  const dropped = new Set<TypeAlternative>();
  for (const term of structured) {
    const others = structured.filter((other) => other !== term && !dropped.has(other));
    if (others.some((other) => isSubAlternative(term, other))) dropped.add(term);
  }
  return merged.filter((term) => !dropped.has(term));
}

/** Joins literals with the strings and numbers around them. */
function mergeScalars(terms: readonly TypeAlternative[]): TypeAlternative[] {
  const literals = new Set(terms.flatMap((term) => (term.kind === "literal" ? [term.value] : [])));
  const wide = new Map<"string" | "number", Set<Literal>>();
  for (const term of terms) {
    if (term.kind !== "string" && term.kind !== "number") continue;
    const known = wide.get(term.kind);
    const except = [...(term.except ?? [])].filter(
      (value) => !literals.has(value) && (known?.has(value) ?? true),
    );
    wide.set(term.kind, new Set(except));
  }
  const done = new Set<unknown>();
  return terms.flatMap((term): TypeAlternative[] => {
    if (term.kind !== "literal" && term.kind !== "string" && term.kind !== "number") return [term];
    const type = term.kind === "literal" ? typeof term.value : term.kind;
    const except = type === "string" || type === "number" ? wide.get(type) : undefined;
    const identity = except ?? (term.kind === "literal" ? term.value : undefined);
    if (done.has(identity)) return [];
    done.add(identity);
    if (except === undefined || (type !== "string" && type !== "number")) return [term];
    return [except.size === 0 ? { kind: type } : { kind: type, except }];
  });
}

function meetScalars(a: Type, b: Type): TypeAlternative[] {
  const has = (type: Type, value: unknown) =>
    values(type).has(value) ||
    type.some(
      (term) =>
        term.kind === typeof value &&
        (term.kind === "string" || term.kind === "number") &&
        !term.except?.has(value as string),
    );
  const [inA, inB] = [values(a), values(b)];
  const found: TypeAlternative[] = [];
  for (const term of a) if (term.kind === "literal" && has(b, term.value)) found.push(term);
  for (const term of b)
    if (term.kind === "literal" && !inA.has(term.value) && has(a, term.value)) found.push(term);
  for (const kind of ["string", "number"] as const) {
    const [left, right] = [a.find((term) => term.kind === kind), b.find((term) => term.kind === kind)];
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
  const found = new Set(type.flatMap((term) => (term.kind === "literal" ? [term.value] : [])));
  valueSets.set(type, found);
  return found;
}

/** Whether it is any value and says no more about it: a property that may be anything is still worth a name. */
function isEverything(terms: Type): boolean {
  return (
    terms.every((term) => term.kind !== "object" || term.properties.size === 0) && holdsEverything(terms)
  );
}

/** Whether any value is in the type. */
export function holdsEverything(type: Type): boolean {
  return type === UNKNOWN || UNKNOWN.every((wanted) => type.some((term) => isSubAlternative(wanted, term)));
}
