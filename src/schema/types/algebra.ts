import { isNamed, isNever, isPlainObject, isRecord, saysMoreThanNames } from "./alternative-kinds.js";
import { Combinations, type DeclaredTypes } from "./declared-types.js";
import { MAX_NAMED_COMBINATIONS, MAX_NESTED_MERGES } from "./limits.js";
import { Tuples, type TupleStyle } from "./tuples.js";
import { valueTypes } from "./object-alternative.js";
import { isEverything, meetScalars, simplifyUnion } from "./alternatives.js";
import { isSubtype } from "./subtype.js";
import {
  ALL_OF_KIND,
  kindOf,
  KINDS,
  NEVER,
  UNKNOWN,
  type ArrayAlternative,
  type Kind,
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

/** Unions and intersections of types. The definition of a declared name is requested only if it is needed. */
export class Algebra {
  readonly #declared: DeclaredTypes;
  readonly #combinations: Combinations;
  /** The intersections of declared types whose definitions are being merged, the outermost first. */
  readonly #merging: (readonly string[])[] = [];
  readonly #tuples: Tuples;

  constructor(declared: DeclaredTypes, tuples: TupleStyle) {
    this.#declared = declared;
    this.#combinations = new Combinations(declared);
    this.#tuples = new Tuples((types) => this.union(types), tuples);
  }

  /** The type as it is printed: with the tuples that the style allows. */
  printed(type: Type): Type {
    return this.#tuples.relax(type);
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
            "before",
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

  /** `order`: whether `by` stands after or before the declared type, for the order of merged properties. */
  #narrow(alternative: NamedAlternative, by: Type, order: "after" | "before" = "after"): Type {
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
      return this.#bounded({ kind: "named", names, and: this.intersect(alternative.and, only.and) });
    }
    const and = this.intersect(alternative.and, possible);
    return and.length === 0 ? NEVER : this.#bounded(...this.#asPart({ ...alternative, and }, order));
  }

  /**
   * A narrowed declared type in the form that compiles and keeps its meaning. TypeScript reads the literals in an
   * intersection of lists, or of records, as plain strings and numbers, so their definitions are merged instead. An object
   * is printed with the properties that it narrows only, so that a closed definition stays closed.
   */
  #asPart(alternative: NamedAlternative, order: "after" | "before"): Type {
    const { and } = alternative;
    const definition = this.#definition(alternative.names);
    const merge = (own: Type) => (order === "after" ? this.intersect(own, and) : this.intersect(and, own));
    const narrows = (kind: Kind) =>
      and.some((one) => one.kind === kind) && !isSubtype(ALL_OF_KIND[kind], and);
    // What is wider for now lets the definition say more when it is derived again.
    if (definition === "later") return [{ ...alternative, and: UNKNOWN }];
    if (definition === undefined)
      return narrows("array") ? [{ ...alternative, and: UNKNOWN }] : [alternative];
    const merges =
      (narrows("array") && definition.some(({ kind }) => kind === "array")) ||
      (narrows("object") && (definition.some(isRecord) || and.some(saysMoreThanNames)));
    if (merges) {
      // A definition that leads back to itself can need another merge at each level, without an end.
      const isRepeated = alternative.names.some((name) => this.#merging.flat().includes(name));
      if (isRepeated || this.#merging.length >= MAX_NESTED_MERGES) return [{ ...alternative, and: UNKNOWN }];
      this.#merging.push(alternative.names);
      const merged = merge(definition);
      this.#merging.pop();
      // A bound that is not printed leaves the definition as it is.
      const isPrintedAlike = isSubtype(this.#tuples.relax(definition), this.#tuples.relax(merged));
      return isPrintedAlike ? [{ ...alternative, and: UNKNOWN }] : merged;
    }
    if (!narrows("object") || !and.some(({ kind }) => kind === "object")) return [alternative];
    // Each name of a union is narrowed by itself.
    if (definition.length > 1 && definition.length <= MAX_ALTERNATIVES && definition.every(isNamed)) {
      const narrowed = this.intersect(definition, and);
      return isSubtype(definition, narrowed) ? [{ ...alternative, and: UNKNOWN }] : narrowed;
    }
    const objects = definition.filter(isPlainObject);
    if (objects.length < definition.length)
      return objects.length === 1 && !definition.some(isNamed) ? merge(definition) : [alternative];
    const parts = and.filter(isPlainObject).flatMap((part) => this.#partOf(objects, part));
    if (parts.length === 0) return NEVER;
    const isWhole = parts.some(({ properties }) => properties.size === 0);
    return [{ ...alternative, and: isWhole ? UNKNOWN : parts }];
  }

  /** The properties that `by` narrows in one of `objects`; nothing if no object is left. */
  #partOf(objects: readonly ObjectAlternative[], by: ObjectAlternative): readonly ObjectAlternative[] {
    const narrowed = objects.flatMap((object) => this.#intersectObjects(object, by)).filter(isPlainObject);
    if (narrowed.length === 0) return [];
    const properties = new Map<string, Property>();
    for (const [name, { required, doc }] of by.properties) {
      const type = this.union(narrowed.flatMap((one) => [this.intersectAll(valueTypes(one, name))]));
      const isKnown = objects.every((object) => {
        const known = object.properties.get(name);
        return known !== undefined && (known.required || !required) && isSubtype(known.type, type);
      });
      if (!isKnown) properties.set(name, { type, required, doc });
    }
    return [{ kind: "object", properties, patterns: [], rest: UNKNOWN, isPart: true }];
  }

  /** The intersection of declared types, or the merged definitions where the compiler could not combine them. */
  #bounded(...type: Type): Type {
    return type.flatMap((alternative): Type => {
      if (alternative.kind !== "named" || this.#combinations.of([alternative]) <= MAX_NAMED_COMBINATIONS)
        return [alternative];
      const definition = this.#definition(alternative.names);
      if (typeof definition === "object") return this.intersect(definition, alternative.and);
      const [name = ""] = alternative.names;
      return [{ kind: "named", names: [name], and: UNKNOWN }];
    });
  }

  /** The definition of an intersection of declared types, if all are known. */
  #definition(names: readonly string[]): Type | "later" | undefined {
    const definitions = names.map((name) => this.#declared.definitionOf(name));
    const known = definitions.filter((definition) => typeof definition === "object");
    if (known.length === definitions.length) return this.intersectAll(known);
    return definitions.includes("later") ? "later" : undefined;
  }

  /** The kinds of value that the type can have. */
  kinds(type: Type): ReadonlySet<Kind> {
    const found = new Set<Kind>();
    for (const alternative of type) {
      const kind = kindOf(alternative);
      if (kind !== undefined) found.add(kind);
      if (alternative.kind !== "named") continue;
      const sets = [
        ...alternative.names.map((name) => this.#declared.kindsOf(name)),
        this.kinds(alternative.and),
      ];
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
      positions: Math.max(a.positions ?? 0, b.positions ?? 0),
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
