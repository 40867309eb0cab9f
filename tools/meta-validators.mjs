// Writes `dist/schema/meta-schemas/<dialect>.cjs`: whether a schema is valid in its dialect, as code that ajv has generated from
// the meta-schema. Loading it takes a tenth of compiling the meta-schema. It does not know the mistakes.
import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import standalone from "ajv/dist/standalone/index.js";
import { transformSync } from "esbuild";

/** The text of the module for a dialect. */
export function metaValidator(dialect, createMetaAjv) {
  const ajv = createMetaAjv(dialect, { allErrors: false, messages: false, code: { source: true } });
  const code = standalone.default(ajv, { isValid: dialect.metaSchema });
  return transformSync(code, { minify: true, format: "cjs" }).code;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = new URL("../dist/schema/meta-schemas/", import.meta.url);
  const [{ createMetaAjv }, { DIALECTS }] = await Promise.all([
    import("../dist/schema/ajv.js"),
    import("../dist/schema/dialect.js"),
  ]);
  mkdirSync(folder, { recursive: true });
  for (const dialect of Object.values(DIALECTS))
    writeFileSync(new URL(`${dialect.name}.cjs`, folder), metaValidator(dialect, createMetaAjv));
}
