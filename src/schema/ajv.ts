import { createRequire } from "node:module";
import { Ajv, type AnySchemaObject, type Options } from "ajv";
import { Ajv2019 } from "ajv/dist/2019.js";
import { Ajv2020 } from "ajv/dist/2020.js";
import draft04 from "ajv-draft-04";
import addFormats from "ajv-formats";
import { DIALECTS, type Dialect, type DialectName } from "./dialect.js";

// JSON modules still warn on Node 20.
const require = createRequire(import.meta.url);
const ajvEqual = require("ajv/dist/runtime/equal") as { readonly default: unknown };

/** The differences between ajv instances of one dialect. */
export interface AjvConfig {
  readonly dialect: Dialect;
  /** Whether all errors are collected. Generated validators stop at the first one. */
  readonly allErrors: boolean;
  /**
   * Whether only own properties are read. Needed if a schema names a property that every object inherits, such as
   * `toString`. Elsewhere it would only slow validators down.
   */
  readonly ownProperties: boolean;
  /**
   * Whether evaluated properties and items are tracked, for `unevaluatedProperties`, `unevaluatedItems` and
   * meta-schemas.
   * Elsewhere it would only make the code longer.
   */
  readonly tracksEvaluated: boolean;
}

/** Creates an ajv instance for a dialect. It does not check schemas against their meta-schema. */
export function createAjv({
  dialect,
  allErrors,
  ownProperties,
  tracksEvaluated: looksAround,
}: AjvConfig): Ajv {
  const engine = construct(dialect.name, {
    allErrors,
    ownProperties,
    // Strict mode would refuse legal schemas. Hints and warnings report what it would find.
    strict: false,
    validateSchema: false,
    logger: false,
    unicodeRegExp: true,
    // Accept 0.3 as a multiple of 0.1 in spite of floating-point rounding.
    multipleOfPrecision: 10,
    // Compile each schema to one function, however many schemas refer to it.
    inlineRefs: false,
    ignoreKeywordsWithRef: dialect.refIgnoresSiblings,
    code: { source: true, esm: true, lines: true },
  });
  addFormats.default(engine);
  makeSafe(engine);
  if (!looksAround) {
    // Ajv2019 and Ajv2020 always turn these on.
    engine.opts.unevaluated = false;
    engine.opts.dynamicRef = false;
  }
  return engine;
}

/** Creates an ajv instance that checks schemas against their dialect's meta-schema. */
export function createMetaAjv(dialect: Dialect): Ajv {
  const engine = construct(dialect.name, {
    allErrors: true,
    strict: false,
    logger: false,
    validateFormats: false,
  });
  makeSafe(engine);
  return engine;
}

// ajv passes its functions to compiled code in lists, after it has called `process` with the code.
function makeSafe(engine: Ajv): void {
  engine.opts.code.process = (code) => {
    const functions = engine.scope.get()["func"] ?? [];
    functions.forEach((one, index) => {
      if (one === ajvEqual.default) functions[index] = sameValue;
    });
    return patchAjvCode(code);
  };
}

function construct(name: DialectName, options: Options): Ajv {
  switch (name) {
    case "draft-04":
      return new draft04.default(options);
    case "draft-06": {
      const engine = new Ajv({ ...options, meta: false });
      engine.addMetaSchema(require("ajv/dist/refs/json-schema-draft-06.json") as AnySchemaObject);
      engine.opts.defaultMeta = DIALECTS["draft-06"].metaSchema;
      return engine;
    }
    case "draft-07":
      return new Ajv(options);
    case "2019-09":
      return new Ajv2019(options);
    case "2020-12":
      return new Ajv2020(options);
  }
}

/**
 * Repairs the code that ajv generates for a schema with `patternProperties` beside branches that may evaluate
 * properties. When that code records an evaluated property, the record may still be undefined, or already `true` for
 * "all", and the assignment throws, on values that any sender can choose.
 */
export function patchAjvCode(code: string): string {
  return code.replaceAll(/^(props\d+)\[(key\d+)\] = true;$/gm, "if($1 !== true)($1 ??= {})[$2] = true;");
}

/**
 * Compares two JSON values deeply, in index of ajv's own function. That one calls `toString` and `valueOf` of the
 * values
 * and throws if a value has a property of that name; values come from the network. Generated validators contain this
 * function as text (validators/helpers.ts).
 */
function sameValue(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [left, right] = [a as Readonly<Record<string, unknown>>, b as Readonly<Record<string, unknown>>];
  const keys = Object.keys(left);
  if (keys.length !== Object.keys(right).length) return false;
  return keys.every((key) => Object.hasOwn(right, key) && sameValue(left[key], right[key]));
}
