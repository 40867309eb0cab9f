/** Redaction: keeps secrets out of messages, events, inspect output and causes. */
import type { AnyTopic, TopicTemplate, TopicValues } from "../topics/topic.js";
import { uncheckedCast } from "../internal/unchecked-cast.js";
import { count } from "../internal/count.js";
import { escapeRegExp } from "../internal/escape-reg-exp.js";
import { parsePointer } from "./json-pointer.js";

/** Replaces the secrets in a text. With a template and its values, also every occurrence of the secret ones among them. */
export type RedactText = (text: string, template?: TopicTemplate, values?: TopicValues) => string;

/** Returns the text to show instead of a secret. */
export type Replacement = (secret: string) => string;

const stars: Replacement = () => "***";

/** Redacts the secret levels of these topics wherever a topic occurs in a text, and the user, password and query values of URLs. */
export function redactTopics(topics: Iterable<AnyTopic>, replace = stars): (text: string) => string {
  const sources = new Set([String.raw`(?<=\/\/)[^/\s"]*(?=@)|(?<=[?&][\w-]+=)[^&\s"]+`]);
  for (const { template } of topics) {
    const { request, success, error } = template.messages ?? {};
    for (const message of [request, success, error])
      for (const source of message?.secrets ?? []) sources.add(source);
    if (request) continue;
    let before = "";
    for (const { kind, text, secret } of template.levels) {
      if (secret && before !== "") sources.add(`(?<=${before})[^/]+`);
      // Any extension matches, because topics of unknown extensions contain the secrets of endpoints too.
      before += `${kind === "literal" && text !== template.extension ? escapeRegExp(text) : "[^/]+"}/`;
    }
  }
  const pattern = new RegExp(Array.from(sources).join("|"), "gu");
  return (text) => text.replace(pattern, replace);
}

/** A secret that is shorter occurs in other words by chance, so only whole words are redacted. */
const SHORT = 4;

/**
 * Secret parameter values, such as those of a client and of its endpoints. A look-up of the beginning at each position of a text finds
 * them, so its cost depends on the text, not on the number of secrets.
 */
export class Secrets {
  /** The number of owners of each secret. */
  readonly #owners = new Map<string, number>();
  /** By the first characters of secrets: how many there are of each length. */
  readonly #lengths = new Map<string, Map<number, number>>();
  /** The numbers of these characters: at most `SHORT`, which most secrets have. */
  readonly #beginnings = new Set<number>();
  #collected: FinalizationRegistry<readonly string[]> | undefined;

  /** Redacts these values, until their owner is garbage-collected if they have one. */
  add(owner: object | undefined, secrets: readonly string[]): void {
    for (const secret of secrets) this.#add(secret, 1);
    // React Native may have no FinalizationRegistry. There, secrets stay until the client is gone.
    if (!owner || secrets.length === 0 || typeof FinalizationRegistry === "undefined") return;
    this.#collected ??= new FinalizationRegistry((collected) =>
      collected.forEach((secret) => this.#add(secret, -1)),
    );
    this.#collected.register(owner, secrets);
  }

  /** The number of different secrets. */
  get size(): number {
    return this.#owners.size;
  }

  redact(text: string): string {
    let redacted = "";
    let end = 0;
    for (let at = 0; this.size > 0 && at < text.length; at += 1) {
      const length = this.#lengthAt(text, at);
      if (length === 0) continue;
      redacted += `${text.slice(end, at)}***`;
      end = at + length;
      at = end - 1;
    }
    return redacted + text.slice(end);
  }

