import { resolve } from "node:path";
import { readRegularFile, ReadableFolders } from "../files/index.js";

/** Largest root file that is searched for the name, in bytes. In a larger one, the YAML library finds the name. */
const MAX_BYTES = 1024 * 1024;

/** The pattern of spec.schema.json: the name becomes that of a folder. */
const NAME = "[A-Za-z0-9][A-Za-z0-9_-]*";

/** `api:` at the start of a line, and the lines below it up to the next key. */
const API_BLOCK = /^api:[ \t]*(?:#.*)?\n((?:[ \t]+\S.*\n|[ \t]*(?:#.*)?\n)*)/m;
const API_INLINE = /^api:[ \t]*\{(.*)\}[ \t]*(?:#.*)?$/m;

/**
 * Finds the API's name in a root file without parsing YAML, which would take as long as everything else that an up-to-date
 * run does. Undefined if the name is not written in the usual way.
 *
 * Whoever uses the name has to compare digests too: the manifest of the folder that is called after it names the API, and
 * holds the digest of this very file.
 */
export function findApiName(
  spec: string,
  {
    allow,
    read,
  }: {
    readonly allow?: readonly string[] | undefined;
    readonly read?: ((path: string) => string | undefined) | undefined;
  },
): string | undefined {
  const path = resolve(spec);
  const text = read?.(path) ?? textOf(path, allow);
  if (text === undefined) return undefined;
  const unixText = `${text.replace(/^\uFEFF/, "").replaceAll("\r\n", "\n")}\n`;
  // With two of them, or in a text or a flow mapping around it, the key is not what it seems to be.
  if ((unixText.match(/^["']?api["']?[ \t]*:/gm)?.length ?? 0) !== 1 || /^\s*[{["']/.test(unixText))
    return undefined;
  const block = API_BLOCK.exec(unixText)?.[1];
  return block === undefined ? inlineName(API_INLINE.exec(unixText)?.[1] ?? "") : blockName(block);
}

/** The name in the lines of a block mapping: among the keys with the least indentation. */
function blockName(block: string): string | undefined {
  const lines = block.split("\n").filter((line) => /^[ \t]*[^#\s]/.test(line));
  const indent = /^ +/.exec(lines[0] ?? "")?.[0] ?? "";
  const pattern = new RegExp(`^${indent}name: +(["']?)(${NAME})\\1[ \\t]*(?: #.*)?$`);
  const names = lines.filter((line) => line.startsWith(`${indent}name:`));
  return indent === "" || names.length !== 1 ? undefined : pattern.exec(names[0] ?? "")?.[2];
}

/** The name in a flow mapping of one line without nested collections and quotes before it. */
function inlineName(properties: string): string | undefined {
  return new RegExp(`^(?:[^"'{}\\[\\],]*, )*? *name: +(["']?)(${NAME})\\1 *(?:,|$)`).exec(properties)?.[2];
}

function textOf(path: string, allow: readonly string[] | undefined): string | undefined {
  const realPath = new ReadableFolders(path, allow).find(path);
  const content = realPath === undefined ? undefined : readRegularFile(realPath, MAX_BYTES);
  return content?.kind === "file" ? Buffer.from(content.bytes).toString("utf8") : undefined;
}
