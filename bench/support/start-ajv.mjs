// Compiles schemas with ajv, and prints how many milliseconds that took: with the import of ajv, or with `compile` as
// the second argument without it. The schemas are read before.
import { readFileSync } from "node:fs";

const [, , path, what] = process.argv;
const schemas = JSON.parse(readFileSync(path, "utf8"));
const start = performance.now();
const { Ajv2020 } = await import("ajv/dist/2020.js");
const imported = performance.now();
const ajv = new Ajv2020({ strict: false });
for (const { uri, value } of schemas) ajv.addSchema(value, uri);
const validators = schemas.map(({ uri }) => ajv.getSchema(uri));
console.log(performance.now() - (what === "compile" ? imported : start));
if (validators.some((validate) => typeof validate !== "function")) throw new Error("validators are missing");
