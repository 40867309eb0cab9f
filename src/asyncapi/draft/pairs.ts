import type { OneWay } from "./messages.js";
import { isIdName } from "./topics.js";

/** Messages of which one is probably the response to the other. */
export interface Pair {
  readonly request: OneWay;
  readonly success: OneWay;
  readonly error?: OneWay;
}

/** Words for a request, and those for its response in the same level of a topic. */
const PAIRS: readonly (readonly [request: RegExp, response: RegExp])[] = [
  [/^requests?$/i, /^(?:responses?|repl(?:y|ies)|results?|answers?)$/i],
  [/^req$/i, /^(?:res|resp|rsp|response)$/i],
  [/^(?:commands?|cmds?)$/i, /^(?:responses?|results?|resp|rsp|acks?|replies|reply)$/i],
  [/^(?:call|invoke)$/i, /^(?:return|result|response|reply)$/i],
  [/^query$/i, /^(?:result|response|reply|answer)$/i],
];

/** Last levels that responses have in addition to the topic of the request. */
const SUCCESS = /^(?:responses?|repl(?:y|ies)|results?|res|resp|rsp|acks?|accepted)$/i;
const ERROR = /^(?:rejected|errors?|failed|nack)$/i;

/** Finds the topics that are probably the responses to others, by their names. */
export function findPairs(messages: readonly OneWay[]): readonly Pair[] {
  const taken = new Set<OneWay>();
  const pairs: Pair[] = [];
  for (const request of messages) {
    if (request.reply !== undefined || taken.has(request)) continue;
    const others = messages.filter(
      (other) =>
        other !== request && other.from !== request.from && other.reply === undefined && !taken.has(other),
    );
    const success = others.find((other) => isResponse(request, other, SUCCESS, true));
    if (success === undefined) continue;
    const error = others.find((other) => other !== success && isResponse(request, other, ERROR, false));
    for (const one of [request, success, error]) if (one !== undefined) taken.add(one);
    pairs.push({ request, success, ...(error !== undefined && { error }) });
  }
  return pairs;
}

function isResponse(request: OneWay, response: OneWay, suffix: RegExp, swaps: boolean): boolean {
  const [a, b] = [levelsOf(request), levelsOf(response)];
  if (b.length === a.length + 1)
    return suffix.test(b.at(-1) ?? "") && a.every((level, index) => level === b[index]);
  if (!swaps || a.length !== b.length) return false;
  const different = a.flatMap((level, index) =>
    level === b[index] ? [] : [[level, b[index] ?? ""] as const],
  );
  const [pair] = different;
  return (
    different.length === 1 &&
    pair !== undefined &&
    PAIRS.some(([first, second]) => first.test(pair[0]) && second.test(pair[1]))
  );
}

/** The levels of a topic, without an id at its end. */
function levelsOf({ topic }: OneWay): readonly string[] {
  const levels = topic.template.split("/");
  const name = /^\{(.*)\}$/.exec(levels.at(-1) ?? "")?.[1];
  return name !== undefined && isIdName(name) ? levels.slice(0, -1) : levels;
}
