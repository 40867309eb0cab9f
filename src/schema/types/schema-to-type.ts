import { arrayProperty, isObject, property, type JsonObject } from "../../json/json.js";
import type { SchemaLocation, SchemaIndex } from "../schema-index.js";
import { pointerStep } from "../../json/pointer.js";
import { canonicalLocation, referencesOf, type Reference } from "../references.js";
import { Algebra } from "./algebra.js";
import type { DeclaredTypes } from "./declared-types.js";
import type { TupleStyle } from "./tuples.js";
import { arrayType } from "./array-type.js";
import { dependencyType } from "./dependency-type.js";
import { objectType } from "./object-type.js";
import { evaluatedProperties } from "./evaluated-properties.js";
import {
  typesFromTypeKeyword,
  exclude,
  BOOLEAN,
  literalType,
  KINDS,
  NEVER,
  OBJECT,
  UNKNOWN,
  type Kind,
  type Type,
} from "./type.js";
import { Negation } from "./negation.js";
import type { TypeContext } from "./type-context.js";

/**
 * A `oneOf` with more branches than this becomes a plain union. Each branch is intersected with the negation of every
 * other one, which is quadratic and rarely readable beyond a few.
 */
const MAX_EXCLUSIVE_BRANCHES = 6;

/**
 * The number of `if` inside the `if` of another one that narrow the type. The effort multiplies with each, and people write
 * none. Those inside have the type of the schema around them, which is wider.
 */
const MAX_NESTED_CONDITIONS = 3;

const ITEM_KEYWORDS = new Set<unknown>(["items", "prefixItems", "additionalItems"]);

/**
 * Derives the type of a schema. The type contains every value that the schema accepts, and is as narrow as TypeScript
 * can
 * express. Rules that TypeScript cannot express, such as bounds, lengths and patterns, widen it.
 */
export class SchemaToType implements TypeContext {
  readonly index: SchemaIndex;
  readonly algebra: Algebra;
  readonly tuples: TupleStyle;
  /** The declared name of the schema at each canonical URI. */
  readonly #names: ReadonlyMap<string, string>;
  readonly #locations: ReadonlyMap<string, SchemaLocation>;
  readonly #bodies = new Map<string, Type>();
  /** The declared types that are being derived: whether that needs their own definition, and what is known of it. */
  readonly #deriving = new Map<string, { isAsked: boolean; readonly found?: Type }>();
  readonly #kinds = new Map<string, ReadonlySet<Kind>>();
  /** Schemas without a name whose type is being derived. One that leads back to itself is cut off there. */
  readonly #entered = new Set<string>();
  readonly #negation: Negation;
  /** The number of `if` around the schema whose type is being derived. */
  #conditions = 0;

  /** @param declared The canonical locations of the declared types. Of equal schemas with one name, the first counts. */
  constructor(
    index: SchemaIndex,
    declared: readonly { readonly name: string; readonly canonical: SchemaLocation }[],
    tuples: TupleStyle,
  ) {
    this.index = index;
    this.tuples = tuples;
    this.#locations = new Map(declared.toReversed().map(({ name, canonical }) => [name, canonical]));
    this.#names = new Map(declared.map(({ name, canonical }) => [canonical.uri, name]));
    const definitions: DeclaredTypes = {
      kindsOf: (name) => this.#kindsOf(name),
      definitionOf: (name) => this.#definitionOf(name),
    };
    this.algebra = new Algebra(definitions, tuples);
    this.#negation = new Negation(this);
  }

  /** The definition of a declared type. */
  body(name: string): Type {
    const known = this.#bodies.get(name);
    if (known !== undefined) return known;
    const location = this.#locations.get(name);
    if (location === undefined) return UNKNOWN;
    this.#deriving.set(name, { isAsked: false });
    let type = this.typeOf(location);
    // A type that narrows itself is derived again, with what is known of it now.
    if (this.#deriving.get(name)?.isAsked === true) {
      this.#deriving.set(name, { isAsked: false, found: type });
      type = this.typeOf(location);
    }
    this.#deriving.delete(name);
    this.#bodies.set(name, type);
    return type;
  }

