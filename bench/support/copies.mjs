import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";

/**
 * Writes the Kaa spec `count` times into one spec: extensions under other names, each schema with one member of its
 * own, so that no two are alike. Gives the root file's path.
 */
export function writeCopies(source, folder, count) {
  mkdirSync(folder, { recursive: true });
  const root = parse(readFileSync(join(source, "kaa.yaml"), "utf8"));
  const extensions = Object.entries(root.extensions);
  root.api.name = `copies-${count}`;
  root.extensions = {};
  for (let copy = 0; copy < count; copy++) {
    for (const [key, { $ref }] of extensions) {
      root.extensions[`${key}_${copy}`] = { $ref: $ref.replace(".yaml", `_${copy}.yaml`) };
    }
    for (const file of readdirSync(source).filter((name) => name !== "kaa.yaml")) {
      // References between files lead to the same copy.
      const text = readFileSync(join(source, file), "utf8").replaceAll(
        /\.\/(\w+)\.yaml/g,
        `./$1_${copy}.yaml`,
      );
      const extension = parse(text);
      for (const resource of Object.values(extension.resources)) mark(resource, copy);
      writeFileSync(
        join(folder, file.replace(".yaml", `_${copy}.yaml`)),
        stringify(extension, { aliasDuplicateObjects: false }),
      );
    }
  }
  const path = join(folder, "api.yaml");
  writeFileSync(path, stringify(root));
  return path;
}

/** Gives each object schema of a resource's bodies one member that no other copy has. */
function mark(resource, copy) {
  for (const body of [resource.request, resource.response]) {
    const schema = body?.schema;
    if (schema?.type === "object")
      schema.properties = { ...schema.properties, [`member${copy}`]: { type: "integer" } };
  }
}
