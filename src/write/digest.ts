import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * SHA-256 of a text or of its bytes, in hexadecimal. A line break counts as LF, because git and editors on Windows write
 * CRLF for it.
 */
export function digest(content: string | Uint8Array): string {
  const bytes =
    typeof content === "string"
      ? Buffer.from(content)
      : Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  // Latin-1 keeps each byte, so that content in any encoding has a digest.
  const unix = bytes.includes("\r\n")
    ? Buffer.from(withUnixLines(bytes.toString("latin1")), "latin1")
    : bytes;
  return createHash("sha256").update(unix).digest("hex");
}

/** A text with LF in place of CRLF. */
export function withUnixLines(text: string): string {
  return text.replaceAll("\r\n", "\n");
}

/** The modules whose code determines the output: folders of `src`, or of `dist` in an installed package. */
const MODULES = ["json", "files", "spec", "schema", "model", "emit", "write", "config"];

/** The libraries whose version can change the output. */
const LIBRARIES = [
  "ajv",
  "ajv-draft-04",
  "handlebars",
  "json-schema-to-typescript",
  "mqtt",
  "prettier",
  "ts-morph",
  "typescript",
  "yaml",
];

/**
 * A digest of everything except the spec that the output depends on: code, templates, runtime, libraries, settings.
 *
 * @param settings A text that changes whenever the settings of a project do; empty for the default ones.
 */
export function generatorDigest(settings = ""): string {
  const code = dirname(dirname(fileURLToPath(import.meta.url)));
  const root = dirname(code);
  const folders = [
    ...MODULES.map((name) => join(code, name)),
    join(root, "templates"),
    join(root, "src/runtime"),
  ];
  const hash = createHash("sha256");
  for (const folder of folders) {
    const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) =>
      name.replaceAll("\\", "/"),
    );
    for (const name of names.toSorted()) {
      if (/\.(js|ts|json|hbs)$/.test(name) && !name.endsWith(".d.ts")) {
        hash.update(`${name}\0`).update(readFileSync(join(folder, name)));
      }
    }
  }
  for (const library of LIBRARIES) hash.update(`${library}@${versionOf(library)}\0`);
  if (settings !== "") hash.update(`${settings}\0`);
  // The dependencies of generated packages take their versions from this file.
  return hash.update(readFileSync(join(root, "package.json"))).digest("hex");
}

const require = createRequire(import.meta.url);

/** The installed version of a library, found without loading it; empty if it is not installed. */
function versionOf(library: string): string {
  for (const folder of require.resolve.paths(library) ?? []) {
    try {
      const manifest = JSON.parse(readFileSync(join(folder, library, "package.json"), "utf8")) as {
        version: string;
      };
      return manifest.version;
    } catch {
      // Try the next folder.
    }
  }
  return "";
}
