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
import { didYouMean, quote, type DiagnosticCode, type DiagnosticParams } from "../diagnostics/index.js";
import { MAX_DEPTH } from "./compose-yaml.js";
import { setProperty } from "../json/json.js";

/** How many values the aliases of one file may stand for: a few lines can stand for billions. */
export const MAX_ALIASED_VALUES = 100_000;

/** Where problems go, and what turns offsets to lines. */
export interface YamlReport {
  /** Tells of a problem in the text between two offsets. */
  add<C extends DiagnosticCode>(code: C, params: DiagnosticParams<C>, range: readonly [number, number]): void;
  /** The line, from 1, of an offset. */
  lineOf(offset: number): number;
}

/** Nodes as plain data. */
export interface YamlData {
  /** Deeply frozen JSON data. What could not be read is null. */
  readonly value: unknown;
  /** What each alias stands for. */
  readonly targets: ReadonlyMap<Alias, Node>;
}

/** Makes JSON data of nodes, and reports what JSON can not hold. */
export function toData(contents: Node | null, report: YamlReport): YamlData {
  const reader = new DataReader(report);
  const { value } = reader.read(contents, 0);
  return { value, targets: reader.targets };
}

/** A value, the number of values in it, and how many levels they are nested; aliases followed. */
interface Sized {
  readonly value: unknown;
  readonly size: number;
  readonly depth: number;
}

const NOTHING: Sized = { value: null, size: 1, depth: 0 };

class DataReader {
  readonly targets = new Map<Alias, Node>();
  readonly #report: YamlReport;
  /** The node that an anchor names; a later one of the same name takes over. */
  readonly #anchors = new Map<string, Node>();
  readonly #read = new Map<Node, Sized>();
  #aliased = 0;

  constructor(report: YamlReport) {
    this.#report = report;
  }

  /** Reads a node that stands `level` collections deep. */
  read(node: unknown, level: number): Sized {
    if (isAlias(node)) return this.#alias(node, level);
    if (!isMap(node) && !isSeq(node) && !isScalar(node)) return NOTHING;
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
      return NOTHING;
    }
    const sized = this.#read.get(target);
    if (sized === undefined) {
      this.#report.add("circular-alias", { name }, rangeOf(alias));
      return NOTHING;
    }
    if (level + sized.depth > MAX_DEPTH) {
      this.#report.add("too-deep", { limit: MAX_DEPTH }, rangeOf(alias));
      return NOTHING;
    }
    if (!this.#mayTake(sized.size, alias)) return NOTHING;
    this.targets.set(alias, target);
    return sized;
  }

  /** Whether the values that aliases stand for stay within the limit; said once, where it is passed. */
  #mayTake(size: number, alias: Alias): boolean {
    const within = this.#aliased <= MAX_ALIASED_VALUES;
    this.#aliased += size;
    if (this.#aliased <= MAX_ALIASED_VALUES) return true;
    if (within) this.#report.add("too-many-aliases", { limit: MAX_ALIASED_VALUES }, rangeOf(alias));
    return false;
  }

  #scalar(node: Scalar): Sized {
    const { value } = node;
    if (typeof value === "number" && !Number.isFinite(value)) {
      this.#report.add("non-finite-number", { value: node.source ?? String(value) }, rangeOf(node));
      return NOTHING;
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
    // An alias that leads nowhere gives null too, and was reported.
    if (isAlias(node) && value === null) return undefined;
    const found = typeof value === "object" && value !== null ? "a collection" : nameOf(value);
    const key = isScalar(node) && node.source ? quote(node.source) : "here";
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

function nameOf(value: unknown): string {
  return value === null ? "nothing" : typeof value === "boolean" ? "a truth value" : "a number";
}

function rangeOf(node: unknown): readonly [number, number] {
  const [from, to] = (isNode(node) ? node.range : undefined) ?? [0, 0];
  return [from, to];
}