  /** The length of the longest secret at a position of the text; 0 if there is none. A secret may contain another one. */
  #lengthAt(text: string, at: number): number {
    let longest = 0;
    for (const beginning of this.#beginnings)
      for (const [length] of this.#lengths.get(text.slice(at, at + beginning)) ?? [])
        if (length > longest && this.#isSecret(text, at, at + length)) longest = length;
    return longest;
  }

  #isSecret(text: string, from: number, to: number): boolean {
    if (to > text.length || !this.#owners.has(text.slice(from, to))) return false;
    const isPart = /[\p{L}\p{N}_]$/u.test(text.slice(0, from)) || /^[\p{L}\p{N}_]/u.test(text.slice(to));
    return to - from >= SHORT || !isPart;
  }

  #add(secret: string, change: 1 | -1): void {
    const owners = count(this.#owners, secret, change);
    // It had owners before, and still has some.
    if (owners !== (change === 1 ? 1 : 0)) return;
    const beginning = secret.slice(0, SHORT);
    const lengths = this.#lengths.get(beginning) ?? new Map<number, number>();
    count(lengths, secret.length, change);
    if (lengths.size > 0) this.#lengths.set(beginning, lengths);
    else this.#lengths.delete(beginning);
    this.#beginnings.add(beginning.length);
  }
}

/** Redacts the secret values of parameters. */
export function redactValues(text: string, template: TopicTemplate, values: TopicValues): string {
  const secrets = new Secrets();
  secrets.add(undefined, secretsAmong(template, values));
  return secrets.redact(text);
}

/** The secret values of parameters. */
export function secretsAmong(
  template: Pick<TopicTemplate, "parameters" | "protocol">,
  values: TopicValues,
): string[] {
  return Object.entries(values)
    .filter(([name, value]) => isSecretParameter(template, name) && /^(?:string|number)$/.test(typeof value))
    .map(([, value]) => String(value))
    .filter((secret) => secret !== "");
}

/** Redacts the sensitive properties of a payload. In the pointers, `*` matches any property or item. */
export function redactPayload(value: unknown, pointers: readonly string[] = [], replace = stars): unknown {
  const redactAt = (part: unknown, [first, ...rest]: readonly string[]): unknown => {
    if (first === undefined) return replace(JSON.stringify(part));
    if (typeof part !== "object" || part === null) return part;
    const properties = Object.entries<unknown>({ ...part }).map(([name, property]): [string, unknown] => [
      name,
      first === "*" || name === first ? redactAt(property, rest) : property,
    ]);
    return Array.isArray(part) ? properties.map(([, item]) => item) : Object.fromEntries(properties);
  };
  return pointers.reduce((redacted, pointer) => redactAt(redacted, parsePointer(pointer)), value);
}

/** Redacts the texts, numbers and property names of a payload. */
export function redactTexts(value: unknown, redact: (text: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => redactTexts(item, redact));
  if (typeof value === "object" && value !== null) {
    const properties = Object.entries<unknown>({ ...value });
    return Object.fromEntries(
      properties.map(([name, property]) => [redact(name), redactTexts(property, redact)]),
    );
  }
  const text = String(value);
  return redact(text) === text ? value : redact(text);
}

/** Errors of a chain of causes that are kept: more than programs make, and few if an error is its own cause. */
const MAX_CAUSES = 8;

/**
 * Redacts the cause of an error. Returns the same error if it contains no secret, or else a copy, which leaves out properties that are
 * objects, because these may contain secrets. Never throws, although a thrown value may have a getter that does.
 */
export function redactCause(cause: unknown, redact: (text: string) => string, depth = MAX_CAUSES): unknown {
  try {
    if (typeof cause === "string") return redact(cause);
    return cause instanceof Error ? redactError(cause, redact, depth) : redactMessage(cause, redact);
  } catch {
    return new Error("the error cannot be read");
  }
}

function redactError(cause: Error, redact: (text: string) => string, depth: number): Error {
  const { message, name, stack = "" } = cause;
  const { errors = [] } = uncheckedCast<{ readonly errors?: readonly unknown[] }>(cause);
  // V8's stack frames name code, which is long and contains no values.
  const header = stack.replaceAll(/\n +at .*/g, "");
  const properties = Object.entries(Object.assign<Record<string, unknown>, Error>({}, cause));
  const plain = properties.filter(([, property]) => !/^(?:object|bigint)$/.test(typeof property));
  // Each for itself, because JSON escapes quotes.
  const texts = [message, name, header, ...plain.flat().map(String)];
  const isClean = texts.every((text) => redact(text) === text) && errors.length === 0;
  if (isClean && plain.length === properties.length && cause.cause === undefined) return cause;
  const copy = Object.assign(new Error(redact(message)), redactTexts(Object.fromEntries(plain), redact));
  return Object.defineProperties(copy, {
    name: { value: redact(name) },
    stack: { value: redact(stack) },
    // Of an AggregateError.
    ...(errors.length > 0 && {
      errors: { value: errors.map((each) => redactCause(each, redact, depth - 1)) },
    }),
    cause: { value: depth > 0 ? redactCause(cause.cause, redact, depth - 1) : undefined },
  });
}

/** Redacts a thrown object with a message that is not an Error. Returns any other value as it is. */
function redactMessage(cause: unknown, redact: (text: string) => string): unknown {
  const { message }: { readonly message?: unknown } = Object(cause);
  return typeof message === "string" && redact(message) !== message ? new Error(redact(message)) : cause;
}

/** Topic parameters as strings, with the secret ones redacted. */
export function redactParameters(
  template: TopicTemplate,
  values: TopicValues,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(values)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, isSecretParameter(template, name) ? "***" : String(value)]),
  );
}

function isSecretParameter(
  { parameters, protocol }: Pick<TopicTemplate, "parameters" | "protocol">,
  name: string,
): boolean {
  return (parameters?.[name] ?? protocol.parameters[name])?.secret === true;
}
