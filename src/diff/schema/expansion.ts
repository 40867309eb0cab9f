import { arrayProperty, isObject, objectProperty, stringArrayProperty } from "../../json/json.js";
import { pointerStep } from "../../json/pointer.js";
import type { SchemaIndex, SchemaLocation } from "../../schema/index.js";
import { referencesOf } from "../../schema/references.js";
import { partOf, type Part } from "./part.js";

/**
 * The side on which a set of values may err. `over`: it contains every accepted value, and perhaps others. `under`: it contains
 * accepted values only, and perhaps not all.
 */
export type Mode = "over" | "under";

/** The evaluated properties and items of a value (2020-12 core, section 11). */
interface Evaluated {
  readonly names: readonly string[];
  readonly patterns: readonly string[];
  readonly allProperties: boolean;
  readonly items: number;
  readonly allItems: boolean;
}

/** One way to satisfy a schema: all parts hold, and none of the schemas in `not`. */
export interface Expansion {
  readonly parts: readonly Part[];
  /** Schemas whose rules are among the parts. */
  readonly sources: readonly SchemaLocation[];
  readonly not: readonly SchemaLocation[];
  /** Schemas with rules that no part states. A set of values that must not be too large is empty with one of them. */
  readonly opaque: readonly SchemaLocation[];
  readonly evaluated: Evaluated;
  /** True if a value can satisfy other branches, too, so that more may be evaluated. */
  readonly isLoose: boolean;
}

/** More ways to satisfy a schema are not told apart: every pair of ways of two schemas is compared. */
const MAX_EXPANSIONS = 48;

const NOTHING_EVALUATED: Evaluated = {
  names: [],
  patterns: [],
  allProperties: false,
  items: 0,
  allItems: false,
};
const ANY: Expansion = {
  parts: [],
  sources: [],
  not: [],
  opaque: [],
  evaluated: NOTHING_EVALUATED,
  isLoose: false,
};

/** The ways to satisfy all of some schemas. With `via`, only those through these branches of `anyOf`, `oneOf` and conditions. */
export function expandAll(
  index: SchemaIndex,
  locations: readonly SchemaLocation[],
  mode: Mode,
  via?: ReadonlySet<string>,
): readonly Expansion[] {
  const expander = new Expander(index, mode, via);
  return locations.reduce<readonly Expansion[]>(
    (found, location) => expander.product(found, expander.expand(location)),
    [ANY],
  );
}

class Expander {
  readonly #index: SchemaIndex;
  readonly #mode: Mode;
  readonly #via: ReadonlySet<string>;
  /** The schemas that apply in place. One that leads back to itself says nothing new. */
  readonly #entered = new Set<string>();

  constructor(index: SchemaIndex, mode: Mode, via: ReadonlySet<string> = new Set()) {
    this.#index = index;
    this.#mode = mode;
    this.#via = via;
  }

