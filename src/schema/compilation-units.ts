import { isObject, property, PROTOTYPE_NAMES, setProperty, type JsonObject } from "../json/json.js";
import type { EqualSchemas } from "./equal-schemas.js";
import type { SchemaLocation, SchemaIndex } from "./schema-index.js";
import { pointerStep } from "../json/pointer.js";
import { enterScope, NO_SCOPE, type DynamicScope, referencesOf } from "./references.js";

/**
 * A schema that ajv compiles to one function: cut out of its document, with every reference rewritten to the unit that
 * it leads to. So ajv never resolves ids, anchors or pointers, and deep or wide schemas become several functions, none
 * of which overflows the stack.
 */
export interface CompilationUnit {
  readonly id: string;
  readonly location: SchemaLocation;
  /** The schema for ajv, without annotations, ids and definitions. */
  readonly schema: JsonObject | boolean;
  /** The units that it calls. */
  readonly uses: readonly CompilationUnit[];
  /** Whether it names properties that every object inherits. */
  readonly usesPrototypeNames: boolean;
  /** Whether it reads what other schemas have evaluated, or calls a meta-schema, which may. */
  readonly tracksEvaluated: boolean;
}

/**
 * The depth of schemas within one function. ajv nests a block for each level. 12 levels stay far from overflowing the
 * stack of a JavaScript parser; deeper schemas become units of their own.
 */
const MAX_DEPTH = 12;
/**
 * The number of properties, or branches, of one function. ajv nests a block for each. 100 stay far from overflowing the
 * stack of a JavaScript parser; more are divided into further units.
 */
const MAX_WIDTH = 100;

interface UnitBuilder extends CompilationUnit {
  schema: JsonObject | boolean;
  readonly uses: UnitBuilder[];
  usesPrototypeNames: boolean;
  tracksEvaluated: boolean;
}

/** A schema that is being prepared, with the dynamic scope in which it was reached. */
interface BuildPosition {
  readonly location: SchemaLocation;
  readonly scope: DynamicScope;
  /** The depth within the unit. */
  readonly depth: number;
}

/** Divides schemas into compilation units, each once. */
export class CompilationUnits {
  readonly #index: SchemaIndex;
  readonly #equals: EqualSchemas;
  readonly #units = new Map<string, UnitBuilder>();
  readonly #open: (() => void)[] = [];

  constructor(index: SchemaIndex, equals: EqualSchemas) {
    this.#index = index;
    this.#equals = equals;
  }

  /** The unit of the schema at `location`. All units that it uses are complete, too. */
  at(location: SchemaLocation): CompilationUnit {
    const unit = this.#unit(location, NO_SCOPE);
    for (let fill = this.#open.pop(); fill !== undefined; fill = this.#open.pop()) fill();
    return unit;
  }

  #unit(given: SchemaLocation, from: DynamicScope): UnitBuilder {
    const scope = enterScope(this.#index, from, given);
    // A schema that several files repeat is compiled once. In a dynamic scope, equal text can have different targets.
    const location = scope.key === "" ? this.#equals.representativeOf(given) : given;
    const key = `${scope.key} ${location.uri}`;
    const known = this.#units.get(key);
    if (known !== undefined) return known;
    const unit = this.#draft(key, location);
    this.#open.push(() => (unit.schema = this.#prepare(unit, { location, scope, depth: 0 })));
    return unit;
  }

  #draft(key: string, location: SchemaLocation): UnitBuilder {
    const id = `unit:${this.#units.size}`;
    const unit: UnitBuilder = {
      id,
      location,
      schema: true,
      uses: [],
      usesPrototypeNames: false,
      tracksEvaluated: false,
    };
    this.#units.set(key, unit);
    return unit;
  }

