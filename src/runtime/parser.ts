/**
 * Reading topics. Every form that a builder can make (with and without its optional levels, its request id, a response
 * suffix) is a path of a tree whose edges are literal levels, or one edge for "any value". A topic walks the tree level by
 * level, literals first, and is checked against the form at the end of its path, so that its cost depends on its own
 * length and not on how many resources an API has.
 */
import { type Protocol, readRequestId } from "./protocol.js";
import { vouched } from "./vouched.js";
import { type AnyTopic, fits, suffixOf, type TopicKind, type TopicLevel, type TopicShape } from "./topic.js";

/** What a topic says. */
export interface ParsedTopic {
  readonly shape: TopicShape;
  readonly kind: TopicKind;
  readonly parameters: Readonly<Record<string, string>>;
  readonly requestId?: number;
}

/** One form that the topics of a resource can take. */
interface Form {
  readonly shape: TopicShape;
  readonly kind: TopicKind;
  /** Without the suffix. */
  readonly levels: readonly TopicLevel[];
}

interface Node {
  readonly literals: Map<string, Node>;
  any?: Node;
  readonly forms: Form[];
}

/** A reader for these topics: `undefined` for whatever no builder of theirs can make. Never throws. */
export function topicReader(topics: Iterable<AnyTopic>): (topic: string) => ParsedTopic | undefined {
  let tree: Node | undefined;
  return (topic) => {
    tree ??= plant(topics);
    return fits(topic) ? find(tree, topic.split("/"), 0) : undefined;
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
    const { shape, ...rest } = found;
    return vouched<Result>({ extension: shape.extension, resource: shape.resource, ...rest });
  };
}

function plant(topics: Iterable<AnyTopic>): Node {
  const root: Node = { literals: new Map(), forms: [] };
  for (const { shape } of topics) {
    for (const levels of formsOf(shape.levels)) {
      for (const kind of ["request", "success", "error"] as const) grow(root, { shape, kind, levels });
    }
  }
  return root;
}

/** All ways to leave optional levels out: the id for itself, the others from the end. */
function formsOf(levels: readonly TopicLevel[]): TopicLevel[][] {
  const id = levels.filter((level) => level.kind === "requestId");
  const path = levels.filter((level) => level.kind !== "requestId");
  const ways: TopicLevel[][] = [path];
  for (let end = path.length; path[end - 1]?.optional; end -= 1) ways.push(path.slice(0, end - 1));
  return ways.flatMap((way) =>
    id.every((level) => level.optional) && id.length > 0 ? [way, [...way, ...id]] : [[...way, ...id]],
  );
}

function grow(root: Node, form: Form): void {
  let node = root;
  const step = (literal: string | undefined): void => {
    let next = literal === undefined ? node.any : node.literals.get(literal);
    if (next === undefined) {
      next = { literals: new Map(), forms: [] };
      if (literal === undefined) node.any = next;
      else node.literals.set(literal, next);
    }
    node = next;
  };
  for (const level of form.levels) step(level.kind === "literal" ? level.text : undefined);
  for (const level of suffixOf(form.shape.protocol, form.kind).split("/").slice(1)) step(level);
  node.forms.push(form);
}

function find(node: Node, levels: readonly string[], index: number): ParsedTopic | undefined {
  const level = levels[index];
  if (level === undefined) {
    for (const form of node.forms) {
      const parsed = readAs(form, levels);
      if (parsed !== undefined) return parsed;
    }
    return undefined;
  }
  const literal = node.literals.get(level);
  return (literal && find(literal, levels, index + 1)) ?? (node.any && find(node.any, levels, index + 1));
}

function readAs({ shape, kind, levels }: Form, texts: readonly string[]): ParsedTopic | undefined {
  const parameters: [string, string][] = [];
  let requestId: number | undefined;
  for (const [index, level] of levels.entries()) {
    const text = texts[index] ?? "";
    if (level.kind === "requestId") {
      requestId = readRequestId(shape.protocol, text);
      if (requestId === undefined) return undefined;
    } else if (level.kind === "parameter") {
      if (level.problem(text) !== undefined) return undefined;
      parameters.push([level.text, text]);
    }
  }
  // `fromEntries` makes own members of every name, `__proto__` too.
  return {
    shape,
    kind,
    parameters: Object.fromEntries(parameters),
    ...(requestId === undefined ? {} : { requestId }),
  };
}
