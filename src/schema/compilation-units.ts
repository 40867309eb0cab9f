import { isObject, property, PROTOTYPE_NAMES, setProperty, type JsonObject } from "../json/json.js";
import type { EqualSchemas } from "./equal-schemas.js";
import type { SchemaLocation, SchemaIndex } from "./schema-index.js";
import { pointerStep } from "../json/pointer.js";
import {
  EVERYTHING,
  itemsKeyword,
  ownEvaluations,
  propertiesKeyword,
  record,
  recorded,
  staticEvaluations,
  unevaluatedEvaluations,
  watchIf,
  type EvaluateKeyword,
  type Found,
  type MarkKeyword,
  type Watch,
  type Watcher,
} from "./evaluations.js";
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
  /** Whether it calls a meta-schema, which has dynamic references. */
  readonly callsMetaSchema: boolean;
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

/**
 * The depth of schemas that apply to one value whose unevaluated members are tracked. They stay in one function. About 300
 * levels overflow the stack; more than this number are an error.
 */
export const MAX_WATCHED_DEPTH = 100;

/** Schemas below `unevaluatedProperties` or `unevaluatedItems` are nested deeper than {@link MAX_WATCHED_DEPTH}. */
export class TooDeepError extends Error {
  override readonly name = "TooDeepError";
  /** The first schema beyond the limit. */
  readonly location: SchemaLocation;

  constructor(location: SchemaLocation) {
    super(`nested deeper than ${MAX_WATCHED_DEPTH} levels at ${location.uri}`);
    this.location = location;
  }
}

const UNEVALUATED = ["unevaluatedProperties", "unevaluatedItems"];

interface UnitBuilder extends CompilationUnit {
  schema: JsonObject | boolean;
  readonly uses: UnitBuilder[];
  usesPrototypeNames: boolean;
  callsMetaSchema: boolean;
  /** The number of marks in the schema. */
  marks: number;
}

