import type { QoS } from "../transport/transport.js";

/**
 * Whether an MQTT topic filter matches a topic (MQTT 3.1.1 section 4.7): `+` stands for one level, `#` for the
 * parent and everything below it, and neither for a first level that begins with `$`.
 */
export function filterMatches(filter: string, topic: string): boolean {
  if (topic.startsWith("$") && (filter.startsWith("+") || filter.startsWith("#"))) return false;
  // Level by level without taking the texts apart: this runs for every message.
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

/** Whether some topic matches both topic filters (MQTT 3.1.1 section 4.7). */
export function filtersOverlap(one: string, other: string): boolean {
  const [levels, others] = [one.split("/"), other.split("/")];
  for (let index = 0; ; index += 1) {
    const [level, otherLevel] = [levels[index], others[index]];
    // `#` stands for its parent, too.
    if (level === "#" || otherLevel === "#") return true;
    if (level === undefined || otherLevel === undefined) return level === otherLevel;
    if (level !== otherLevel && level !== "+" && otherLevel !== "+") return false;
  }
}

/** The narrowest topic filter that covers two overlapping ones. Both have the same number of levels, and no `#`. */
export function widenFilters(one: string, other: string): string {
  const others = other.split("/");
  return one
    .split("/")
    .map((level, index) => (level === others[index] ? level : "+"))
    .join("/");
}

/** The smaller of two QoS. */
export function lowerQos(qos: QoS, limit: QoS): QoS {
  return limit < qos ? limit : qos;
}

/** Takes the group off a shared subscription (`$share/group/filter`, MQTT 5 section 4.8.2). */
export function splitShared(filter: string): { readonly group?: string; readonly filter: string } {
  const match = /^\$share\/([^/]+)\/(.+)$/su.exec(filter);
  return match ? { group: match[1]!, filter: match[2]! } : { filter };
}

/** Whether a topic filter is well formed: wildcards fill their level, `#` comes last, at most 65,535 bytes of UTF-8. */
export function isTopicFilter(filter: string): boolean {
  const levels = filter.split("/");
  return (
    filter.length > 0 &&
    !filter.includes("\0") &&
    new TextEncoder().encode(filter).length <= 65_535 &&
    levels.every(
      (level, index) =>
        level === "+" || (level === "#" && index === levels.length - 1) || !/[+#]/u.test(level),
    )
  );
}