  expand(location: SchemaLocation): readonly Expansion[] {
    const { schema } = location;
    if (schema === false) return [];
    if (!isObject(schema)) return [ANY];
    if (this.#entered.has(location.uri)) return this.#mode === "over" ? [ANY] : [];
    this.#entered.add(location.uri);
    const found = this.#expandObject(location, schema);
    this.#entered.delete(location.uri);
    return found;
  }

  #expandObject(location: SchemaLocation, schema: Readonly<Record<string, unknown>>): readonly Expansion[] {
    const { dialect } = location;
    let found: readonly Expansion[] = [ANY];
    for (const { target } of referencesOf(this.#index, location)) {
      found = this.product(
        found,
        target.to === "schema" ? this.expand(target.location) : [{ ...ANY, opaque: [location] }],
      );
    }
    if (dialect.refIgnoresSiblings && typeof schema["$ref"] === "string") return found;
    const part = partOf(this.#index, location);
    found = this.product(found, [
      { ...ANY, parts: [part], sources: [location], evaluated: evaluatedBy(part) },
    ]);
    found = this.product(found, this.#branches(location, schema));
    return this.#close(location, found);
  }

  /** The ways through the applicators that apply to the same value. */
  #branches(location: SchemaLocation, schema: Readonly<Record<string, unknown>>): readonly Expansion[] {
    let found: readonly Expansion[] = [ANY];
    const { applicators } = location.dialect;
    const has = (keyword: string) => Object.hasOwn(schema, keyword) && applicators.has(keyword);
    const list = (keyword: string) =>
      has(keyword)
        ? arrayProperty(schema, keyword).flatMap((_, at) => this.#inside(location, keyword, at))
        : [];
    for (const each of list("allOf")) found = this.product(found, this.expand(each));
    const any = list("anyOf");
    if (any.length > 0) {
      const isLoose = any.length > 1;
      found = this.product(
        found,
        this.#chosen(any).flatMap((branch) =>
          this.expand(branch).map((one) => ({ ...one, isLoose: one.isLoose || isLoose })),
        ),
      );
    }
    const one = list("oneOf");
    if (one.length > 0) {
      found = this.product(
        found,
        this.#chosen(one).flatMap((branch) => {
          const others = one.filter((other) => other !== branch);
          return this.product(this.expand(branch), [{ ...ANY, not: others }]);
        }),
      );
    }
    if (has("not")) found = this.product(found, this.#negated(location));
    if (has("if")) found = this.product(found, this.#conditional(location));
    for (const keyword of ["dependentSchemas", "dependencies"]) {
      if (!has(keyword)) continue;
      for (const [name, value] of Object.entries(objectProperty(schema, keyword))) {
        if (Array.isArray(value)) continue;
        const dependent = this.#inside(location, keyword, name).flatMap((each) => this.expand(each));
        found = this.product(found, this.#dependent(name, dependent, location));
      }
    }
    return found;
  }

  #chosen(branches: readonly SchemaLocation[]): readonly SchemaLocation[] {
    const chosen = branches.filter(({ uri }) => this.#via.has(uri));
    return chosen.length > 0 ? chosen : branches;
  }

  /** `not`, or the schema itself below two of them. Where it forbids only a property, that is stated as a rule for it. */
  #negated(location: SchemaLocation): readonly Expansion[] {
    const [inside] = this.#inside(location, "not");
    if (inside === undefined) return [ANY];
    const { assertions, applicators } = inside.dialect;
    const keywords = isObject(inside.schema)
      ? Object.keys(inside.schema).filter(
          (key) => assertions.has(key) || applicators.has(key) || key.startsWith("$"),
        )
      : [];
    const only = keywords.length === 1 ? keywords[0] : undefined;
    if (only === "required" && isObject(inside.schema)) {
      const [name, ...others] = stringArrayProperty(inside.schema, only);
      // Values are still made from what is forbidden.
      if (name !== undefined && others.length === 0)
        return [{ ...withoutProperty(name, location, OBJECT), not: [inside] }];
    }
    const [twice] = only === "not" ? this.#inside(inside, "not") : [];
    if (twice === undefined) return [{ ...ANY, not: [inside] }];
    // Annotations below `not` evaluate nothing.
    return this.expand(twice).map((one) => ({ ...one, evaluated: NOTHING_EVALUATED }));
  }

  #conditional(location: SchemaLocation): readonly Expansion[] {
    const [condition] = this.#inside(location, "if");
    if (condition === undefined) return [ANY];
    const branch = (keyword: string) => {
      const [schema] = this.#inside(location, keyword);
      return schema === undefined ? [ANY] : this.expand(schema);
    };
    const isVia = (keyword: string) => this.#inside(location, keyword).some(({ uri }) => this.#via.has(uri));
    return [
      ...(isVia("else") ? [] : this.product(this.expand(condition), branch("then"))),
      ...(isVia("then") ? [] : this.product([{ ...ANY, not: [condition] }], branch("else"))),
    ];
  }

  /** An object with the property satisfies the schema. All other values need not. */
  #dependent(name: string, dependent: readonly Expansion[], location: SchemaLocation): readonly Expansion[] {
    const having: Part = { kinds: new Set(["object"]), required: [name] };
    return [...this.product([{ ...ANY, parts: [having] }], dependent), withoutProperty(name, location)];
  }

