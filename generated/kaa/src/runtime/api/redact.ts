/** Keeping secrets out of what people read: messages, events, inspect output, causes. */
import type { AnyTopic, TopicTemplate, TopicValues } from "../topics/topic.js";

/** Gives a text back with its secrets hidden; those of a topic's values too, wherever they stand. */
export type RedactText = (text: string, template?: TopicTemplate, values?: TopicValues) => string;

/** What stands in a secret's place. */
export type Replacement = (secret: string) => string;

const hide: Replacement = () => "***";

/** Hides the secret levels of these topics wherever one stands in a text, and a URL's user, password and query values. */
export function topicRedaction(topics: Iterable<AnyTopic>, replace = hide): RedactText {
  const sources = new Set([String.raw`(?<=\/\/)[^/\s"]*(?=@)|(?<=[?&][\w-]+=)[^&\s"]+`]);
  for (const { template } of topics) {
    let before = "";
    for (const { kind, text, secret } of template.levels) {
      if (secret && before !== "") sources.add(`(?<=${before})[^/]+`);
      // Of any extension: one that nobody knows has an endpoint's secret in its topics, too.
      before += `${kind === "literal" && text !== template.extension ? escape(text) : "[^/]+"}/`;
    }
  }
  const pattern = new RegExp(Array.from(sources).join("|"), "gu");
  return (text, template, values = {}) => {
    let masked = text.replace(pattern, replace);
    for (const { secret, text: name } of template?.levels ?? []) {
      const value = secret ? values[name] : undefined;
      if (typeof value === "string") masked = maskValue(masked, value, replace);
    }
    return masked;
  };
}

/** Hides these values as well, which may become more. */
export function withSecretValues(mask: RedactText, secrets: ReadonlySet<string>): RedactText {
  return (text, template, values) =>
    Array.from(secrets).reduce((masked, secret) => maskValue(masked, secret), mask(text, template, values));
}

/** Hides one secret wherever it stands in a text. */
function maskValue(text: string, secret: string, replace = hide): string {
  if (!text.includes(secret)) return text;
  // A short one is part of many words by chance.
  const [before, after] =
    secret.length < 4 ? [String.raw`(?<![\p{L}\p{N}_])`, String.raw`(?![\p{L}\p{N}_])`] : ["", ""];
  return text.replace(new RegExp(before + escape(secret) + after, "gu"), replace);
}

function escape(text: string): string {
  return text.replace(/[$()*+./?[\\\]^{|}]/g, String.raw`\$&`);
}

/** A payload as it may be shown: without its sensitive members (JSON pointers, `*` for any member or item). */
export function redactPayload(value: unknown, pointers: readonly string[] = [], replace = hide): unknown {
  const maskAt = (part: unknown, [first, ...rest]: readonly string[]): unknown => {
    if (first === undefined) return replace(JSON.stringify(part));
    if (typeof part !== "object" || part === null) return part;
    const key = first.replace(/~1/g, "/").replace(/~0/g, "~");
    const members = Object.entries<unknown>({ ...part }).map(([name, member]): [string, unknown] => [
      name,
      first === "*" || name === key ? maskAt(member, rest) : member,
    ]);
    return Array.isArray(part) ? members.map(([, member]) => member) : Object.fromEntries(members);
  };
  return pointers.reduce((masked, pointer) => maskAt(masked, pointer.split("/").slice(1)), value);
}

/** Hides secrets wherever they stand in a payload: as texts, numbers or names, or within. */
export function redactTexts(value: unknown, mask: (text: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => redactTexts(item, mask));
  if (typeof value === "object" && value !== null) {
    const members = Object.entries<unknown>({ ...value });
    return Object.fromEntries(members.map(([name, member]) => [mask(name), redactTexts(member, mask)]));
  }
  const text = String(value);
  return mask(text) === text ? value : mask(text);
}

/** A cause as it may be shown: the same, or where it would show a secret (or objects, which may) a copy that does not. */
export function redactCause(cause: unknown, mask: (text: string) => string): unknown {
  if (typeof cause === "string") return mask(cause);
  if (!(cause instanceof Error)) return cause;
  const { message, name, stack = "" } = cause;
  const members = Object.entries(Object.assign<Record<string, unknown>, Error>({}, cause));
  const plain = members.filter(([, member]) => typeof member !== "object");
  const text = JSON.stringify([message, stack, plain]);
  if (mask(text) === text && plain.length === members.length && cause.cause === undefined) return cause;
  const copy = Object.assign(
    new Error(mask(message)),
    ...plain.map(([key, member]) => ({ [key]: typeof member === "string" ? mask(member) : member })),
  );
  for (const [key, value] of Object.entries({
    name,
    stack: mask(stack),
    cause: redactCause(cause.cause, mask),
  })) {
    Object.defineProperty(copy, key, { value });
  }
  return copy;
}

/** Parameters as they may be shown. */
export function redactParameters(
  template: TopicTemplate,
  values: TopicValues,
  replace = hide,
): Record<string, string> {
  const secret = new Set(template.levels.map((level) => (level.secret ? level.text : undefined)));
  return Object.fromEntries(
    Object.entries(values)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, secret.has(name) ? replace(String(value)) : String(value)]),
  );
}