  #call(from: UnitBuilder, to: UnitBuilder): { readonly $ref: string } {
    if (!from.uses.includes(to)) from.uses.push(to);
    return { $ref: to.id };
  }

  #prepare(unit: UnitBuilder, spot: BuildPosition): JsonObject | boolean {
    const { schema, dialect } = spot.location;
    if (!isObject(schema)) return schema === true;
    const prepared: Record<string, unknown> = {};
    const [first, ...more] = referencesOf(this.#index, spot.location, spot.scope).flatMap(({ target }) => {
      if (target.to === "meta-schema") {
        unit.tracksEvaluated = true;
        return [{ $ref: target.uri }];
      }
      return target.to === "schema" ? [this.#call(unit, this.#unit(target.location, spot.scope))] : [];
    });
    if (first !== undefined) prepared["$ref"] = first.$ref;
    if (dialect.refIgnoresSiblings && typeof property(schema, "$ref") === "string") return prepared;
    for (const key of Object.keys(schema)) this.#copy(unit, spot, key, prepared);
    addTo(prepared, "allOf", more);
    normalizeForAjv(prepared);
    if (this.#index.usesUnevaluated) rewriteIf(prepared);
    avoidProtoProperty(prepared);
    isolateTuple(prepared);
    this.#splitWide(unit, spot.location, prepared);
    return prepared;
  }

  #copy(unit: UnitBuilder, spot: BuildPosition, key: string, prepared: Record<string, unknown>): void {
    const { schema, dialect } = spot.location;
    if (!isObject(schema)) return;
    const value = schema[key];
    if (dialect.assertions.has(key)) {
      prepared[key] = value;
      if (key === "required" || key === "dependentRequired") notePrototypeNames(unit, value);
      return;
    }
    const applicator = dialect.applicators.get(key);
    if (key === "unevaluatedItems" || key === "unevaluatedProperties") unit.tracksEvaluated = true;
    if (applicator === undefined || applicator.appliesTo === "nothing" || applicator.appliesTo === "content")
      return;
    const { holds } = applicator;
    const inner = (path: string, child: unknown) => this.#inner(unit, spot, path, child);
    if (Array.isArray(value)) {
      prepared[key] = value.map((item, index) => inner(pointerStep(key) + pointerStep(index), item));
    } else if ((holds === "map" || holds === "map-or-names") && isObject(value)) {
      if (key !== "patternProperties") notePrototypeNames(unit, value);
      const map = {};
      for (const name of Object.keys(value)) {
        const child = value[name];
        setProperty(
          map,
          name,
          Array.isArray(child) ? child : inner(pointerStep(key) + pointerStep(name), child),
        );
      }
      prepared[key] = map;
    } else {
      prepared[key] = inner(pointerStep(key), value);
    }
  }

  #inner(
    unit: UnitBuilder,
    { location, scope, depth }: BuildPosition,
    path: string,
    child: unknown,
  ): JsonObject | boolean {
    if (!isObject(child)) return child === true;
    const inside = this.#index.inside(location, path);
    if (inside === undefined) return true;
    const flat = depth < MAX_DEPTH || this.#index.subschemas(inside).length === 0;
    if (!flat) return this.#call(unit, this.#unit(inside, scope));
    return this.#prepare(unit, {
      location: inside,
      scope: enterScope(this.#index, scope, inside),
      depth: depth + 1,
    });
  }

  #splitWide(unit: UnitBuilder, location: SchemaLocation, prepared: Record<string, unknown>): void {
    const parts: unknown[] = [];
    const properties = prepared["properties"];
    if (isObject(properties) && Object.keys(properties).length > MAX_WIDTH) {
      for (const [number, names] of chunks(Object.keys(properties)).entries()) {
        const part = this.#draft(`${location.uri} properties ${number}`, location);
        part.usesPrototypeNames = unit.usesPrototypeNames;
        part.schema = { properties: pick(properties, names) };
        // The part calls the units that its properties use. The unit keeps them in its list, too, which is harmless.
        part.uses.push(...unit.uses);
        parts.push(this.#call(unit, part));
      }
      prepared["properties"] = pick(properties, Object.keys(properties), true);
    }
    addTo(prepared, "allOf", parts);
    for (const keyword of ["anyOf", "allOf"]) {
      const branches = prepared[keyword];
      if (Array.isArray(branches)) prepared[keyword] = nest(keyword, branches);
    }
  }
}

