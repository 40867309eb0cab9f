import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { isMap, isSeq, parseDocument } from "yaml";
import { readManifest } from "./manifest.js";

/** The list of a project's workspaces. */
export interface Workspaces {
  /** The folder of the file that has the list. The entries are relative to it. */
  readonly root: string;
  readonly file: "package.json" | "pnpm-workspace.yaml";
  readonly entries: readonly string[];
}

const PNPM_FILE = "pnpm-workspace.yaml";

/** The list of workspaces in the nearest folder that has one, from `folder` upwards. */
export function workspacesAround(folder: string): Workspaces | undefined {
  for (let root = resolve(folder); ; root = dirname(root)) {
    const path = join(root, PNPM_FILE);
    if (existsSync(path)) {
      const list = parseDocument(readFileSync(path, "utf8")).getIn(["packages"]);
      return { root, file: PNPM_FILE, entries: isSeq(list) ? stringsOf(list.toJSON()) : [] };
    }
    const { workspaces } = readManifest(root);
    if (workspaces !== undefined) return { root, file: "package.json", entries: entriesOf(workspaces) };
    if (dirname(root) === root) return undefined;
  }
}

/** The workspaces of a `package.json`: a list, or a mapping with one. */
export function entriesOf(workspaces: unknown): readonly string[] {
  if (Array.isArray(workspaces)) return stringsOf(workspaces);
  return stringsOf((Object(workspaces ?? {}) as { readonly packages?: unknown }).packages);
}

/** The entry that a list needs to have a folder; undefined if it has its path, or all of the folder around it. */
export function missingEntry({ root, entries }: Workspaces, folder: string): string | undefined {
  const path = relative(root, resolve(folder)).replaceAll(sep, "/");
  const listed = [path, `${dirname(path)}/*`, `${dirname(path)}/**`];
  return entries.some((entry) => listed.includes(entry.replace(/^\.\//, ""))) ? undefined : path;
}

/** Adds an entry to the `pnpm-workspace.yaml` of the working directory, which it creates if needed. Returns a line that says so. */
export function completePnpmWorkspaces(entry: string): string {
  const isNew = !existsSync(PNPM_FILE);
  const document = parseDocument(isNew ? "" : readFileSync(PNPM_FILE, "utf8"));
  const { contents, errors } = document;
  if (errors.length > 0 || !(contents === null || isMap(contents)))
    return `kept    ${PNPM_FILE}, which is not valid; add ${entry} to its packages`;
  if (isSeq(document.getIn(["packages"]))) document.addIn(["packages"], entry);
  else document.set("packages", document.createNode([entry]));
  writeFileSync(PNPM_FILE, document.toString());
  return isNew ? `created ${PNPM_FILE}` : `changed ${PNPM_FILE}: added ${entry}`;
}

function stringsOf(list: unknown): readonly string[] {
  return Array.isArray(list) ? list.filter((entry) => typeof entry === "string") : [];
}
