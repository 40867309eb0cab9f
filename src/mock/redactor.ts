import {
  redactParameters,
  redactPayload,
  redactTexts,
  type Replacement,
  topicRedaction,
} from "../runtime/api/redact.js";
import type { PlatformApi } from "../runtime/platform.js";
import { splitShared } from "../runtime/topics/topic-filter.js";
import type { TopicTemplate, TopicValues } from "../runtime/topics/topic.js";
import type { ReadMessage } from "./message-reader.js";

/** Shows messages without their secrets. */
export interface Redactor {
  /** Any text; the message is where it comes from, if it is known. */
  text(text: string, message?: ReadMessage): string;
  /** A topic that is none of the API's, or a topic filter. */
  topic(topic: string): string;
  parameters(message: ReadMessage): Readonly<Record<string, string>>;
  payload(message: ReadMessage): unknown;
  /** A client's id, which is often the secret of an endpoint. */
  client(id: string): string;
}

/** What secrets become. */
export interface Replacements {
  /** One of a topic. Default: `***`. */
  readonly inTopics?: Replacement;
  /** A sensitive member of a payload. Default: `***`. */
  readonly inPayloads?: Replacement;
}

const hide: Replacement = () => "***";

/** Can not be part of a topic (MQTT 3.1.1 section 1.5.3). */
const MARK = "\0";

/** So many names and secrets are remembered, the last ones. */
const MAXIMUM = 10_000;

/** Puts something else in the place of each secret. One that was seen where the API has it is known wherever else it stands. */
export function createRedactor(
  { extensions, protocol }: PlatformApi,
  { inTopics = hide, inPayloads = hide }: Replacements = {},
): Redactor {
  const resources = extensions.flatMap((extension) => Object.values(extension.resources));
  const replace: Replacement = (secret) => (isWildcard(secret) ? secret : inTopics(secret));
  const mask = topicRedaction(resources, replace);
  const where = topicRedaction(resources, () => MARK);
  const seen = new Set<string>();
  /** The levels that the API itself has, and that nobody can take for a secret. */
  const words = new Set(
    [
      ...resources.flatMap(({ template }) =>
        template.levels.filter(({ kind }) => kind === "literal").map(({ text: literal }) => literal),
      ),
      ...[protocol.success, protocol.error].flatMap((suffix) => suffix.split("/")),
    ].filter((word) => word !== ""),
  );

  const notice = (template: TopicTemplate, values: TopicValues): void => {
    for (const { secret, text: name } of template.levels) {
      const value = secret ? values[name] : undefined;
      if (typeof value === "string" && value.length <= 1_000) remember(seen, value);
    }
  };
  const text = (given: string, message?: ReadMessage): string => {
    if (message) notice(message.template, message.parameters);
    const masked = mask(given, message?.template, message?.parameters);
    return masked.replaceAll(/[^/\s"]+/gu, (word) => (seen.has(word) ? replace(word) : word));
  };

  const topic = (given: string): string => {
    const { group, filter } = splitShared(given);
    if (group !== undefined) return `$share/${hide(group)}/${topic(filter)}`;
    const masked = text(given);
    if (!resources.some(({ template }) => template.levels.some(({ secret }) => secret))) return masked;
    const levels = given.split("/");
    const found = where(given).split("/");
    const secrets = levels.filter((_, index) => found[index] === MARK);
    // Where the API has a secret, this one has none, or a word: so it may stand anywhere.
    if (secrets.length > 0 && !secrets.some((level) => words.has(level))) return masked;
    const shown = (level: string): string => {
      if (words.has(level) || isWildcard(level)) return level;
      return seen.has(level) ? replace(level) : hide(level);
    };
    return levels.map(shown).join("/");
  };

  return {
    text,
    topic,
    parameters({ template, parameters }) {
      notice(template, parameters);
      return redactParameters(template, parameters, replace);
    },
    payload: (message) =>
      redactTexts(redactPayload(message.payload, message.sensitive, inPayloads), (part) =>
        text(part, message),
      ),
    client: pseudonyms("client"),
  };
}

/** Hides nothing. */
export const noRedaction: Redactor = {
  text: (text) => text,
  topic: (topic) => topic,
  parameters: ({ parameters }) => parameters,
  payload: ({ payload }) => payload,
  client: (id) => id,
};

/**
 * Replaces each secret by a name of its own, the same each time: `endpoint-1`. So a record tells who is who, and can be
 * passed on.
 */
export function pseudonyms(prefix: string): Replacement {
  const known = new Map<string, string>();
  let count = 0;
  return (secret) => {
    const alias = known.get(secret) ?? `${prefix}-${(count += 1)}`;
    known.delete(secret);
    known.set(secret, alias);
    const [oldest] = known.keys();
    if (known.size > MAXIMUM && oldest !== undefined) known.delete(oldest);
    return alias;
  };
}

function remember(values: Set<string>, value: string): void {
  values.delete(value);
  values.add(value);
  const [oldest] = values;
  if (values.size > MAXIMUM && oldest !== undefined) values.delete(oldest);
}

function isWildcard(level: string): boolean {
  return level === "+" || level === "#";
}
