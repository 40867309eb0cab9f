import { _, Ajv, type AnySchemaObject, type Options } from "ajv";
import { Ajv2019 } from "ajv/dist/2019.js";
import { Ajv2020 } from "ajv/dist/2020.js";
import draft04 from "ajv-draft-04";
import { sameValue } from "../../templates/validator-helpers.js";
import { load } from "../host/index.js";
import { FORMATS } from "./formats.js";
import { addOwnKeywords } from "./own-keywords.js";
import { DIALECTS, type Dialect, type DialectName } from "./dialect.js";

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
  /** Whether schemas refer to a meta-schema, which has dynamic references. Elsewhere they would only make code longer. */
  readonly callsMetaSchema: boolean;
}

/** Creates an ajv instance for a dialect. It does not check schemas against their meta-schema. */
export function createAjv({ dialect, allErrors, ownProperties, callsMetaSchema }: AjvConfig): Ajv {
  const engine = construct(dialect.name, {
    allErrors,
    ownProperties,
    // Strict mode would refuse legal schemas. Hints and warnings report what it would find.
    strict: false,
    validateSchema: false,
    logger: false,
    unicodeRegExp: true,
    // Compile each schema to one function, however many schemas refer to it.
    inlineRefs: false,
    ignoreKeywordsWithRef: dialect.refIgnoresSiblings,
    code: { source: true, esm: true, lines: true, formats: _`formats` },
  });
  for (const [name, format] of FORMATS) engine.addFormat(name, format);
  // Ajv2019 and Ajv2020 always turn these on.
  engine.opts.unevaluated = false;
  if (!callsMetaSchema) engine.opts.dynamicRef = false;
  addOwnKeywords(engine);
  makeSafe(engine);
  return engine;
}

/** Creates an ajv instance that checks schemas against their dialect's meta-schema. The further options replace its own. */
export function createMetaAjv(dialect: Dialect, options: Options = {}): Ajv {
  const engine = construct(dialect.name, {
    allErrors: true,
    strict: false,
    logger: false,
    validateFormats: false,
    ...options,
  });
  makeSafe(engine);
  return engine;
}

// ajv passes its functions to compiled code in lists, after it has called `process` with the code.
function makeSafe(engine: Ajv): void {
  const ajvEqual = load("ajv/dist/runtime/equal") as { readonly default: unknown };
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
      engine.addMetaSchema(load("ajv/dist/refs/json-schema-draft-06.json") as AnySchemaObject);
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
