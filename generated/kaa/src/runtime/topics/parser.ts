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
  readonly read: (levels: readonly string[]) => ParsedTopic | undefined;
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
    return parsed && uncheckedCast<Result>(plainReading(parsed));
  };
}

/**
 * Returns a function that finds all readings of a topic, those with the most fixed levels first: several messages can share a topic,
 * and their bodies tell them apart.
 *
 * @param from Reads only messages that this side publishes. By default, those of both.
 */
export function topicReadings(
  topics: Iterable<AnyTopic>,
  from?: "client" | "platform",
): (topic: string) => readonly ParsedTopic[] {
  let trie: Node | undefined;
  return (topic) => {
    trie ??= buildTrie(topics, from);
    const found: ParsedTopic[] = [];
    if (isWithinTopicLimit(topic)) match(trie, topic.split("/"), 0, found);
    return found;
  };
}

/** The side that publishes the messages of a kind. */
export function senderOf({ messages }: TopicTemplate, kind: TopicKind): "client" | "platform" {
  return (messages?.from === "platform") === (kind === "request") ? "platform" : "client";
}

/**
 * A parser for APIs where both sides publish to some topic. `from` is the side that has published; without it, the first reading counts. The
 * same holds for a topic that several messages share.
 */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- generated code states the union
export function defineDirectedParser<Result>(
  _protocol: Protocol,
  topics: readonly AnyTopic[],
): (topic: string, options?: { readonly from?: "client" | "platform" | undefined }) => Result | undefined {
  const sides = {
    any: topicReadings(topics),
    client: topicReadings(topics, "client"),
    platform: topicReadings(topics, "platform"),
  };
  return (topic, { from } = {}) => {
    const [parsed] = sides[from ?? "any"](topic);
    return parsed && uncheckedCast<Result>(plainReading(parsed));
  };
}

function plainReading({ template, kind, parameters, requestId }: ParsedTopic): object {
  const { extension, resource } = template;
  // A resource of the root has no extension.
  const plain = { ...(extension !== "" && { extension }), resource, kind, parameters };
  return requestId === undefined ? plain : Object.assign(plain, { requestId });
}

function buildTrie(topics: Iterable<AnyTopic>, from?: "client" | "platform"): Node {
  const root: Node = { children: new Map(), variants: [] };
  for (const { template } of topics) {
    for (const kind of ["request", "success", "error"] as const) {
      if (from !== undefined && senderOf(template, kind) !== from) continue;
      if (template.messages) insertMessage(root, template, kind);
      else for (const levels of variantsOf(template.levels)) insertVariant(root, { template, kind }, levels);
    }
  }
  return root;
}

function insertVariant(
  root: Node,
  { template, kind }: Pick<TopicVariant, "template" | "kind">,
  levels: readonly TopicLevel[],
): void {
  const suffix = suffixOf(template.protocol, kind).split("/").slice(1);
  const edges = levels.map(({ kind: type, text }) => (type === "literal" ? text : undefined));
  const read = (texts: readonly string[]) => readTopic(template, kind, texts.slice(0, levels.length));
  insert(root, [...edges, ...suffix], { template, kind, read });
}

function insertMessage(root: Node, template: TopicTemplate, kind: TopicKind): void {
  const message = template.messages?.[kind];
  if (message === undefined) return;
  const read = (texts: readonly string[]): ParsedTopic | undefined => {
    const reading = message.read(texts);
    return reading && { template, kind, ...reading };
  };
  for (const edges of message.variants) insert(root, edges, { template, kind, read });
}

function insert(root: Node, edges: readonly (string | undefined)[], variant: TopicVariant): void {
  let node = root;
  for (const edge of edges) {
    const child = node.children.get(edge) ?? { children: new Map<string | undefined, Node>(), variants: [] };
    node.children.set(edge, child);
    node = child;
  }
  node.variants.push(variant);
}

/** Returns the first reading, or adds all readings to `found`. */
function match(
  { variants, children }: Node,
  levels: readonly string[],
  index = 0,
  found?: ParsedTopic[],
): ParsedTopic | undefined {
  if (index === levels.length) {
    for (const { template, kind, read } of variants) {
      const parsed = read(levels);
      if (!parsed) continue;
      if (!found) return parsed;
      // Several variants of a message can lead to one reading.
      if (!found.some((other) => other.template === template && other.kind === kind)) found.push(parsed);
    }
    return undefined;
  }
  const literal = children.get(levels[index]);
  const any = children.get(undefined);
  return (
    (literal && match(literal, levels, index + 1, found)) ?? (any && match(any, levels, index + 1, found))
  );
}
