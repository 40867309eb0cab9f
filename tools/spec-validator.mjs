// Writes `dist/spec/spec.validator.cjs`: whether a spec has the structure that spec.schema.json describes, as code that ajv
// has generated. Loading it takes a tenth of compiling the schema. It does not know the mistakes.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { _ } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import standalone from "ajv/dist/standalone/index.js";
import { transformSync } from "esbuild";

/** The parts of the format that `src/spec/structure-schema.ts` validates. */
const NAMES = ["root", "extension", "errorPayload"];

/** The text of the module. */
export function specValidator() {
  const schema = JSON.parse(readFileSync(new URL("../src/spec/spec.schema.json", import.meta.url), "utf8"));
  const ajv = new Ajv2020({
    strict: false,
    meta: false,
    validateSchema: false,
    ownProperties: true,
    messages: false,
    formats: { regex: isPattern },
    code: { source: true, formats: _`formats` },
  });
  ajv.addSchema(withoutProse(schema), "spec");
  const code = standalone.default(
    ajv,
    Object.fromEntries(NAMES.map((name) => [name, `spec#/$defs/${name}`])),
  );
  return transformSync(`const formats = { regex: ${String(isPattern)} };\n${code}`, {
    minify: true,
    format: "cjs",
  }).code;
}

/** A schema without titles and descriptions, which errors need and verdicts do not. Properties of these names are schemas. */
function withoutProse(schema) {
  if (Array.isArray(schema)) return schema.map(withoutProse);
  if (typeof schema !== "object" || schema === null) return schema;
  const entries = Object.entries(schema).filter(
    ([key, value]) => !(typeof value === "string" && ["title", "description"].includes(key)),
  );
  return Object.fromEntries(entries.map(([key, value]) => [key, withoutProse(value)]));
}

function isPattern(pattern) {
  try {
    void new RegExp(pattern, "u");
    return true;
  } catch {
    return false;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  writeFileSync(new URL("../dist/spec/spec.validator.cjs", import.meta.url), specValidator());
