/**
 * Reads topics. Every variant of a template (with and without its optional levels, its request id, a response suffix) is a path in
 * a trie whose edges are literal levels, or one edge for a level of any value. A topic is matched level by level, literals first,
 * and then checked against the variant at the end of its path. The cost depends on the topic's length, not on the number of
 * resources.
 */
import type { Protocol } from "../api/protocol.js";
import { uncheckedCast } from "../internal/unchecked-cast.js";
import { isWithinTopicLimit, type TopicLevel, variantsOf } from "./grammar.js";
import {
  type AnyTopic,
  type ParsedTopic,
  readTopic,
  suffixOf,
  type TopicKind,
  type TopicTemplate,
} from "./topic.js";

/** A way to read the topics at the end of a path. */
interface TopicVariant {
  readonly template: TopicTemplate;
  readonly kind: TopicKind;
  /** Number of levels before the response suffix. */
  readonly length: number;
}

interface Node {
  /** Children by level; `undefined` is the edge for any value. */
  readonly children: Map<string | undefined, Node>;
  readonly variants: TopicVariant[];
}

/**
 * Returns a reader of these topics. The reader returns `undefined` for every string that no builder of these topics can return; it
 * never throws.
 */
export function topicReader(topics: Iterable<AnyTopic>): (topic: string) => ParsedTopic | undefined {
  let trie: Node | undefined;
  return (topic) => {
    trie ??= buildTrie(topics);
    return isWithinTopicLimit(topic) ? match(trie, topic.split("/")) : undefined;
  };
}

/** A reader whose result is plain data: a union over every topic of an API. The trie is built at the first use. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- generated code states the union
export function defineParser<Result>(
  _protocol: Protocol,
  topics: readonly AnyTopic[],
): (topic: string) => Result | undefined {
  const read = topicReader(topics);
  return (topic) => {
    const parsed = read(topic);
    if (parsed === undefined) return undefined;
    const { template, kind, parameters, requestId } = parsed;
    const { extension, resource } = template;
    const plain = { extension, resource, kind, parameters };
    return uncheckedCast<Result>(requestId === undefined ? plain : Object.assign(plain, { requestId }));
  };
}

function buildTrie(topics: Iterable<AnyTopic>): Node {
  const root: Node = { children: new Map(), variants: [] };
  for (const { template } of topics) {
    for (const levels of variantsOf(template.levels)) {
      for (const kind of ["request", "success", "error"] as const)
        insert(root, { template, kind, length: levels.length }, levels);
    }
  }
  return root;
}

function insert(root: Node, variant: TopicVariant, levels: readonly TopicLevel[]): void {
  const suffix = suffixOf(variant.template.protocol, variant.kind).split("/").slice(1);
  const edges = levels.map(({ kind, text }) => (kind === "literal" ? text : undefined));
  let node = root;
  for (const edge of [...edges, ...suffix]) {
    const child = node.children.get(edge) ?? { children: new Map<string | undefined, Node>(), variants: [] };
    node.children.set(edge, child);
    node = child;
  }
  node.variants.push(variant);
}

function match({ variants, children }: Node, levels: readonly string[], index = 0): ParsedTopic | undefined {
  if (index === levels.length) {
    for (const { template, kind, length } of variants) {
      const parsed = readTopic(template, kind, levels.slice(0, length));
      if (parsed) return parsed;
    }
    return undefined;
  }
  const literal = children.get(levels[index]);
  const any = children.get(undefined);
  return (literal && match(literal, levels, index + 1)) ?? (any && match(any, levels, index + 1));
}
