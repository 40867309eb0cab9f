import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Diagnostic } from "../../../src/diagnostics/index.js";
import { diskFiles } from "../../../src/spec/disk-files.js";
import { readSpec, type ReadResult, type SpecDocument } from "../../../src/spec/index.js";

/** The content of a path: a text or bytes for a file, `null` for a folder, or a symbolic link. */
export type Content = string | Uint8Array | null | { readonly linkTo: string };

/** Files by path. */
export type Files = Readonly<Record<string, Content>>;

/** A minimal root file. */
export const ROOT = `topicsmith: 1
api: { name: demo, title: Demo, version: 1.0.0 }
protocol: { topic: "{extension}/{resource}", success: "{request}/status", error: "{request}/error" }
`;

/** An extension with one resource. */
export const EXTENSION = `resources:
  say: { path: say, requestId: none }
`;

/** Writes files to a new folder, calls `use` with it, and deletes the folder. */
export async function inFolder<T>(files: Files, use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "topicsmith-spec-"));
  try {
    for (const [path, content] of Object.entries(files)) {
      await put(join(folder, path), content);
    }
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function put(path: string, content: Content): Promise<void> {
  await mkdir(content === null ? path : dirname(path), { recursive: true });
  if (typeof content === "string" || content instanceof Uint8Array) await writeFile(path, content);
  else if (content !== null) await symlink(content.linkTo, path);
}

/** Reads a spec from disk. */
export function readFromDisk(rootPath: string, allow?: readonly string[]): Promise<ReadResult> {
  return readSpec(rootPath, diskFiles(rootPath, { allow }));
}

/** Reads the spec whose root file is `root.yaml`; paths in the result are relative to it. */
export function read(files: Files, allow?: readonly string[]): Promise<ReadResult> {
  return inFolder(files, async (folder) => {
    const result = await readFromDisk(join(folder, "root.yaml"), allow);
    return { ...result, diagnostics: result.diagnostics.map((item) => inside(folder, item)) };
  });
}

/** Reads a spec without mistakes. */
export async function readDocument(files: Files): Promise<SpecDocument> {
  const { document, diagnostics } = await read(files);
  if (!document) throw new Error(diagnostics.map(line).join("\n"));
  return document;
}

/** `file:line:column-line:column code: message`. */
export function line({ code, message, range }: Diagnostic): string {
  const at = range ? `${range.file}:${range.line}:${range.column}-${range.endLine}:${range.endColumn} ` : "";
  return `${at}${code}: ${message}`;
}

function inside(folder: string, item: Diagnostic): Diagnostic {
  const strip = (text: string) => text.replaceAll(`${folder}/`, "");
  const { range } = item;
  return {
    ...item,
    message: strip(item.message),
    ...(range && { range: { ...range, file: strip(range.file) } }),
  };
}
