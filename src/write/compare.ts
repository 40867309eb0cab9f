import { diagnostic, type Diagnostic } from "../diagnostics/index.js";
import { join } from "node:path";
import { digest, withUnixLines } from "./digest.js";
import type { FinishedFile } from "./format-queue.js";
import { JOURNAL, readJournal, type ReadJournal } from "./journal.js";
import { MANIFEST, readManifest, type Manifest } from "./manifest.js";
import { isOutputPath, stateOf } from "./output-folder.js";
import { leftoverStagings } from "./staging.js";

/** The change that brings one path of the output folder up to date. */
export type Change =
  | { readonly kind: "unchanged" | "create"; readonly file: FinishedFile }
  /** `before` is the digest of the present text. */
  | {
      readonly kind: "update";
      readonly file: FinishedFile;
      readonly text: string;
      readonly before: string;
    }
  /** Like `update`, but the file does not have the content that an earlier run wrote: the user has edited it. */
  | { readonly kind: "edited"; readonly file: FinishedFile; readonly text: string }
  /** A file exists at the path that topicsmith did not generate. */
  | { readonly kind: "unmanaged"; readonly file: FinishedFile }
  /** The path cannot be a file: it is a folder or a device, or below a file. */
  | { readonly kind: "conflict"; readonly path: string }
  /** The path, or one of its folders, is a link. */
  | { readonly kind: "link"; readonly path: string }
  /** A file that an earlier run generated and this one does not. */
  | { readonly kind: "remove"; readonly path: string; readonly before: string }
  /** Like `remove`, but the user has edited the file since, so it is kept. */
  | { readonly kind: "keep-modified"; readonly path: string }
  /** Like `remove`, but only a journal lists the file, and with other content. */
  | { readonly kind: "keep-unknown"; readonly path: string };

/** An output folder, compared with the files that belong into it. */
export interface Comparison {
  readonly changes: readonly Change[];
  readonly manifest: Manifest | undefined;
  /** Whether a run was interrupted: there is a journal, or a staging folder. */
  readonly interrupted: boolean;
  /** Warnings about entries of the manifest and the journal that were ignored. */
  readonly warnings: readonly Diagnostic[];
}

/** The files that are known to be generated: by digest, from the manifest and the journal. */
interface Known {
  readonly manifest: Readonly<Record<string, string>>;
  readonly journal: ReadJournal["entries"];
}

/** Compares generated files with those in the output folder. Writes nothing, and follows no link. */
export function compareOutput(out: string, files: readonly FinishedFile[]): Comparison {
  const manifest = readManifest(out);
  const journal = readJournal(out);
  const listed = Object.entries(manifest?.outputs ?? {});
  const known: Known = {
    manifest: Object.fromEntries(listed.filter(([path]) => isOutputPath(path))),
    journal: journal.entries,
  };
  const generated = new Set(files.map(({ path }) => path));
  const leftOver = [...Object.keys(known.manifest), ...known.journal.keys()].filter(
    (path) => !generated.has(path),
  );
  const changes = [
    ...[MANIFEST, JOURNAL].flatMap((path) => obstacleAt(out, path)),
    ...files.map((file) => changeOf(out, file, known)),
    ...[...new Set(leftOver)].flatMap((path) => removalOf(out, path, known)),
  ];
  return {
    changes: withoutRepeatedLinks(changes),
    manifest,
    interrupted: journal.exists || leftoverStagings(out).length > 0,
    warnings: warningsAbout(
      out,
      listed.map(([path]) => path),
      journal,
    ),
  };
}

/** The change that reports a manifest or journal at whose path nothing can be written. */
function obstacleAt(out: string, path: string): Change[] {
  const state = stateOf(out, path);
  if (state.kind === "link") return [{ kind: "link", path: state.link }];
  return state.kind === "conflict" ? [{ kind: "conflict", path }] : [];
}

function changeOf(out: string, file: FinishedFile, known: Known): Change {
  const state = stateOf(out, file.path);
  if (state.kind === "absent") return { kind: "create", file };
  if (state.kind === "conflict") return { kind: "conflict", path: file.path };
  if (state.kind === "link") return { kind: "link", path: state.link };
  const before = digest(state.bytes);
  if (before === digest(file.text)) return { kind: "unchanged", file };
  const text = withUnixLines(Buffer.from(state.bytes).toString("utf8"));
  if (isKnown(file.path, before, known)) return { kind: "update", file, text, before };
  return Object.hasOwn(known.manifest, file.path)
    ? { kind: "edited", file, text }
    : { kind: "unmanaged", file };
}

/** Whether a run has written this content to a path. */
function isKnown(path: string, content: string, { manifest, journal }: Known): boolean {
  return manifest[path] === content || journal.get(path)?.includes(content) === true;
}

function removalOf(out: string, path: string, known: Known): Change[] {
  const state = stateOf(out, path);
  if (state.kind === "link") return [{ kind: "link", path: state.link }];
  if (state.kind !== "file") return [];
  const before = digest(state.bytes);
  if (isKnown(path, before, known)) return [{ kind: "remove", path, before }];
  return [{ kind: Object.hasOwn(known.manifest, path) ? "keep-modified" : "keep-unknown", path }];
}

/** Keeps one change for each link, because many files may lie below it. */
function withoutRepeatedLinks(changes: readonly Change[]): readonly Change[] {
  const links = new Set<string>();
  return changes.filter((change) => {
    if (change.kind !== "link") return true;
    const isNew = !links.has(change.path);
    links.add(change.path);
    return isNew;
  });
}

function warningsAbout(out: string, listed: readonly string[], journal: ReadJournal): Diagnostic[] {
  const warning = (list: string) => (path: string) =>
    diagnostic("foreign-path", { list: join(out, list), path });
  return [
    ...listed.filter((path) => !isOutputPath(path)).map(warning(MANIFEST)),
    ...journal.foreign.map(warning(JOURNAL)),
    ...(journal.valid ? [] : [diagnostic("invalid-journal", { file: join(out, JOURNAL) })]),
  ];
}
