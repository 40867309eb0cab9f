import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The package's root: `src/emit` and `dist/emit` are equally deep. */
const ROOT = new URL("../../", import.meta.url);

/** Reads a Handlebars template, by its file name without `.hbs`. */
export function templateText(name: string): string {
  return readFileSync(new URL(`templates/${name}.hbs`, ROOT), "utf8");
}

/** The runtime that every package carries verbatim: file names below `runtime/` and their text, sorted. */
export function runtimeFiles(): readonly { readonly name: string; readonly text: string }[] {
  const folder = new URL("src/runtime/", ROOT);
  return readdirSync(fileURLToPath(folder), { recursive: true, encoding: "utf8" })
    .map((name) => name.replaceAll("\\", "/"))
    .filter((name) => name.endsWith(".ts") && name !== "symbols.ts")
    .toSorted()
    .map((name) => ({ name, text: readFileSync(new URL(name, folder), "utf8") }));
}

/** The version range that generated packages depend on: the one that this generator is tested with. */
export function dependencyRange(name: string): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL("package.json", ROOT), "utf8"));
  const { dependencies = {}, devDependencies = {} } = manifest as Record<string, Record<string, string>>;
  const range = dependencies[name] ?? devDependencies[name];
  if (range === undefined) throw new Error(`package.json has no dependency ${name}`);
  return range;
}