  /** The definition, through types that are only another name. */
  #definitionOf(name: string): Type | "later" | undefined {
    const seen = new Set<string>();
    for (let at = name; ;) {
      const type = this.#found(at);
      if (type === undefined) return [...this.#deriving.keys()].at(-1) === at ? "later" : undefined;
      const [only, ...others] = type;
      if (only?.kind !== "named" || others.length > 0 || only.and !== UNKNOWN) return type;
      const [alias = "", ...more] = only.names;
      if (more.length > 0 || seen.has(alias)) return type;
      seen.add(alias);
      at = alias;
    }
  }

  #found(name: string): Type | undefined {
    const derived = this.#deriving.get(name);
    if (derived === undefined) return this.body(name);
    derived.isAsked = true;
    return derived.found;
  }

  // A type whose kinds depend on themselves may have any kind.
  #kindsOf(name: string): ReadonlySet<Kind> {
    const known = this.#kinds.get(name);
    if (known !== undefined) return known;
    const found = this.#found(name);
    if (found === undefined) {
      const schema = this.#locations.get(name)?.schema;
      return isObject(schema) ? this.algebra.kinds(typesFromTypeKeyword(schema)) : new Set(KINDS);
    }
    this.#kinds.set(name, new Set(KINDS));
    const kinds = this.algebra.kinds(found);
    this.#kinds.delete(name);
    if (!this.#deriving.has(name)) this.#kinds.set(name, kinds);
    return kinds;
  }

  /** The type of the schema at `steps` within the one at `location`, or any value if there is none. */
  inside(location: SchemaLocation, ...steps: readonly (string | number)[]): Type {
    const found = this.index.inside(location, steps.map(pointerStep).join(""));
    if (found === undefined) return UNKNOWN;
    // Items that a tuple would repeat have a name, although no reference leads to them.
    const name = ITEM_KEYWORDS.has(steps[0]) ? this.#names.get(found.uri) : undefined;
    return name === undefined ? this.typeOf(found) : [{ kind: "named", names: [name], and: UNKNOWN }];
  }

  /** The type of a schema. */
  typeOf(location: SchemaLocation): Type {
    const { schema, dialect } = location;
    if (!isObject(schema)) return schema === false ? NEVER : UNKNOWN;
    const references = referencesOf(this.index, location);
    if (dialect.refIgnoresSiblings && references.length > 0) return this.#referenced(references);
    const { intersect, intersectAll } = bound(this.algebra);
    let type = intersectAll([
      typesFromTypeKeyword(schema),
      this.#values(schema),
      objectType(this, location),
      arrayType(this, location),
      this.#referenced(references),
      ...arrayProperty(schema, "allOf").map((_, index) => this.inside(location, "allOf", index)),
    ]);
    type = intersect(type, this.#anyOf(location));
    type = intersect(type, this.#oneOf(location));
    if (Object.hasOwn(schema, "not")) type = intersect(type, this.#negation.at(location, "not"));
    type = intersect(type, dependencyType(this, location));
    if (dialect.applicators.has("if")) type = this.#conditional(location, type);
    return intersect(type, this.#unevaluated(location));
  }

  /** The type of the targets of references. */
  #referenced(references: readonly Reference[]): Type {
    return this.algebra.intersectAll(
      references.map(({ target }) => {
        if (target.to === "meta-schema") return target.uri.includes("#") ? UNKNOWN : [...OBJECT, ...BOOLEAN];
        return target.to === "schema" ? this.#target(target.location) : UNKNOWN;
      }),
    );
  }

  #target(location: SchemaLocation): Type {
    const target = canonicalLocation(this.index, location);
    const name = this.#names.get(target.uri);
    if (name !== undefined) return [{ kind: "named", names: [name], and: UNKNOWN }];
    return this.guarded(target.uri, () => this.typeOf(target));
  }

  /** Returns any value if deriving the type leads back to itself. */
  guarded(key: string, find: () => Type): Type {
    if (this.#entered.has(key)) return UNKNOWN;
    this.#entered.add(key);
    try {
      return find();
    } finally {
      this.#entered.delete(key);
    }
  }

  #values(schema: JsonObject): Type {
    const listed = property(schema, "enum");
    const either = Array.isArray(listed) ? this.algebra.union(listed.map(literalType)) : UNKNOWN;
    return Object.hasOwn(schema, "const")
      ? this.algebra.intersect(either, literalType(schema["const"]))
      : either;
  }

  #anyOf(location: SchemaLocation): Type {
    const branches = this.#branches(location, "anyOf");
    return branches === undefined ? UNKNOWN : this.algebra.union(branches);
  }

  #branches(location: SchemaLocation, keyword: "anyOf" | "oneOf"): Type[] | undefined {
    const { schema } = location;
    if (!isObject(schema) || !Array.isArray(schema[keyword])) return undefined;
    return schema[keyword].map((_, index) => this.inside(location, keyword, index));
  }

  /** The union of the branches, each without the values that others accept, unless that makes it more complex. */
  #oneOf(location: SchemaLocation): Type {
    const branches = this.#branches(location, "oneOf");
    if (branches === undefined) return UNKNOWN;
    if (branches.length > MAX_EXCLUSIVE_BRANCHES) return this.algebra.union(branches);
    const others = branches.map((_, index) => this.#negation.at(location, "oneOf", index));
    const exclusive = branches.map((branch, index) => {
      const rest = this.algebra.intersectAll(others.filter((_, other) => other !== index));
      const narrowed = this.algebra.intersect(branch, rest);
      return structures(narrowed) > structures(branch) || narrowed.some(isNarrowedName) ? branch : narrowed;
    });
    return this.algebra.union(exclusive);
  }

  #conditional(location: SchemaLocation, type: Type): Type {
    const { schema } = location;
    if (!isObject(schema) || !Object.hasOwn(schema, "if")) return type;
    const { intersect, intersectAll, union } = bound(this.algebra);
    const branch = (keyword: string) =>
      Object.hasOwn(schema, keyword) ? this.inside(location, keyword) : UNKNOWN;
    if (this.#conditions >= MAX_NESTED_CONDITIONS) return type;
    this.#conditions++;
    const [condition, negated] = [this.inside(location, "if"), this.#negation.at(location, "if")];
    this.#conditions--;
    const held = intersectAll([type, condition, branch("then")]);
    const failed = intersect(intersect(type, negated), branch("else"));
    const either = union([held, failed]);
    return either.length > type.length + 4 ? type : either;
  }

  /** The type of `unevaluatedProperties`: the rule for properties that no other keyword mentions. */
  #unevaluated(location: SchemaLocation): Type {
    const { schema, dialect } = location;
    if (!isObject(schema) || !dialect.applicators.has("unevaluatedProperties")) return UNKNOWN;
    if (!Object.hasOwn(schema, "unevaluatedProperties")) return UNKNOWN;
    const evaluated = evaluatedProperties(this.index, location);
    if (evaluated === "all") return UNKNOWN;
    const properties = [...evaluated.names].map(
      (name) => [name, { type: UNKNOWN, required: false }] as const,
    );
    const patterns = [...evaluated.patterns].map((pattern) => ({ pattern, type: UNKNOWN }));
    const rest = this.inside(location, "unevaluatedProperties");
    return this.algebra.union([
      [{ kind: "object", properties: new Map(properties), patterns, rest }],
      exclude("object"),
    ]);
  }
}

function isNarrowedName(alternative: Type[number]): boolean {
  return alternative.kind === "named" && alternative.and !== UNKNOWN;
}

/** The number of structured alternatives, a measure of how hard a type is to read. */
function structures(type: Type): number {
  return type.filter(({ kind }) => kind === "object" || kind === "array").length;
}

/** The operations of the algebra as plain functions. */
function bound(algebra: Algebra) {
  return {
    intersect: (a: Type, b: Type) => algebra.intersect(a, b),
    intersectAll: (types: readonly Type[]) => algebra.intersectAll(types),
    union: (types: readonly Type[]) => algebra.union(types),
  };
}