/** A schema that is being prepared, with the dynamic scope in which it was reached. */
interface BuildPosition {
  readonly location: SchemaLocation;
  readonly scope: DynamicScope;
  /** The depth within the unit. */
  readonly depth: number;
  /** The schemas around it that need to know what it evaluates of the same value. */
  readonly watch?: Watch | undefined;
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
      callsMetaSchema: false,
      marks: 0,
    };
    this.#units.set(key, unit);
    return unit;
  }

  #call(from: UnitBuilder, to: UnitBuilder): { readonly $ref: string } {
    if (!from.uses.includes(to)) from.uses.push(to);
    return { $ref: to.id };
  }

  #prepare(unit: UnitBuilder, around: BuildPosition): JsonObject | boolean {
    const { schema, dialect } = around.location;
    if (!isObject(schema)) return schema === true;
    if (around.depth > MAX_WATCHED_DEPTH) throw new TooDeepError(around.location);
    const closing = UNEVALUATED.filter((key) => dialect.applicators.has(key) && Object.hasOwn(schema, key));
    const own: Watcher = { found: [], when: [] };
    const spot: BuildPosition =
      closing.length === 0
        ? around
        : {
            ...around,
            watch: {
              watchers: [...(around.watch?.watchers ?? []), own],
              marks: around.watch?.marks ?? [],
            },
          };
    const prepared: Record<string, unknown> = {};
    const [first, ...more] = referencesOf(this.#index, spot.location, spot.scope).flatMap(({ target }) => {
      if (target.to === "meta-schema") {
        unit.callsMetaSchema = true;
        if (spot.watch !== undefined) record(spot.watch, EVERYTHING);
        return [{ $ref: target.uri }];
      }
      return target.to === "schema" ? [this.#referTo(unit, spot, target.location)] : [];
    });
    if (isObject(first) && Object.hasOwn(first, "$ref")) prepared["$ref"] = first["$ref"];
    else if (first !== undefined) more.unshift(first);
    if (dialect.refIgnoresSiblings && typeof property(schema, "$ref") === "string") return prepared;
    for (const key of Object.keys(schema)) this.#copy(unit, spot, key, prepared);
    if (spot.watch !== undefined) this.#recordOwn(spot.watch, spot.location, prepared);
    if (around.watch !== undefined) record(around.watch, unevaluatedEvaluations(spot.location));
    addTo(prepared, "allOf", more);
    normalizeForAjv(prepared);
    avoidProtoProperty(prepared);
    isolateTuple(prepared);
    refuseEmpty(prepared);
    this.#splitWide(unit, spot.location, prepared);
    if (closing.length === 0 || spot.watch === undefined) return prepared;
    const isOutermost = around.watch === undefined;
    return closed(prepared, own.found, isOutermost ? spot.watch.marks : []);
  }

  /** Calls the unit of a reference's target, or prepares the target here if what it evaluates depends on the value. */
  #referTo(unit: UnitBuilder, spot: BuildPosition, target: SchemaLocation): JsonObject | boolean {
    if (spot.watch !== undefined) {
      const evaluations = staticEvaluations(this.#index, target, spot.scope);
      if (evaluations === undefined) {
        const scope = enterScope(this.#index, spot.scope, target);
        return this.#prepare(unit, { ...spot, location: target, scope, depth: spot.depth + 1 });
      }
      record(spot.watch, evaluations);
    }
    return this.#call(unit, this.#unit(target, spot.scope));
  }

  #recordOwn(watch: Watch, location: SchemaLocation, prepared: Record<string, unknown>): void {
    for (const evaluation of ownEvaluations(location)) {
      const contains = prepared["contains"];
      if (evaluation.kind === "contains") record(watch, [evaluation], isObject(contains) ? contains : true);
      else record(watch, [evaluation]);
    }
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
    if (applicator === undefined || applicator.appliesTo === "nothing" || applicator.appliesTo === "content")
      return;
    if (key === "if" || key === "then" || key === "else") {
      if (key === "if") this.#copyIf(unit, spot, prepared);
      return;
    }
    const { holds } = applicator;
    const inner = (path: string, child: unknown, name?: string) => {
      if (applicator.appliesTo !== "value" || key === "not" || spot.watch === undefined)
        return this.#inner(unit, { ...spot, watch: undefined }, path, child);
      if (name !== undefined)
        return this.#inner(unit, { ...spot, watch: watchIf(spot.watch, { has: name }) }, path, child);
      return key === "allOf"
        ? this.#inner(unit, spot, path, child)
        : this.#marked(unit, spot.watch, spot, path, child).prepared;
    };
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
          Array.isArray(child) ? child : inner(pointerStep(key) + pointerStep(name), child, name),
        );
      }
      prepared[key] = map;
    } else {
      prepared[key] = inner(pointerStep(key), value);
    }
  }

  #copyIf(unit: UnitBuilder, spot: BuildPosition, prepared: Record<string, unknown>): void {
    const { schema } = spot.location;
    if (!isObject(schema)) return;
    const { watch } = spot;
    const branches = ["then", "else"].filter((key) => Object.hasOwn(schema, key));
    if (watch === undefined) {
      for (const key of ["if", ...branches])
        prepared[key] = this.#inner(unit, spot, pointerStep(key), schema[key]);
      return;
    }
    const before = recorded(watch);
    const condition = this.#marked(unit, watch, spot, pointerStep("if"), schema["if"]);
    for (const key of branches) {
      const inside = watchIf(watch, { mark: condition.mark, is: key === "then" });
      prepared[key] = this.#inner(unit, { ...spot, watch: inside }, pointerStep(key), schema[key]);
    }
    const isMarked = recorded(watch) > before;
    const marked = isMarked ? condition.marked() : condition.prepared;
    // ajv does not validate against an `if` that has neither `then` nor `else`.
    if (branches.length > 0) prepared["if"] = marked;
    else if (isMarked) addTo(prepared, "allOf", [{ anyOf: [marked, true] }]);
  }

  /** Prepares a branch, which counts only if the value is valid. It gets a mark if it evaluates anything. */
  #marked(unit: UnitBuilder, watch: Watch, spot: BuildPosition, path: string, child: unknown) {
    const mark = `mark${unit.marks++}`;
    const before = recorded(watch);
    const inside = { ...spot, watch: watchIf(watch, { mark, is: true }) };
    const schema = this.#inner(unit, inside, path, child);
    let keyword: { readonly mark: MarkKeyword } | undefined;
    const marked = (): JsonObject => {
      if (keyword === undefined) watch.marks.push(mark);
      return (keyword ??= { mark: { id: mark, schema } });
    };
    return { mark, marked, prepared: recorded(watch) > before ? marked() : schema };
  }

  #inner(unit: UnitBuilder, spot: BuildPosition, path: string, child: unknown): JsonObject | boolean {
    if (!isObject(child)) return child === true;
    const { location, scope, depth, watch } = spot;
    const inside = this.#index.inside(location, path);
    if (inside === undefined) return true;
    // Marks are variables of the function, so a watched schema stays in it.
    const flat = depth < MAX_DEPTH || watch !== undefined || this.#index.subschemas(inside).length === 0;
    if (!flat) return this.#call(unit, this.#unit(inside, scope));
    return this.#prepare(unit, {
      location: inside,
      scope: enterScope(this.#index, scope, inside),
      depth: depth + 1,
      watch,
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
    : Object.entries(isObject(names) ? names : {}).flatMap(([name, value]) => [
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

/** Separates `unevaluated…` from the other keywords, because it depends on the marks that these set. */
function closed(prepared: JsonObject, found: readonly Found[], marks: readonly string[]): JsonObject {
  const { unevaluatedProperties, unevaluatedItems, ...check } = prepared;
  const close: Record<string, unknown> = {};
  const keywords = { unevaluatedProperties, unevaluatedItems };
  for (const [key, make] of [
    ["unevaluatedProperties", propertiesKeyword],
    ["unevaluatedItems", itemsKeyword],
  ] as const) {
    const schema = keywords[key];
    const keyword = schema === undefined || schema === true ? undefined : make(found, schema);
    if (keyword !== undefined) close[key] = keyword;
  }
  const keyword: EvaluateKeyword = { marks, check, close };
  return { evaluate: keyword };
}

/**
 * Adds `minItems: 1` to `contains`. For an empty array, ajv's code reads the verdict on an item of the array before it
 * if `contains` is inside a loop.
 */
function refuseEmpty(prepared: Record<string, unknown>): void {
  if (!("contains" in prepared) || prepared["minContains"] === 0) return;
  const { minItems } = prepared;
  if (typeof minItems !== "number" || minItems < 1) prepared["minItems"] = 1;
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