  /** Adds `unevaluatedProperties` and `unevaluatedItems`, which depend on what the schema has evaluated elsewhere. */
  #close(location: SchemaLocation, expansions: readonly Expansion[]): readonly Expansion[] {
    const { schema, dialect } = location;
    const has = (keyword: string) =>
      isObject(schema) && Object.hasOwn(schema, keyword) && dialect.applicators.has(keyword);
    const [properties] = has("unevaluatedProperties") ? this.#inside(location, "unevaluatedProperties") : [];
    const [items] = has("unevaluatedItems") ? this.#inside(location, "unevaluatedItems") : [];
    if (properties === undefined && items === undefined) return expansions;
    return expansions.map((one) => {
      // More may be evaluated, so that the rule applies to fewer properties.
      if (one.isLoose && this.#mode === "over") return { ...one, evaluated: ALL_EVALUATED };
      const { evaluated } = one;
      const parts: Part[] = [];
      if (properties !== undefined && !evaluated.allProperties) {
        parts.push({
          properties: {
            properties: new Map(evaluated.names.map((name) => [name, undefined])),
            patterns: evaluated.patterns.map((pattern) => [pattern, undefined]),
            rest: properties,
          },
        });
      }
      // Items that `contains` accepts are evaluated, too (2020-12 core, section 11.2).
      const isContained = one.parts.some(({ contains }) => contains !== undefined);
      if (items !== undefined && !evaluated.allItems && !(isContained && this.#mode === "over")) {
        const prefix = Array.from({ length: evaluated.items }, () => undefined);
        parts.push({ items: { prefix, rest: items } });
      }
      return {
        ...one,
        parts: [...one.parts, ...parts],
        evaluated: {
          ...evaluated,
          allProperties: evaluated.allProperties || properties !== undefined,
          allItems: evaluated.allItems || items !== undefined,
        },
      };
    });
  }

  #inside(location: SchemaLocation, ...steps: readonly (string | number)[]): readonly SchemaLocation[] {
    const found = this.#index.inside(location, steps.map(pointerStep).join(""));
    return found === undefined ? [] : [found];
  }

  /** The ways to satisfy two rules at once. */
  product(a: readonly Expansion[], b: readonly Expansion[]): readonly Expansion[] {
    if (a.length > 1 && b.length > 1 && a.length * b.length > MAX_EXPANSIONS) {
      if (this.#mode === "under") return this.#joined(a.slice(0, Math.ceil(MAX_EXPANSIONS / b.length)), b);
      // Without one of the rules, the set is only larger.
      return (a.length > b.length ? a : b).map((one) => ({ ...one, isLoose: true }));
    }
    return this.#joined(a, b);
  }

  #joined(a: readonly Expansion[], b: readonly Expansion[]): readonly Expansion[] {
    return a.flatMap((left) => b.map((right) => join(left, right)));
  }
}

const OBJECT: Part = { kinds: new Set(["object"]) };

/** The values that satisfy a part and have no property of this name. */
function withoutProperty(name: string, location: SchemaLocation, part: Part = {}): Expansion {
  const never = { ...location, uri: "false", schema: false };
  const properties = { properties: new Map([[name, never]]), patterns: [], rest: undefined };
  return { ...ANY, parts: [{ ...part, properties }] };
}

const ALL_EVALUATED: Evaluated = { ...NOTHING_EVALUATED, allProperties: true, allItems: true };

function join(a: Expansion, b: Expansion): Expansion {
  if (a === ANY) return b;
  if (b === ANY) return a;
  return {
    parts: [...a.parts, ...b.parts],
    sources: [...a.sources, ...b.sources],
    not: [...a.not, ...b.not],
    opaque: [...a.opaque, ...b.opaque],
    evaluated: {
      names: [...new Set([...a.evaluated.names, ...b.evaluated.names])],
      patterns: [...new Set([...a.evaluated.patterns, ...b.evaluated.patterns])],
      allProperties: a.evaluated.allProperties || b.evaluated.allProperties,
      items: Math.max(a.evaluated.items, b.evaluated.items),
      allItems: a.evaluated.allItems || b.evaluated.allItems,
    },
    isLoose: a.isLoose || b.isLoose,
  };
}

function evaluatedBy({ properties, items }: Part): Evaluated {
  return {
    names: [...(properties?.properties.keys() ?? [])],
    patterns: properties?.patterns.map(([pattern]) => pattern) ?? [],
    allProperties: properties?.rest !== undefined,
    items: items?.prefix.length ?? 0,
    allItems: items?.rest !== undefined,
  };
}
