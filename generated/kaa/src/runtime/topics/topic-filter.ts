import type { QoS } from "../transport/transport.js";
import { isWithinTopicLimit, type TopicLevel } from "./grammar.js";

/**
 * Whether an MQTT topic filter matches a topic (MQTT 3.1.1, section 4.7): `+` matches one level, `#` the parent and
 * everything below it, and neither matches a first level that starts with `$`.
 */
export function filterMatches(filter: string, topic: string): boolean {
  if (topic.startsWith("$") && (filter.startsWith("+") || filter.startsWith("#"))) return false;
  // Compares without splitting, because this runs for every message.
  let inFilter = 0;
  let inTopic = 0;
  for (;;) {
    if (filter[inFilter] === "#") return true;
    const filterEnd = endOfLevel(filter, inFilter);
    const topicEnd = endOfLevel(topic, inTopic);
    if (filter[inFilter] !== "+") {
      if (
        filterEnd - inFilter !== topicEnd - inTopic ||
        !topic.startsWith(filter.slice(inFilter, filterEnd), inTopic)
      )
        return false;
    }
    if (topicEnd === topic.length) return filterEnd === filter.length || filter.slice(filterEnd) === "/#";
    if (filterEnd === filter.length) return false;
    inFilter = filterEnd + 1;
    inTopic = topicEnd + 1;
  }
}

function endOfLevel(text: string, start: number): number {
  const end = text.indexOf("/", start);
  return end === -1 ? text.length : end;
}

/** Whether some topic matches both topic filters (MQTT 3.1.1, section 4.7). */
export function filtersOverlap(one: string, other: string): boolean {
  const [levels, others] = [one.split("/"), other.split("/")];
  for (let index = 0; ; index += 1) {
    const [level, otherLevel] = [levels[index], others[index]];
    // `#` matches its parent too.
    if (level === "#" || otherLevel === "#") return true;
    if (level === undefined || otherLevel === undefined) return level === otherLevel;
    if (level !== otherLevel && level !== "+" && otherLevel !== "+") return false;
  }
}

/** A filter for these levels of a template, with `+` for the request id and for parameters without a value. */
export function filterOf(levels: readonly TopicLevel[], values: Readonly<Record<string, string>>): string {
  return levels
    .map(({ kind, text }) => {
      if (kind === "literal") return text;
      return (kind === "parameter" && Object.hasOwn(values, text) ? values[text] : undefined) ?? "+";
    })
    .join("/");
}

/** The narrowest filter that matches whatever either of two matches. Both have the same number of levels, and no `#`. */
export function widenFilters(one: string, other: string): string {
  const others = other.split("/");
  return one
    .split("/")
    .map((level, index) => (level === others[index] ? level : "+"))
    .join("/");
}

/** The minimum of two QoS levels: MQTT delivers with the lower of the publisher's and the subscriber's. */
export function lowerQos(qos: QoS, limit: QoS): QoS {
  return limit < qos ? limit : qos;
}

/** Splits a shared subscription `$share/group/filter` (MQTT 5.0, section 4.8.2); without a group, `filter` is the whole. */
export function splitShared(filter: string): { readonly group?: string; readonly filter: string } {
  const match = /^\$share\/([^/]+)\/(.+)$/su.exec(filter);
  return match ? { group: match[1]!, filter: match[2]! } : { filter };
}

/** Whether a topic filter is valid: wildcards are whole levels, `#` is the last one, at most 65,535 bytes of UTF-8. */
export function isTopicFilter(filter: string): boolean {
  const levels = filter.split("/");
  return (
    filter.length > 0 &&
    !filter.includes("\0") &&
    isWithinTopicLimit(filter) &&
    levels.every(
      (level, index) =>
        level === "+" || (level === "#" && index === levels.length - 1) || !/[+#]/u.test(level),
    )
  );
}
