import { messageVariants } from "../runtime/topics/message-template.js";
import { filtersOverlap, isTopicFilter } from "../runtime/topics/topic-filter.js";
import { namesOf } from "./message-parameters.js";
import type { ResolvedMessages } from "./messages.js";
import type { ResourceInput, ResourceScope } from "./resource-input.js";

/** Checks that filters which replace the computed ones are valid, and match the topics of their messages. */
export function checkFilters(
  { context }: ResourceScope,
  { key, at }: ResourceInput,
  { messages, places }: ResolvedMessages,
): void {
  for (const kind of ["request", "success", "error"] as const) {
    const message = messages[kind];
    const filter = message?.subscribe;
    if (message === undefined || filter === undefined) continue;
    const known = new Set([...namesOf(messages.request), "requestId"]);
    const names = Array.from(filter.matchAll(HOLE), ([, name = ""]) => name);
    const unknown = names.find((name) => !known.has(name));
    const place = places.get(kind)?.topic ?? at;
    const problem =
      unknown === undefined
        ? isTopicFilter(filter.replaceAll(HOLE, "x"))
          ? undefined
          : "wildcards must be whole levels, and # the last one"
        : `{${unknown}} is not in its request`;
    if (problem !== undefined) {
      context.report("invalid-filter", { resource: key, filter, problem }, place);
      continue;
    }
    const topic = unmatchedTopic(filter, message.topic);
    if (topic !== undefined) context.report("filter-without-topic", { resource: key, filter, topic }, place);
  }
}

const HOLE = /\{([^{}]*)\}/g;

/** A variant of a topic that no topic can have which the filter matches. With or without a request id is enough. */
function unmatchedTopic(filter: string, template: string): string | undefined {
  const wild = wildcards(filter);
  const isMatched = (topic: string) =>
    !(topic.startsWith("$") && /^[+#]/.test(wild)) && filtersOverlap(wild, wildcards(topic));
  const matched = new Map<string, boolean>();
  for (const { text } of messageVariants(template)) {
    const withoutId = text.replace("/{requestId}", "");
    matched.set(withoutId, matched.get(withoutId) === true || isMatched(text));
  }
  return Array.from(matched).find(([, isAny]) => !isAny)?.[0];
}

/** A template with `+` for each level that has a name. */
function wildcards(template: string): string {
  return template
    .split("/")
    .map((level) => (level.includes("{") ? "+" : level))
    .join("/");
}
