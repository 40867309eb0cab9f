import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { Ajv } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import standaloneCode from "ajv/dist/standalone/index.js";
import addFormats from "ajv-formats";
import { build } from "esbuild";

const root = fileURLToPath(new URL("../..", import.meta.url));
const bench = fileURLToPath(new URL("..", import.meta.url));

/** A generated validator, with ajv's function for the same schema and the sizes of both. */
export async function besideAjv({ schemas, uri, module, validator }) {
  const entry = `export { ${validator} as check } from ${JSON.stringify(module)};`;
  const { code } = await bundle(entry, root, false);
  const { check } = await import(`data:text/javascript;base64,${Buffer.from(code).toString("base64")}`);
  const ajv = ajvWith(schemas);
  const standalone = standaloneCode.default(ajvWith(schemas), { check: uri });
  const sizes = [await bundle(entry, root, true), await bundle(standalone, bench, true)];
  return { contenders: { generated: check, ajv: ajv.getSchema(uri) }, sizes: sizes.map(({ size }) => size) };
}

// As in the head of `validators.mjs`. The meta-schemas are left out, because one of the large schemas contains one.
function ajvWith(schemas) {
  const isDraft07 = schemas.some(({ value }) => /draft-07/.test(value.$schema ?? ""));
  const ajv = new (isDraft07 ? Ajv : Ajv2020)({
    strict: false,
    meta: false,
    validateSchema: false,
    logger: false,
    code: { source: true, esm: true },
  });
  addFormats.default(ajv);
  for (const { uri, value } of schemas) ajv.addSchema(value, uri);
  return ajv;
}

async function bundle(contents, resolveDir, minify) {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir },
    bundle: true,
    format: "esm",
    target: "es2022",
    charset: "utf8",
    minify,
    write: false,
  });
  const [{ contents: code }] = outputFiles;
  return { code, size: gzipSync(code, { level: 9 }).length };
}
