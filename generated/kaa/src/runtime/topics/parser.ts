/**
 * Reading topics. Every form that a builder can make (with and without its optional levels, its request id, a response
 * suffix) is a path of a tree whose edges are literal levels, or one edge for "any value". A topic walks the tree level by
 * level, literals first, and is checked against the form at the end of its path, so that its cost depends on its own
 * length and not on how many resources an API has.
 */
import type { Protocol } from "../api/protocol.js";
import {
  type AnyTopic,
  isWithinTopicLimit,
  type ParsedTopic,
  readTopic,
  suffixOf,
  type TopicKind,
  type TopicLevel,
  type TopicTemplate,
} from "./topic.js";
import { uncheckedCast } from "../internal/unchecked-cast.js";

/** What the topics at the end of a path may be. */
interface Form {
  readonly template: TopicTemplate;
  readonly kind: TopicKind;
  /** How many levels come before the suffix. */
  readonly length: number;
}

interface Node {
  /** By the next level; `undefined` stands for any value. */
  readonly next: Map<string | undefined, Node>;
  readonly forms: Form[];
}

/** A reader for these topics: `undefined` for whatever no builder of theirs can make. Never throws. */
export function topicReader(topics: Iterable<AnyTopic>): (topic: string) => ParsedTopic | undefined {
  let tree: Node | undefined;
  return (topic) => {
    tree ??= plant(topics);
    return isWithinTopicLimit(topic) ? find(tree, topic.split("/")) : undefined;
  };
}

/** A reader whose result is plain data, a union over every topic of an API. The tree is made at the first use. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- generated code states the union
export function defineParser<Result>(
  _protocol: Protocol,
  topics: readonly AnyTopic[],
): (topic: string) => Result | undefined {
  const read = topicReader(topics);
  return (topic) => {
    const found = read(topic);
    if (found === undefined) return undefined;
    const { template, kind, parameters, requestId } = found;
    const { extension, resource } = template;
    const plain = { extension, resource, kind, parameters };
    return uncheckedCast<Result>(requestId === undefined ? plain : Object.assign(plain, { requestId }));
  };
}

function plant(topics: Iterable<AnyTopic>): Node {
  const root: Node = { next: new Map(), forms: [] };
  for (const { template } of topics) {
    for (const levels of formsOf(template)) {
      for (const kind of ["request", "success", "error"] as const)
        grow(root, { template, kind, length: levels.length }, levels);
    }
  }
  return root;
}

/** All ways to leave optional levels out: the id for itself, the others from the end. */
export function formsOf({ levels, path }: TopicTemplate): TopicLevel[][] {
  const id = levels.slice(path.length);
  const forms: TopicLevel[][] = [];
  for (let end = path.length; ; end -= 1) {
    const way = path.slice(0, end);
    if (id.every(({ optional }) => optional)) forms.push(way);
    if (id.length > 0) forms.push([...way, ...id]);
    if (!path[end - 1]?.optional) return forms;
  }
}

function grow(root: Node, form: Form, levels: readonly TopicLevel[]): void {
  const suffix = suffixOf(form.template.protocol, form.kind).split("/").slice(1);
  const words = levels.map(({ kind, text }) => (kind === "literal" ? text : undefined));
  let node = root;
  for (const edge of [...words, ...suffix]) {
    const next = node.next.get(edge) ?? { next: new Map<string | undefined, Node>(), forms: [] };
    node.next.set(edge, next);
    node = next;
  }
  node.forms.push(form);
}

function find({ forms, next }: Node, levels: readonly string[], index = 0): ParsedTopic | undefined {
  if (index === levels.length) {
    for (const { template, kind, length } of forms) {
      const parsed = readTopic(template, kind, levels.slice(0, length));
      if (parsed) return parsed;
    }
    return undefined;
  }
  const literal = next.get(levels[index]);
  const any = next.get(undefined);
  return (literal && find(literal, levels, index + 1)) ?? (any && find(any, levels, index + 1));
}
