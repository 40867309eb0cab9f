import { runnablePattern } from "../schema/index.js";
import { levelProblem, parseRequestId } from "../runtime/topics/grammar.js";
import {
  type MessageLevel,
  messageVariants,
  type MessageVariant,
} from "../runtime/topics/message-template.js";
import type { MessageModel, ParameterModel, RequestIdModel } from "./api-model.js";
import { idsAmong } from "./topic-variants.js";

/** The rules for the values in topics. */
export interface TopicRules {
  readonly context: { readonly parameters: ReadonlyMap<string, ParameterModel> };
  /** The resource's own parameters. */
  readonly parameters: ReadonlyMap<string, ParameterModel>;
  readonly ids: RequestIdModel | undefined;
}

/** The fixed levels of each variant of a message's topic; `undefined` for a level with a parameter or an id. */
export type FixedLevels = readonly (readonly (string | undefined)[])[];

export function fixedLevels(message: Pick<MessageModel, "topic">): FixedLevels {
  return variantsOf(message).map(({ levels }) =>
    levels.map(({ before, name }) => (name === undefined ? before : undefined)),
  );
}

/** Whether no fixed level tells two topics apart. Fast, as most of many pairs are told apart by one. */
export function mayOverlap(one: FixedLevels, other: FixedLevels): boolean {
  for (const levels of one) for (const others of other) if (agree(levels, others)) return true;
  return false;
}

function agree(levels: readonly (string | undefined)[], others: readonly (string | undefined)[]): boolean {
  if (levels.length !== others.length) return false;
  for (let index = 0; index < levels.length; index++) {
    const [level, other] = [levels[index], others[index]];
    if (level !== undefined && other !== undefined && level !== other) return false;
  }
  return true;
}

/** Whether one topic can be that of both messages. Patterns are only tested against fixed levels and samples of ids. */
export function messagesOverlap(
  one: Pick<MessageModel, "topic">,
  other: Pick<MessageModel, "topic">,
  rules: TopicRules,
  otherRules: TopicRules = rules,
): boolean {
  const others = variantsOf(other);
  return variantsOf(one).some(({ levels }) =>
    others.some(
      (variant) =>
        variant.levels.length === levels.length &&
        levels.every((level, index) => levelsOverlap(level, variant.levels[index]!, rules, otherRules)),
    ),
  );
}

/** Two names of which every value of one is read as the other, `a` and `c` in `[/{a}]/{b}[/{c}]`; undefined if there are none. */
export function indistinctNames(message: Pick<MessageModel, "topic">): readonly [string, string] | undefined {
  const byShape = new Map<string, MessageVariant>();
  for (const variant of variantsOf(message)) {
    const shape = variant.text.replaceAll(/\{(?!requestId\})[^{}]*\}/g, "{}");
    const other = byShape.get(shape);
    const only = variant.optional.find((name) => !other?.optional.includes(name));
    const otherOnly = other?.optional.find((name) => !variant.optional.includes(name));
    if (only !== undefined && otherOnly !== undefined) return [otherOnly, only];
    byShape.set(shape, variant);
  }
  return undefined;
}

const knownVariants = new WeakMap<object, readonly MessageVariant[]>();

/** The variants of a message's topic, parsed once: a message is compared with all others. */
function variantsOf(message: Pick<MessageModel, "topic">): readonly MessageVariant[] {
  const variants = knownVariants.get(message) ?? messageVariants(message.topic);
  knownVariants.set(message, variants);
  return variants;
}

function levelsOverlap(a: MessageLevel, b: MessageLevel, rules: TopicRules, others: TopicRules): boolean {
  if (a.name === undefined)
    return b.name === undefined ? a.before === b.before : matches(b, a.before, others);
  if (b.name === undefined) return matches(a, b.before, rules);
  const isPrefix = a.before.startsWith(b.before) || b.before.startsWith(a.before);
  const isSuffix = a.after.endsWith(b.after) || b.after.endsWith(a.after);
  if (!isPrefix || !isSuffix) return false;
  const [idA, idB] = [a.name === "requestId", b.name === "requestId"];
  if (idA === idB) return true;
  // A pattern can exclude what a request id looks like.
  const [id, parameter, own] = idA ? [rules, b, others] : [others, a, rules];
  return idsAmong((text) => accepts("requestId", text, id) && accepts(parameter.name!, text, own)).length > 0;
}

/** Whether a fixed level can be one with a hole. */
function matches({ before, name = "", after }: MessageLevel, text: string, rules: TopicRules): boolean {
  return (
    text.length > before.length + after.length &&
    text.startsWith(before) &&
    text.endsWith(after) &&
    accepts(name, text.slice(before.length, text.length - after.length), rules)
  );
}

function accepts(name: string, text: string, { context, parameters, ids }: TopicRules): boolean {
  if (name === "requestId") {
    if (ids === undefined) return false;
    return "type" in ids ? levelProblem(text) === undefined : parseRequestId(text, ids.accept) !== undefined;
  }
  const { pattern, integer } = parameters.get(name) ?? context.parameters.get(name) ?? {};
  if (integer !== undefined && !/^(?:0|-?[1-9][0-9]*)$/.test(text)) return false;
  return levelProblem(text, { pattern: runnablePattern(pattern) }) === undefined;
}
