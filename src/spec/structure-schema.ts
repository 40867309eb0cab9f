import { readFileSync } from "node:fs";
import { Ajv2020, type ErrorObject } from "ajv/dist/2020.js";
import { isObject } from "../json/json.js";

/** A part of the format that can stand in a file of its own, or be referred to: a name in `$defs` of spec.schema.json. */
export type StructureName = "root" | "extension" | "errorPayload";

// Not imported: Node 20 warns of JSON modules. The path is the same from src/spec/ and from dist/spec/.
const FILE = new URL("./spec.schema.json", import.meta.url);

let checker: ((shape: StructureName, value: unknown) => readonly ErrorObject[]) | undefined;

/** What is wrong with the shape of a value, in ajv's words: all of it. */
export function structureErrors(shape: StructureName, value: unknown): readonly ErrorObject[] {
  checker ??= makeChecker();
  return checker(shape, value);
}

function makeChecker(): typeof checker & {} {
  const schema: unknown = JSON.parse(readFileSync(FILE, "utf8"));
  if (!isObject(schema)) throw new TypeError("spec.schema.json is no schema");
  const ajv = new Ajv2020({
    allErrors: true,
    // Errors carry the schema that they come from: its titles name things in messages.
    verbose: true,
    strict: false,
    // A test checks the schema itself; at run time that, and its meta-schema, would only cost time.
    validateSchema: false,
    meta: false,
    ownProperties: true,
    formats: { regex: (pattern: string) => patternProblem(pattern) === undefined },
  });
  ajv.addSchema(schema, "spec");
  return (shape, value) => {
    const validate = ajv.getSchema(`spec#/$defs/${shape}`);
    if (!validate) throw new Error(`spec.schema.json has no ${shape}`);
    return validate(value) === true ? [] : (validate.errors ?? []);
  };
}

/** Why a text is no regular expression, or undefined if it is one. Patterns are Unicode ones, as in JSON Schema. */
export function patternProblem(pattern: string): string | undefined {
  try {
    void new RegExp(pattern, "u");
    return undefined;
  } catch (error) {
    // `Invalid regular expression: /(/u: Unterminated group`
    return String(error).replace(/^.*: /s, "");
  }
}
