import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { run } from "./measure.mjs";
import { schemasOf } from "./schemas.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const LARGE = ["asyncapi", "geojson", "gitlab-ci", "package-manifest", "turbo"];

/** The scenarios of large schemas: generates their packages below `folder`, and takes the values of their tests. */
export async function largeValues(folder) {
  const found = [];
  for (const name of LARGE) {
    const scenario = join(root, "test/scenarios", `large-schema-${name}`);
    const spec = join(scenario, "input/api.yaml");
    const out = join(folder, name);
    await run([join(root, "dist/cli/main.js"), "generate", spec, "--out", out, "--quiet"]);
    const schemas = await schemasOf(spec);
    const documents = parse(readFileSync(join(scenario, "documents.yaml"), "utf8"));
    // The first validator of each is that of the whole file.
    const [[key, { good, bad }]] = Object.entries(documents);
    const [module, validator] = key.split("#");
    found.push({
      name,
      schemas,
      uri: schemas.find(({ uri }) => uri.startsWith("spec:/schemas/")).uri,
      module: join(out, "src", `${module}.validators.ts`),
      validator,
      valid: good,
      invalid: bad.map(({ value }) => value),
    });
  }
  return found;
}
