import { redactPayload, redactTexts, type Replacement, redactTopics } from "../runtime/api/redact.js";
import type { Api } from "../runtime/platform.js";
import { splitShared } from "../runtime/topics/topic-filter.js";
import type { ReadMessage } from "./message-reader.js";
import { SecretIndex } from "./secret-index.js";

/** The parts of a message that contain secrets. */
export type Secrets = Pick<ReadMessage, "template" | "parameters" | "payload" | "sensitive">;

/** Redacts secrets in messages and events. */
export interface Redactor {
  /** Remembers the secrets of a message, to redact them in any text from then on. */
  learn(message: Secrets): void;
  /** Redacts a text. */
  text(text: string): string;
  /** Redacts only secrets that were learned, in a text that was redacted before. */
  known(text: string): string;
  /** Redacts a topic that belongs to no resource, or a topic filter. */
  topic(topic: string): string;
  parameters(message: ReadMessage): Readonly<Record<string, string | number>>;
  /** A binary payload stays as it is, unless it contains a secret. */
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

/** Shorter sensitive values (`on`, `1`) occur everywhere, so only the property itself is redacted. */
const MIN_SENSITIVE_LENGTH = 4;
/** Enough for the secrets of one message. */
const MAX_SENSITIVE_VALUES = 100;

/** Encloses the number of a secret that is already replaced, while the other rules run. Texts cannot keep this character. */
const FENCE = "\uFDD0";

/** The secrets that a redactor has learned. A redactor of a changed API can go on with them. */
export class KnownSecrets {
  readonly tokens = new SecretIndex(MAX_KNOWN);
  readonly sensitiveValues = new SecretIndex(MAX_KNOWN);
  readonly client = pseudonyms("client");
}

/**
 * Creates a redactor for the secrets of an API.
 *
 * It learns the values of secret topic parameters and of sensitive properties from messages, and redacts them anywhere else
 * from then on.
 */
export function createRedactor(
  api: Api,
  replacements: Replacements = {},
  known: KnownSecrets = new KnownSecrets(),
): Redactor {
  return new SecretRedactor(api, replacements, known);
}

class SecretRedactor implements Redactor {
  readonly client: (id: string) => string;
  readonly #known: KnownSecrets;
  readonly #replaceToken: Replacement;
  readonly #replaceSensitive: Replacement;
  /** The fixed levels of the API's topics, which are not secrets. */
  readonly #fixedLevels: ReadonlySet<string>;
  readonly #hasSecrets: boolean;
  readonly #markSecrets: (text: string) => string;
  readonly #redactTopics: (text: string) => string;
  /** The replacements of one text, by number. A text is redacted at a time, without a pause. */
  #replaced: string[] = [];

  constructor(
    { extensions, protocol }: Api,
    { inTopics = mask, inPayloads = mask }: Replacements,
    known: KnownSecrets,
  ) {
    const resources = extensions.flatMap((extension) => Object.values(extension.resources));
    this.client = known.client;
    this.#known = known;
    this.#replaceToken = (secret) => (isWildcard(secret) ? secret : inTopics(secret));
    this.#replaceSensitive = inPayloads;
    this.#hasSecrets = resources.some(({ template }) => template.levels.some(({ secret }) => secret));
    this.#markSecrets = redactTopics(resources, () => MARK);
    this.#redactTopics = redactTopics(resources, (match) =>
      isFenced(match) ? match : this.#fence(this.#replaceToken(this.#unfence(match))),
    );
    const literals = resources.flatMap(({ template }) =>
      template.levels.filter(({ kind }) => kind === "literal").map(({ text }) => text),
    );
    const suffixes = [protocol.success, protocol.error].flatMap((suffix) => suffix?.split("/") ?? []);
    this.#fixedLevels = new Set([...literals, ...suffixes].filter((level) => level !== ""));
  }

  learn({ template, parameters, payload, sensitive }: Secrets): void {
    for (const { secret, text: name } of template.levels) {
      const value = secret ? parameters[name] : undefined;
      if (value !== undefined) this.#known.tokens.add(String(value));
    }
    if (sensitive.length === 0) return;
    let left = MAX_SENSITIVE_VALUES;
    redactPayload(payload, sensitive, (json) => {
      for (const value of textsIn(JSON.parse(json))) {
        if (value.length >= MIN_SENSITIVE_LENGTH && left > 0) this.#known.sensitiveValues.add(value);
        left -= 1;
      }
      return "***";
    });
  }

