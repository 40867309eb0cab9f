// The peer: json-schema-to-typescript alone, as a script that people would write, on all schemas of one spec folder.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { compile } from "json-schema-to-typescript";
import { parse } from "yaml";

const folder = process.argv[2];
let printed = "";
for (const file of readdirSync(folder).filter((name) => name.endsWith(".yaml"))) {
  const { resources = {} } = parse(readFileSync(join(folder, file), "utf8"));
  for (const [key, resource] of Object.entries(resources)) {
    for (const part of ["request", "response"]) {
      const schema = resource[part]?.schema;
      if (schema !== undefined)
        printed += await compile(follow(schema, folder), `${key}-${part}`, { bannerComment: "" });
    }
  }
}
if (printed === "") throw new Error("no schema was found");

/** The same schema with references to other files replaced by what they lead to: the peer can not read them from YAML. */
function follow(schema, base) {
  if (Array.isArray(schema)) return schema.map((item) => follow(item, base));
  if (typeof schema !== "object" || schema === null) return schema;
  if (typeof schema.$ref === "string" && schema.$ref.startsWith("./")) {
    const [file, pointer] = schema.$ref.split("#");
    let value = parse(readFileSync(join(base, file), "utf8"));
    for (const level of pointer.split("/").slice(1)) value = value[level];
    return follow(value, base);
  }
  return Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, follow(value, base)]));
}
