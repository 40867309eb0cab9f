import {
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Alias,
  type Node,
  type Scalar,
  type YAMLMap,
} from "yaml";
import { didYouMean, type DiagnosticCode, type DiagnosticParams } from "../diagnostics/index.js";
import { MAX_DEPTH } from "./compose-yaml.js";
import { setProperty } from "../json/json.js";

/**
 * Most values that the aliases of a file may expand to. Without a limit, a few lines of nested aliases expand to
 * billions of values ("billion laughs"); real specs stay below some thousand.
 */
export const MAX_ALIASED_VALUES = 100_000;

/** Reports problems of a YAML text by offset. */
export interface YamlReport {
  /** Reports a problem in the text between two offsets. */
  add<C extends DiagnosticCode>(code: C, params: DiagnosticParams<C>, range: readonly [number, number]): void;
  /** The line of an offset, counted from 1. */
  lineOf(offset: number): number;
}

/** The data of a tree of nodes. */
export interface YamlData {
  /** Deeply frozen JSON data. A value that was reported is null. */
  readonly value: unknown;
  /** The node that each alias refers to. */
  readonly targets: ReadonlyMap<Alias, Node>;
}

/** Converts nodes to JSON data. Reports values that JSON cannot represent. */
export function toData(contents: Node | null, report: YamlReport): YamlData {
  const reader = new DataReader(report);
  const { value } = reader.read(contents, 0);
  return { value, targets: reader.targets };
}

/** A value, the number of values in it, and its depth. Aliases count as the values that they refer to. */
interface Sized {
  readonly value: unknown;
  readonly size: number;
  readonly depth: number;
}

const NULL: Sized = { value: null, size: 1, depth: 0 };

class DataReader {
  readonly targets = new Map<Alias, Node>();
  readonly #report: YamlReport;
  /** The node of each anchor so far. A later anchor of the same name replaces an earlier one (YAML 1.2, section 3.2.2.2). */
  readonly #anchors = new Map<string, Node>();
  /** The results for nodes with an anchor. */
  readonly #read = new Map<Node, Sized>();
  #aliased = 0;

  constructor(report: YamlReport) {
    this.#report = report;
  }

  /** Reads a node inside `level` collections. */
  read(node: unknown, level: number): Sized {
    if (isAlias(node)) return this.#alias(node, level);
    if (!isMap(node) && !isSeq(node) && !isScalar(node)) return NULL;
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, node);
    const sized = isScalar(node)
      ? this.#scalar(node)
      : isMap(node)
        ? this.#map(node, level + 1)
        : this.#list(node.items, level + 1);
    if (node.anchor !== undefined) this.#read.set(node, sized);
    return sized;
  }

  #alias(alias: Alias, level: number): Sized {
    const name = alias.source;
    const target = this.#anchors.get(name);
    if (target === undefined) {
      const suggestion = didYouMean(name, this.#anchors.keys());
      this.#report.add("unknown-anchor", { name, suggestion }, rangeOf(alias));
      return NULL;
    }
    const sized = this.#read.get(target);
    if (sized === undefined) {
      this.#report.add("circular-alias", { name }, rangeOf(alias));
      return NULL;
    }
    if (level + sized.depth > MAX_DEPTH) {
      this.#report.add("too-deep", { limit: MAX_DEPTH }, rangeOf(alias));
      return NULL;
    }
    if (!this.#isWithinLimit(sized.size, alias)) return NULL;
    this.targets.set(alias, target);
    return sized;
  }

  /** Adds to the number of values that aliases expand to. Reports the alias that exceeds the limit, and only this one. */
  #isWithinLimit(size: number, alias: Alias): boolean {
    const wasWithin = this.#aliased <= MAX_ALIASED_VALUES;
    this.#aliased += size;
    if (this.#aliased <= MAX_ALIASED_VALUES) return true;
    if (wasWithin) this.#report.add("too-many-aliases", { limit: MAX_ALIASED_VALUES }, rangeOf(alias));
    return false;
  }

  #scalar(node: Scalar): Sized {
    const { value } = node;
    if (typeof value === "number" && !Number.isFinite(value)) {
      this.#report.add("non-finite-number", { value: node.source ?? String(value) }, rangeOf(node));
      return NULL;
    }
    return { value, size: 1, depth: 0 };
  }

  #list(items: readonly unknown[], level: number): Sized {
    const parts = items.map((item) => this.read(item, level));
    return collection(Object.freeze(parts.map(({ value }) => value)), parts);
  }

  #map(node: YAMLMap, level: number): Sized {
    const value: Record<string, unknown> = {};
    const parts: Sized[] = [];
    const offsets = new Map<string, number>();
    for (const { key, value: valueNode } of node.items) {
      const name = this.#key(key, level);
      const part = this.read(valueNode, level);
      parts.push(part);
      if (name === undefined) continue;
      const first = offsets.get(name);
      if (first === undefined) {
        offsets.set(name, rangeOf(key)[0]);
        setProperty(value, name, part.value);
      } else {
        this.#report.add("duplicate-key", { key: name, line: this.#report.lineOf(first) }, rangeOf(key));
      }
    }
    return collection(Object.freeze(value), parts);
  }

  #key(node: unknown, level: number): string | undefined {
    const { value } = this.read(node, level);
    if (typeof value === "string") return value;
    // An alias without an anchor is null as well, and was reported.
    if (isAlias(node) && value === null) return undefined;
    const found = typeof value === "object" && value !== null ? "a mapping or a list" : typeName(value);
    const key = isScalar(node) && node.source ? node.source : undefined;
    this.#report.add("non-string-key", { key, found }, rangeOf(node));
    return undefined;
  }
}

function collection(value: unknown, parts: readonly Sized[]): Sized {
  let [size, depth] = [1, 0];
  for (const part of parts) {
    size += part.size;
    depth = Math.max(depth, part.depth);
  }
  return { value, size, depth: depth + 1 };
}

function typeName(value: unknown): string {
  return value === null ? "null" : typeof value === "boolean" ? "a boolean" : "a number";
}

function rangeOf(node: unknown): readonly [number, number] {
  const [from, to] = (isNode(node) ? node.range : undefined) ?? [0, 0];
  return [from, to];
}
