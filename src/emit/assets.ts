import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { PACKAGE_ROOT } from "../host/package-root.js";

/** Reads a Handlebars template, by its file name without `.hbs`. */
export function templateText(name: string): string {
  return readFileSync(new URL(`templates/${name}.hbs`, PACKAGE_ROOT), "utf8");
}

/** Reads a file of `templates/` that is not a template. */
export function assetText(file: string): string {
  return readFileSync(new URL(`templates/${file}`, PACKAGE_ROOT), "utf8");
}

/** The runtime that every package carries verbatim: file names below `runtime/` and their text, sorted. */
export function runtimeFiles(): readonly { readonly name: string; readonly text: string }[] {
  const folder = new URL("src/runtime/", PACKAGE_ROOT);
  return readdirSync(fileURLToPath(folder), { recursive: true, encoding: "utf8" })
    .map((name) => name.replaceAll("\\", "/"))
    .filter((name) => name.endsWith(".ts") && name !== "symbols.ts")
    .toSorted()
    .map((name) => ({ name, text: readFileSync(new URL(name, folder), "utf8") }));
}

/** File names of the templates that a project can replace. */
export const TEMPLATE_NAMES: readonly string[] = [
  "LICENSE-MIT.hbs",
  "LICENSE-other.hbs",
  "README.md.hbs",
  "module.ts.hbs",
];
