import { isAlias, isMap, isNode, isScalar, isSeq, type Alias, type Document, type Node } from "yaml";
import type { DiagnosticCode, DiagnosticParams, SourceRange } from "../diagnostics/index.js";
import { composeYaml, MAX_DEPTH } from "./compose-yaml.js";
import type { Path, SourceFile } from "./document.js";
import type { DiagnosticCollector } from "./diagnostic-collector.js";
import { TextLines } from "./text-position.js";
import { toData, type YamlReport } from "./yaml-data.js";

type Range = readonly [number, number];

/** The text of a file, and its names. */
export interface SourceText {
  readonly path: string;
  readonly id: string;
  readonly text: string;
}

/** Parses a YAML or JSON text. The file's `data` is undefined if a problem was reported, other than duplicate keys. */
export function parseSource(source: SourceText, problems: DiagnosticCollector): SourceFile {
  const lines = new TextLines(source.text);
  const sourceRange = ([from, to]: Range): SourceRange => {
    const [start, end] = [lines.at(from), lines.at(Math.max(from, to))];
    return { file: source.path, ...start, endLine: end.line, endColumn: end.column };
  };
  let failed = false;
  const report: YamlReport = {
    add<C extends DiagnosticCode>(code: C, params: DiagnosticParams<C>, range: Range) {
      // With duplicate keys, the first value is kept, so that the rest of the file is checked in the same run.
      if (code !== "duplicate-key") failed = true;
      problems.add(code, params, sourceRange(range));
    },
    lineOf: (offset) => lines.at(offset).line,
  };

  const composed = composeYaml(source.text);
  if ("tooDeepAt" in composed) {
    report.add("too-deep", { limit: MAX_DEPTH }, [composed.tooDeepAt, composed.tooDeepAt + 1]);
    return { ...source, data: undefined, rangeOf: () => sourceRange([0, 0]) };
  }
  const { document, second } = composed;
  reportVersion(document, source.text, report);
  reportSyntax(document, source.text, report);
  if (second !== undefined) report.add("multiple-documents", {}, [second, second + 3]);
  if (isEmpty(document) && !failed) report.add("empty-file", {}, [0, 0]);
  const { value, targets } = toData(document.contents, report);
  const rangeOfPath = (path: Path, at: "key" | "value" = "value") =>
    sourceRange(locate(document.contents, targets, { path, at }));
  return { ...source, data: failed ? undefined : value, rangeOf: rangeOfPath };
}

/** Reports a `%YAML 1.1` directive, with which the library would read `on` and `no` as booleans. */
function reportVersion(document: Document.Parsed, text: string, report: YamlReport): void {
  const { explicit, version } = document.directives.yaml;
  if (!explicit || version === "1.2") return;
  const directive = /^%YAML.*$/m.exec(text);
  const start = directive?.index ?? 0;
  report.add("yaml-version", { version }, [start, start + (directive?.[0].length ?? 0)]);
}

/** Reports the library's errors. Several errors on one line usually have one cause, so only the first is reported. */
function reportSyntax(document: Document.Parsed, text: string, report: YamlReport): void {
  const seen = new Set<number>();
  for (const { code, message, pos } of document.errors.toSorted((a, b) => a.pos[0] - b.pos[0])) {
    const line = report.lineOf(pos[0]);
    if (seen.has(line)) continue;
    seen.add(line);
    if (code === "RESOURCE_EXHAUSTION") report.add("too-deep", { limit: MAX_DEPTH }, pos);
    else {
      const template = unquotedTemplate(text, pos[0]);
      if (template === undefined) report.add("yaml-syntax", { reason: message }, pos);
      else report.add("unquoted-template", { template }, pos);
    }
  }
  for (const { code, message, pos } of document.warnings) {
    if (code === "TAG_RESOLVE_FAILED") report.add("unknown-tag", { tag: message.replace(/^.*: /, "") }, pos);
    else report.add("yaml-syntax", { reason: message }, pos);
  }
}

/** A topic template without quotes, which YAML takes for a flow mapping, around an offset or right before it. */
function unquotedTemplate(text: string, offset: number): string | undefined {
  const start = text.lastIndexOf("\n", offset - 1) + 1;
  const end = text.indexOf("\n", offset);
  const line = text.slice(start, end === -1 ? text.length : end);
  // Quoted strings and comments keep their places, and become blank.
  const bare = line.replaceAll(/"(?:[^"\\]|\\.)*"|'[^']*'|(?<=\s)#.*$/g, (quoted) =>
    " ".repeat(quoted.length),
  );
  const templates = bare.matchAll(/[^\s,:{}]*(?:\[?\/?\{[A-Za-z_$][\w$]*\}\]?[^\s,:{}]*)+/g);
  for (const { 0: template, index } of templates) {
    if (start + index <= offset && offset <= start + index + template.length) return template;
  }
  return undefined;
}

/** Whether a document is empty. An explicit `null` is not empty. */
function isEmpty({ contents }: Document.Parsed): boolean {
  return contents === null || (isScalar(contents) && contents.value === null && !contents.source);
}

interface Position {
  readonly path: Path;
  readonly at: "key" | "value";
}

/** The range of a value or of its key. For a path that does not exist, the range of the nearest parent that does. */
function locate(contents: Node | null, targets: ReadonlyMap<Alias, Node>, { path, at }: Position): Range {
  const resolve = (node: unknown) => (isAlias(node) ? targets.get(node) : node);
  let value: unknown = contents;
  let found = rangeOf(contents);
  for (const level of path) {
    const next = child(resolve(value), level, resolve);
    if (!next) break;
    found = rangeOf(at === "key" ? (next.key ?? next.value) : next.value) ?? rangeOf(next.key) ?? found;
    value = next.value;
  }
  return found ?? [0, 0];
}

interface Child {
  /** Undefined for an item of a list. */
  readonly key?: unknown;
  readonly value: unknown;
}

function child(
  node: unknown,
  level: string | number,
  resolve: (node: unknown) => unknown,
): Child | undefined {
  if (isSeq(node)) {
    const index = Number(level);
    return index in node.items ? { value: node.items[index] } : undefined;
  }
  if (!isMap(node)) return undefined;
  const isMatch = (key: unknown) => isScalar(key) && key.value === level;
  return node.items.find(({ key }) => isMatch(resolve(key)));
}

function rangeOf(node: unknown): Range | undefined {
  const range = isNode(node) ? node.range : undefined;
  return range ? [range[0], range[1]] : undefined;
}
