import { isAlias, isMap, isNode, isScalar, isSeq, type Alias, type Document, type Node } from "yaml";
import type { DiagnosticCode, DiagnosticParams, SourceRange } from "../diagnostics/index.js";
import { composeYaml, MAX_DEPTH } from "./compose-yaml.js";
import type { Path, SourceFile } from "./document.js";
import type { DiagnosticCollector } from "./diagnostic-collector.js";
import { TextLines } from "./text-position.js";
import { toData, type YamlReport } from "./yaml-data.js";

type Range = readonly [number, number];

/** What a file is called, and what stands in it. */
export interface SourceText {
  readonly path: string;
  readonly id: string;
  readonly text: string;
}

/** Parses YAML, of which JSON is a part. Its `data` is undefined if there is a problem. */
export function parseSource(source: SourceText, problems: DiagnosticCollector): SourceFile {
  const lines = new TextLines(source.text);
  const placeOf = ([from, to]: Range): SourceRange => {
    const [start, end] = [lines.at(from), lines.at(Math.max(from, to))];
    return { file: source.path, ...start, endLine: end.line, endColumn: end.column };
  };
  let failed = false;
  const report: YamlReport = {
    add<C extends DiagnosticCode>(code: C, params: DiagnosticParams<C>, range: Range) {
      // With a key twice, the value that is kept still says what else is wrong.
      if (code !== "duplicate-key") failed = true;
      problems.add(code, params, placeOf(range));
    },
    lineOf: (offset) => lines.at(offset).line,
  };

  const composed = composeYaml(source.text);
  if ("tooDeepAt" in composed) {
    report.add("too-deep", { limit: MAX_DEPTH }, [composed.tooDeepAt, composed.tooDeepAt + 1]);
    return { ...source, data: undefined, rangeOf: () => placeOf([0, 0]) };
  }
  const { document, second } = composed;
  reportVersion(document, source.text, report);
  reportSyntax(document, report);
  if (second !== undefined) report.add("multiple-documents", {}, [second, second + 3]);
  if (isEmpty(document) && !failed) report.add("empty-file", {}, [0, 0]);
  const { value, targets } = toData(document.contents, report);
  const place = (path: Path, at: "key" | "value" = "value") =>
    placeOf(locate(document.contents, targets, { path, at }));
  return { ...source, data: failed ? undefined : value, rangeOf: place };
}

/** With `%YAML 1.1` the library reads `on` and `no` as truth values. */
function reportVersion(document: Document.Parsed, text: string, report: YamlReport): void {
  const { explicit, version } = document.directives.yaml;
  if (!explicit || version === "1.2") return;
  const directive = /^%YAML.*$/m.exec(text);
  const start = directive?.index ?? 0;
  report.add("yaml-version", { version }, [start, start + (directive?.[0].length ?? 0)]);
}

/** The library's own findings; of several on one line, which follow from each other, only the first. */
function reportSyntax(document: Document.Parsed, report: YamlReport): void {
  const seen = new Set<number>();
  for (const { code, message, pos } of document.errors.toSorted((a, b) => a.pos[0] - b.pos[0])) {
    const line = report.lineOf(pos[0]);
    if (seen.has(line)) continue;
    seen.add(line);
    if (code === "RESOURCE_EXHAUSTION") report.add("too-deep", { limit: MAX_DEPTH }, pos);
    else report.add("yaml-syntax", { reason: message }, pos);
  }
  for (const { code, message, pos } of document.warnings) {
    if (code === "TAG_RESOLVE_FAILED") report.add("unknown-tag", { tag: message.replace(/^.*: /, "") }, pos);
    else report.add("yaml-syntax", { reason: message }, pos);
  }
}

/** Whether nothing is written, not even `null`. */
function isEmpty({ contents }: Document.Parsed): boolean {
  return contents === null || (isScalar(contents) && contents.value === null && !contents.source);
}

interface Wanted {
  readonly path: Path;
  readonly at: "key" | "value";
}

/** Where a value, or its key, stands; of a path that does not exist, the nearest parent. */
function locate(contents: Node | null, targets: ReadonlyMap<Alias, Node>, { path, at }: Wanted): Range {
  const behind = (node: unknown) => (isAlias(node) ? targets.get(node) : node);
  let value: unknown = contents;
  let found = rangeOf(contents);
  for (const level of path) {
    const next = child(behind(value), level, behind);
    if (!next) break;
    found = rangeOf(at === "key" ? (next.key ?? next.value) : next.value) ?? rangeOf(next.key) ?? found;
    value = next.value;
  }
  return found ?? [0, 0];
}

interface Child {
  /** Items of lists have none. */
  readonly key?: unknown;
  readonly value: unknown;
}

function child(node: unknown, level: string | number, behind: (node: unknown) => unknown): Child | undefined {
  if (isSeq(node)) {
    const index = Number(level);
    return index in node.items ? { value: node.items[index] } : undefined;
  }
  if (!isMap(node)) return undefined;
  const isWanted = (key: unknown) => isScalar(key) && key.value === level;
  return node.items.find(({ key }) => isWanted(behind(key)));
}

function rangeOf(node: unknown): Range | undefined {
  const range = isNode(node) ? node.range : undefined;
  return range ? [range[0], range[1]] : undefined;
}
