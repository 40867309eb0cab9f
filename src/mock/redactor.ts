import {
  redactParameters,
  redactPayload,
  redactTexts,
  type Replacement,
  redactTopics,
} from "../runtime/api/redact.js";
import type { Api } from "../runtime/platform.js";
import { splitShared } from "../runtime/topics/topic-filter.js";
import type { TopicTemplate, TopicValues } from "../runtime/topics/topic.js";
import type { ReadMessage } from "./message-reader.js";

/** Redacts secrets in messages and events. */
export interface Redactor {
  /** Redacts a text. `message` is the message that the text belongs to, if there is one. */
  text(text: string, message?: ReadMessage): string;
  /** Redacts a topic that belongs to no resource, or a topic filter. */
  topic(topic: string): string;
  parameters(message: ReadMessage): Readonly<Record<string, string>>;
  payload(message: ReadMessage): unknown;
  /** Replaces a client id, which is often the secret of an endpoint. */
  client(id: string): string;
}

/** The replacements of secrets. */
export interface Replacements {
  /** Replaces a secret topic parameter. Default: `***`. */
  readonly inTopics?: Replacement;
  /** Replaces a sensitive property of a payload. Default: `***`. */
  readonly inPayloads?: Replacement;
}

const mask: Replacement = () => "***";

/** Marks the levels of secrets. A topic cannot contain it (MQTT 3.1.1 section 1.5.3). */
const MARK = "\0";

/** Bounds the memory for secrets and pseudonyms. Beyond it, the least recently used are forgotten. */
const MAX_KNOWN = 10_000;

/** Longer topic levels are not remembered as secrets: no token is that long. */
const MAX_SECRET_LENGTH = 1_000;

/**
 * Creates a redactor for the secrets of an API.
 *
 * It learns the values of secret topic parameters from messages, and redacts them anywhere else from then on.
 */
export function createRedactor(
  { extensions, protocol }: Api,
  { inTopics = mask, inPayloads = mask }: Replacements = {},
): Redactor {
  const resources = extensions.flatMap((extension) => Object.values(extension.resources));
  const replace: Replacement = (secret) => (isWildcard(secret) ? secret : inTopics(secret));
  const redactText = redactTopics(resources, replace);
  const markSecrets = redactTopics(resources, () => MARK);
  const hasSecrets = resources.some(({ template }) => template.levels.some(({ secret }) => secret));
  const knownSecrets = new Set<string>();
  /** The fixed levels of the API's topics, which are not secrets. */
  const fixedLevels = new Set(
    [
      ...resources.flatMap(({ template }) =>
        template.levels.filter(({ kind }) => kind === "literal").map(({ text: literal }) => literal),
      ),
      ...[protocol.success, protocol.error].flatMap((suffix) => suffix.split("/")),
    ].filter((level) => level !== ""),
  );

  const learn = (template: TopicTemplate, values: TopicValues): void => {
    for (const { secret, text: name } of template.levels) {
      const value = secret ? values[name] : undefined;
      if (typeof value === "string" && value.length <= MAX_SECRET_LENGTH) remember(knownSecrets, value);
    }
  };
  const text = (original: string, message?: ReadMessage): string => {
    if (message) learn(message.template, message.parameters);
    const redacted = redactText(original, message?.template, message?.parameters);
    return redacted.replaceAll(/[^/\s"]+/gu, (word) => (knownSecrets.has(word) ? replace(word) : word));
  };

  const topic = (original: string): string => {
    const { group, filter } = splitShared(original);
    if (group !== undefined) return `$share/${mask(group)}/${topic(filter)}`;
    const redacted = text(original);
    if (!hasSecrets) return redacted;
    const levels = original.split("/");
    const marked = markSecrets(original).split("/");
    const secrets = levels.filter((_, index) => marked[index] === MARK);
    if (secrets.length > 0 && !secrets.some((level) => fixedLevels.has(level))) return redacted;
    // No secret at its usual level, or a fixed level in its place: the secret may be any other level.
    const redactLevel = (level: string): string => {
      if (fixedLevels.has(level) || isWildcard(level)) return level;
      return knownSecrets.has(level) ? replace(level) : mask(level);
    };
    return levels.map(redactLevel).join("/");
  };

  return {
    text,
    topic,
    parameters({ template, parameters }) {
      learn(template, parameters);
      return redactParameters(template, parameters, replace);
    },
    payload: (message) =>
      redactTexts(redactPayload(message.payload, message.sensitive, inPayloads), (part) =>
        text(part, message),
      ),
    client: pseudonyms("client"),
  };
}

/** Redacts nothing. */
export const noRedaction: Redactor = {
  text: (text) => text,
  topic: (topic) => topic,
  parameters: ({ parameters }) => parameters,
  payload: ({ payload }) => payload,
  client: (id) => id,
};

/**
 * Replaces each secret by a pseudonym, such as `endpoint-1`. A secret keeps its pseudonym, so that a recording shows which
 * messages belong together.
 */
export function pseudonyms(prefix: string): Replacement {
  const known = new Map<string, string>();
  let count = 0;
  return (secret) => {
    const pseudonym = known.get(secret) ?? `${prefix}-${(count += 1)}`;
    known.delete(secret);
    known.set(secret, pseudonym);
    const [oldest] = known.keys();
    if (known.size > MAX_KNOWN && oldest !== undefined) known.delete(oldest);
    return pseudonym;
  };
}

function remember(values: Set<string>, value: string): void {
  values.delete(value);
  values.add(value);
  const [oldest] = values;
  if (values.size > MAX_KNOWN && oldest !== undefined) values.delete(oldest);
}

function isWildcard(level: string): boolean {
  return level === "+" || level === "#";
}
