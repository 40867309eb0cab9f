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

/** What makes one engine differ from another of its dialect. */
export interface AjvConfig {
  readonly dialect: Dialect;
  /** Collects every error; otherwise the first one stops the check. Generated validators stop. */
  readonly allErrors: boolean;
  /**
   * Looks only at own members. Needed where a schema names members that every object inherits, such as `toString`;
   * elsewhere it would only cost time.
   */
  readonly ownProperties: boolean;
  /**
   * Keeps account of what was evaluated, for `unevaluatedProperties` and meta-schemas; elsewhere it would only make the
   * code longer.
   */
  readonly tracksEvaluated: boolean;
}

/** A fresh ajv for a dialect. Schemas given to it are taken as checked. */
export function createAjv({
  dialect,
  allErrors,
  ownProperties,
  tracksEvaluated: looksAround,
}: AjvConfig): Ajv {
  const engine = construct(dialect.name, {
    allErrors,
    ownProperties,
    // Strictness would refuse legal schemas; what it finds out, the hints and warnings say.
    strict: false,
    validateSchema: false,
    logger: false,
    unicodeRegExp: true,
    // 0.3 is a multiple of 0.1, whatever floating point makes of it.
    multipleOfPrecision: 10,
    // A schema that is referred to becomes one function, whoever refers to it.
    inlineRefs: false,
    ignoreKeywordsWithRef: dialect.refIgnoresSiblings,
    code: { source: true, esm: true, lines: true },
  });
  addFormats.default(engine);
  makeSafe(engine);
  if (!looksAround) {
    // ajv's classes for the later dialects always turn these on.
    engine.opts.unevaluated = false;
    engine.opts.dynamicRef = false;
  }
  return engine;
}

/** A fresh ajv that checks schemas against their dialect's meta-schema. */
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

// ajv hands its functions to compiled code in lists, just after it has shown the code to `process`.
function makeSafe(engine: Ajv): void {
  engine.opts.code.process = (code) => {
    const functions = engine.scope.get()["func"] ?? [];
    functions.forEach((one, place) => {
      if (one === ajvEqual.default) functions[place] = sameValue;
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
 * Mends what is wrong in the code that ajv makes. Where a schema with `patternProperties` stands beside branches that
 * may evaluate members, ajv's account of the evaluated ones is still undefined, or already "all of them", when it notes
 * the next one: that throws, for values that anyone can send.
 */
export function patchAjvCode(code: string): string {
  return code.replaceAll(/^(props\d+)\[(key\d+)\] = true;$/gm, "if($1 !== true)($1 ??= {})[$2] = true;");
}

/**
 * Deep comparison of JSON values, in place of ajv's own, which calls `toString` and `valueOf` of the values: a member of
 * that name makes it throw, and values come from the network. Generated validators carry the same function as text
 * (validators/helpers.ts).
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
