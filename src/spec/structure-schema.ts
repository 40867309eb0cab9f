import { Ajv2020, type ErrorObject } from "ajv/dist/2020.js";
import { load } from "../host/index.js";
import { isObject } from "../json/json.js";

/** A part of the format that can be a file of its own or the target of a `$ref`: a key of `$defs` in spec.schema.json. */
export type StructureName = "root" | "extension" | "errorPayload";

/** The path is the same from `src/host` and `dist/host`. */
export const STRUCTURE_SCHEMA = "../../src/spec/spec.schema.json";

/** The same schema as code, in a built topicsmith in Node. The path is that from `dist/host`. */
const COMPILED_SCHEMA = "../spec/spec.validator.cjs";

type Validator = (name: StructureName, value: unknown) => readonly ErrorObject[];

let validator: Validator | undefined;

type Verdicts = Partial<Record<StructureName, (value: unknown) => boolean>>;

let verdicts: Verdicts | undefined;

/** Validates a value against a part of spec.schema.json. Returns all of ajv's errors. */
export function structureErrors(name: StructureName, value: unknown): readonly ErrorObject[] {
  verdicts ??= loadVerdicts();
  if (verdicts[name]?.(value) === true) return [];
  validator ??= makeValidator();
  return validator(name, value);
}

/** Functions that say of most specs at once that they have no mistake. Only mistakes need ajv, which takes longer. */
function loadVerdicts(): Verdicts {
  try {
    return load(COMPILED_SCHEMA) as Verdicts;
  } catch {
    // In a browser, and where topicsmith is not built, as in its own tests.
    return {};
  }
}

function makeValidator(): Validator {
  const schema = load(STRUCTURE_SCHEMA);
  if (!isObject(schema)) throw new TypeError("spec.schema.json is not a schema");
  const ajv = new Ajv2020({
    allErrors: true,
    // Adds the failing schema to each error; messages use its title.
    verbose: true,
    strict: false,
    // A test validates the schema itself; doing so at run time would only cost time.
    validateSchema: false,
    meta: false,
    ownProperties: true,
    formats: { regex: (pattern: string) => patternProblem(pattern) === undefined },
  });
  ajv.addSchema(schema, "spec");
  return (name, value) => {
    const validate = ajv.getSchema(`spec#/$defs/${name}`);
    if (!validate) throw new Error(`spec.schema.json has no ${name}`);
    return validate(value) === true ? [] : (validate.errors ?? []);
  };
}

/** The reason why a string is not a regular expression with the `u` flag; undefined if it is one. */
export function patternProblem(pattern: string): string | undefined {
  try {
    void new RegExp(pattern, "u");
    return undefined;
  } catch (error) {
    // `Invalid regular expression: /(/u: Unterminated group`
    return String(error).replace(/^.*: /s, "");
  }
}
