import { isObject, property, setProperty, type JsonObject } from "../json/json.js";
import type { EqualSchemas } from "./equal-schemas.js";
import type { SchemaLocation, SchemaIndex } from "./schema-index.js";
import { pointerStep } from "../json/pointer.js";
import {
  EVERYTHING,
  ownEvaluations,
  record,
  recorded,
  staticEvaluations,
  unevaluatedEvaluations,
  watchIf,
  type MarkKeyword,
  type Watch,
  type Watcher,
} from "./evaluations.js";
import {
  adaptToAjv,
  addTo,
  chunks,
  closed,
  MAX_WIDTH,
  mentionsPrototypeNames,
  nestBranches,
  pick,
} from "./prepare-for-ajv.js";
import { MAX_WATCHED_DEPTH, TooDeepError } from "./too-deep.js";
import { acceptsEverything, enterScope, NO_SCOPE, type DynamicScope, referencesOf } from "./references.js";

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
  /** The documents of its schemas. */
  readonly documents: ReadonlySet<string>;
}

/**
 * The depth of schemas within one function. ajv nests a block for each level. 12 levels stay far from overflowing the
 * stack of a JavaScript parser; deeper schemas become units of their own.
 */
const MAX_DEPTH = 12;

const UNEVALUATED = ["unevaluatedProperties", "unevaluatedItems"];

interface UnitBuilder extends CompilationUnit {
  schema: JsonObject | boolean;
  readonly uses: UnitBuilder[];
  usesPrototypeNames: boolean;
  callsMetaSchema: boolean;
  readonly documents: Set<string>;
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

/**
 * The keywords of a schema that is repeated where it is referred to, instead of called: a call costs more than such a schema itself.
 * It refers to nothing.
 */
const MAX_REPEATED_KEYWORDS = 12;

/** Whether a schema has few keywords, with those of schemas inside it, and refers to none. */
function isSmall(index: SchemaIndex, location: SchemaLocation): boolean {
  return isObject(location.schema) && keywordsOf(index, location) <= MAX_REPEATED_KEYWORDS;
}

/** The number of keywords and of values of an `enum`; infinite if a schema refers to another one. */
function keywordsOf(index: SchemaIndex, location: SchemaLocation): number {
  const { schema, dialect } = location;
  if (!isObject(schema)) return 0;
  if (referencesOf(index, location).length > 0) return Infinity;
  const values = property(schema, "enum");
  let count = Array.isArray(values) ? values.length : 0;
  for (const key of Object.keys(schema))
    if (dialect.assertions.has(key) || dialect.applicators.has(key)) count += 1;
  for (const inner of index.subschemas(location)) {
    if (count > MAX_REPEATED_KEYWORDS) break;
    count += keywordsOf(index, inner.location);
  }
  return count;
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
    const unit: UnitBuilder = {
      id: `unit:${this.#units.size}`,
      location,
      schema: true,
      uses: [],
      usesPrototypeNames: false,
      callsMetaSchema: false,
      documents: new Set(),
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
    unit.documents.add(around.location.document);
    if (!isObject(schema)) return schema === true;
    if (around.depth > MAX_WATCHED_DEPTH) throw new TooDeepError(around.location);
    const closing = UNEVALUATED.filter((key) => dialect.applicators.has(key) && Object.hasOwn(schema, key));
    const own: Watcher = { found: [], when: [] };
    const spot: BuildPosition =
      closing.length === 0
        ? around
        : {
            ...around,
            watch: { watchers: [...(around.watch?.watchers ?? []), own], marks: around.watch?.marks ?? [] },
          };
    const prepared: Record<string, unknown> = {};
    const [first, ...more] = referencesOf(this.#index, spot.location, spot.scope).flatMap(({ target }) => {
      if (target.to === "meta-schema") {
        unit.callsMetaSchema = true;
        if (spot.watch !== undefined) record(spot.watch, EVERYTHING);
        return [{ $ref: target.uri }];
      }
      if (target.to !== "schema" || acceptsEverything(target.location)) return [];
      return [this.#referTo(unit, spot, target.location)];
    });
    if (dialect.refIgnoresSiblings && typeof property(schema, "$ref") === "string") return first ?? prepared;
    if (isObject(first) && Object.hasOwn(first, "$ref")) prepared["$ref"] = first["$ref"];
    else if (first !== undefined) more.unshift(first);
    for (const key of Object.keys(schema)) this.#copy(unit, spot, key, prepared);
    if (spot.watch !== undefined) this.#recordOwn(spot.watch, spot.location, prepared);
    if (around.watch !== undefined) record(around.watch, unevaluatedEvaluations(spot.location));
    const [only, second] = more;
    if (only !== undefined && second === undefined && Object.keys(prepared).length === 0) return only;
    addTo(prepared, "allOf", more);
    adaptToAjv(prepared);
    this.#splitWide(unit, spot.location, prepared);
    if (closing.length === 0 || spot.watch === undefined) return prepared;
    return closed(prepared, own.found, around.watch === undefined ? spot.watch.marks : []);
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
    if (spot.depth < MAX_DEPTH && isSmall(this.#index, target))
      return this.#prepare(unit, { location: target, scope: NO_SCOPE, depth: spot.depth + 1 });
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
      if ((key === "required" || key === "dependentRequired") && mentionsPrototypeNames(value))
        unit.usesPrototypeNames = true;
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
      if (key !== "patternProperties" && mentionsPrototypeNames(value)) unit.usesPrototypeNames = true;
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
    nestBranches(prepared);
  }
}
