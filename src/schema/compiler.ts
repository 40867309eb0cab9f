import type { Ajv } from "ajv";
import type { AnyValidateFunction } from "ajv/dist/core.js";
import { createAjv, type AjvConfig } from "./ajv.js";
import { isObject } from "../json/json.js";
import type { EqualSchemas } from "./equal-schemas.js";
import type { SchemaLocation, SchemaIndex } from "./schema-index.js";
import { CompilationUnits, type CompilationUnit } from "./compilation-units.js";

/** A compiled schema and the unit that it was made from. */
export interface Compiled {
  readonly validate: AnyValidateFunction;
  readonly unit: CompilationUnit;
}

interface AjvInstance {
  readonly ajv: Ajv;
  /** The ids of the units that it has. */
  readonly added: Set<string>;
}

/** Compiles schemas on demand, each once per ajv configuration. */
export class Compiler {
  readonly #units: CompilationUnits;
  readonly #engines = new Map<string, AjvInstance>();
  /** The unit that each compiled schema object belongs to. */
  readonly #owners = new WeakMap<object, CompilationUnit>();

  constructor(index: SchemaIndex, equals: EqualSchemas) {
    this.#units = new CompilationUnits(index, equals);
  }

  /**
   * Compiles the schema at `location`.
   *
   * @throws ajv's error if ajv refuses the schema.
   */
  compile(location: SchemaLocation, { allErrors }: Pick<AjvConfig, "allErrors">): Compiled {
    const unit = this.#units.at(location);
    const units = unitsFrom(unit);
    const ownProperties = units.some(({ usesPrototypeNames: namesInherited }) => namesInherited);
    const callsMetaSchema = units.some((used) => used.callsMetaSchema);
    const held = this.#engine({
      dialect: location.dialect,
      allErrors,
      ownProperties,
      callsMetaSchema,
    });
    return { validate: this.#compileUnits(held, units), unit };
  }

  /** The documents of the schema and of all schemas that it refers to. */
  documentsOf(location: SchemaLocation): readonly string[] {
    return [...new Set(unitsFrom(this.#units.at(location)).flatMap(({ documents }) => [...documents]))];
  }

  /** The unit whose schema was passed to ajv as `schema`. */
  ownerOf(schema: unknown): CompilationUnit | undefined {
    return typeof schema === "object" && schema !== null ? this.#owners.get(schema) : undefined;
  }

  #compileUnits({ ajv: engine, added }: AjvInstance, units: readonly CompilationUnit[]): AnyValidateFunction {
    for (const unit of units) {
      if (added.has(unit.id)) continue;
      added.add(unit.id);
      // ajv takes a schema object once per engine and looks it up by identity.
      const schema = isObject(unit.schema) ? { ...unit.schema } : { allOf: [unit.schema] };
      this.#owners.set(schema, unit);
      engine.addSchema(schema, unit.id);
    }
    // Compile used units first, so that ajv's own recursion stays shallow.
    let last: AnyValidateFunction | undefined;
    for (const { id } of units) last = engine.getSchema(id);
    if (last === undefined) throw new Error(`ajv has lost ${units.at(-1)?.location.uri}`);
    return last;
  }

  #engine(traits: AjvConfig): AjvInstance {
    const key = [traits.dialect.name, traits.allErrors, traits.ownProperties, traits.callsMetaSchema].join(
      " ",
    );
    const known = this.#engines.get(key);
    if (known !== undefined) return known;
    const held = { ajv: createAjv(traits), added: new Set<string>() };
    this.#engines.set(key, held);
    return held;
  }
}

/** The unit and all units that it uses, each once. A unit comes after those it uses, except within a cycle. */
function unitsFrom(root: CompilationUnit): readonly CompilationUnit[] {
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