/** Records whether a list or map mentions names that every object inherits. */
function notePrototypeNames(unit: UnitBuilder, names: unknown): void {
  const mentioned: readonly unknown[] = Array.isArray(names)
    ? names
    : Object.entries(names as JsonObject).flatMap(([name, value]) => [
        name,
        ...(Array.isArray(value) ? value : []),
      ]);
  if (mentioned.some((name) => typeof name === "string" && PROTOTYPE_NAMES.has(name)))
    unit.usesPrototypeNames = true;
}

function addTo(prepared: Record<string, unknown>, keyword: string, schemas: readonly unknown[]): void {
  const present = prepared[keyword];
  if (schemas.length > 0) prepared[keyword] = [...(Array.isArray(present) ? present : []), ...schemas];
}

/** Rewrites what the meta-schemas allow but ajv rejects or ignores: `nullable` without `type`, and an empty `enum`. */
function normalizeForAjv(prepared: Record<string, unknown>): void {
  if (!("type" in prepared) || prepared["nullable"] !== true) delete prepared["nullable"];
  const values = prepared["enum"];
  if (Array.isArray(values) && values.length === 0) {
    delete prepared["enum"];
    addTo(prepared, "allOf", [false]);
  }
}

/**
 * Rewrites `if` as an `anyOf`. ajv counts what an `if` has evaluated even if the `if` fails; an `anyOf` it counts
 * correctly.
 */
function rewriteIf(prepared: Record<string, unknown>): void {
  if (!("if" in prepared)) return;
  const { if: condition, then: consequence = true, else: alternative = true } = prepared;
  for (const key of ["if", "then", "else"]) delete prepared[key];
  const branches = [{ allOf: [condition, consequence] }, { allOf: [{ not: condition }, alternative] }];
  addTo(prepared, "allOf", [{ anyOf: branches }]);
}

/** Moves a tuple beside `contains` to a schema of its own. ajv skips `contains` for an empty array after a tuple. */
function isolateTuple(prepared: Record<string, unknown>): void {
  if (!("contains" in prepared)) return;
  const [tuple, others] = "prefixItems" in prepared ? ["prefixItems", "items"] : ["items", "additionalItems"];
  if (!Array.isArray(prepared[tuple])) return;
  const part = { [tuple]: prepared[tuple], ...(others in prepared && { [others]: prepared[others] }) };
  delete prepared[tuple];
  delete prepared[others];
  addTo(prepared, "allOf", [part]);
}

/** Rewrites a property called `__proto__` as a pattern. ajv ignores the property, but not the pattern. */
function avoidProtoProperty(prepared: Record<string, unknown>): void {
  const properties = prepared["properties"];
  if (!isObject(properties) || !Object.hasOwn(properties, "__proto__")) return;
  const { ["__proto__"]: schema, ...others } = properties;
  prepared["properties"] = others;
  prepared["patternProperties"] = {
    ...(prepared["patternProperties"] as object | undefined),
    "^__proto__$": schema,
  };
}

function chunks<T>(items: readonly T[]): T[][] {
  const found: T[][] = [];
  for (let at = 0; at < items.length; at += MAX_WIDTH) found.push(items.slice(at, at + MAX_WIDTH));
  return found;
}

function pick(from: JsonObject, names: readonly string[], blank = false): JsonObject {
  const picked = {};
  for (const name of names) setProperty(picked, name, blank ? true : from[name]);
  return picked;
}

function nest(keyword: string, branches: readonly unknown[]): readonly unknown[] {
  if (branches.length <= MAX_WIDTH) return branches;
  return nest(
    keyword,
    chunks(branches).map((part) => ({ [keyword]: part })),
  );
}

/** The unit and all units that it uses, each once. A unit comes after those it uses, except within a cycle. */
export function unitsFrom(root: CompilationUnit): readonly CompilationUnit[] {
  const ordered = new Set<CompilationUnit>();
  const entered = new Set<CompilationUnit>();
  const open: { readonly unit: CompilationUnit; readonly done: boolean }[] = [{ unit: root, done: false }];
  for (let step = open.pop(); step !== undefined; step = open.pop()) {
    const { unit, done } = step;
    if (done) ordered.add(unit);
    if (done || entered.has(unit)) continue;
    entered.add(unit);
    open.push({ unit, done: true }, ...unit.uses.map((used) => ({ unit: used, done: false })).toReversed());
  }
  return [...ordered];
}