  text(original: string): string {
    this.#replaced = [];
    // Known secrets first: the rules for URLs and topics would cut one that contains `&` or `/` in two.
    const fenced = this.#replaceKnown(original.replaceAll(FENCE, "\uFFFD"), (text) => this.#fence(text));
    return this.#unfence(this.#redactTopics(fenced));
  }

  known(original: string): string {
    return this.#replaceKnown(original, (replacement) => replacement);
  }

  topic(original: string): string {
    const { group, filter } = splitShared(original);
    if (group !== undefined) return `$share/${mask(group)}/${this.topic(filter)}`;
    if (!this.#hasSecrets) return this.text(original);
    const fixed = this.#fixedLevels;
    const levels = original.split("/");
    const marked = this.#markSecrets(original).split("/");
    const secrets = levels.filter((_, index) => marked[index] === MARK);
    if (secrets.length > 0 && !secrets.some((level) => fixed.has(level))) return this.text(original);
    // No secret at its usual level, or a fixed level in its place: the secret may be any other level.
    const redactLevel = (level: string): string => {
      if (fixed.has(level) || isWildcard(level)) return level;
      return this.#known.tokens.has(level) ? this.#replaceToken(level) : mask(level);
    };
    return levels.map(redactLevel).join("/");
  }

  parameters(message: ReadMessage): Readonly<Record<string, string | number>> {
    this.learn(message);
    const { template, parameters } = message;
    const secret = new Set(template.levels.map((level) => (level.secret ? level.text : undefined)));
    const shown = Object.entries(parameters).map(([name, value]): [string, string | number] => {
      const text = secret.has(name) ? this.#replaceToken(String(value)) : this.text(String(value));
      // An integer that is not redacted stays a number.
      return [name, typeof value === "number" && text === String(value) ? value : text];
    });
    return Object.fromEntries(shown);
  }

  payload(message: ReadMessage): unknown {
    this.learn(message);
    const redacted = redactPayload(message.payload, message.sensitive, this.#replaceSensitive);
    if (!(redacted instanceof Uint8Array)) return redactTexts(redacted, (text) => this.text(text));
    const asText = Buffer.from(redacted.buffer, redacted.byteOffset, redacted.byteLength).toString();
    const { tokens, sensitiveValues } = this.#known;
    return tokens.isIn(asText) || sensitiveValues.isIn(asText) ? "***" : redacted;
  }

  #replaceKnown(original: string, write: (replacement: string) => string): string {
    const { tokens, sensitiveValues } = this.#known;
    const withoutTokens = tokens.replaceIn(original, (secret) => write(this.#replaceToken(secret)));
    return sensitiveValues.replaceIn(withoutTokens, (secret) =>
      write(this.#replaceSensitive(JSON.stringify(secret))),
    );
  }

  #fence(replacement: string): string {
    return `${FENCE}${this.#replaced.push(replacement) - 1}${FENCE}`;
  }

  #unfence(text: string): string {
    return text.replaceAll(
      /\uFDD0(\d+)\uFDD0/gu,
      (_, number: string) => this.#replaced[Number(number)] ?? "***",
    );
  }
}

/** Whether a text is nothing but a secret that is already replaced. */
function isFenced(text: string): boolean {
  return text.startsWith(FENCE) && text.indexOf(FENCE, 1) === text.length - 1;
}

/** Yields the texts in a JSON value, property names included. */
function* textsIn(value: unknown): Generator<string> {
  if (typeof value === "string") yield value;
  if (typeof value !== "object" || value === null) return;
  for (const [name, property] of Object.entries<unknown>({ ...value })) {
    if (!Array.isArray(value)) yield name;
    yield* textsIn(property);
  }
}

/** The reason of a refusal without secrets. Topic rules would take the path of a spec's file for a topic. */
export function redactedReason(
  redactor: Redactor,
  { reason, cause }: { readonly reason: string; readonly cause?: string },
): string {
  const known = redactor.known(reason);
  return cause === undefined ? known : `${known}: ${redactor.text(cause)}`;
}

/** Redacts nothing. */
export const noRedaction: Redactor = {
  learn: () => {},
  text: (text) => text,
  known: (text) => text,
  topic: (topic) => topic,
  parameters: ({ parameters }) => ({ ...parameters }),
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

function isWildcard(level: string): boolean {
  return level === "+" || level === "#";
}
