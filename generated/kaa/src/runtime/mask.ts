/** Keeping secrets out of what people read: messages, events, inspect output, causes. */
import type { AnyTopic, TopicLevel, TopicShape } from "./topic.js";

/** Gives a text back with its secrets hidden. */
export type Mask = (text: string) => string;

const hidden = "***";

/** Hides the secret levels of these topics wherever one stands in a text, and the user and password of a URL. */
export function topicMask(topics: Iterable<AnyTopic>): Mask {
  const forms = new Map<string, { readonly pattern: RegExp; readonly levels: readonly TopicLevel[] }>();
  for (const { shape } of topics) {
    const end = shape.levels.reduce((found, { secret }, index) => (secret ? index + 1 : found), 0);
    const levels = shape.levels.slice(0, end);
    const source = levels.map(({ kind, text }) => (kind === "literal" ? escape(text) : "[^/]+")).join("/");
    if (levels.length > 0) forms.set(source, { pattern: new RegExp(source, "gu"), levels });
  }
  return (text) => {
    let masked = text.replace(/\/\/[^/\s@]*@/g, `//${hidden}@`);
    for (const { pattern, levels } of forms.values()) {
      masked = masked.replace(pattern, (topic) =>
        topic
          .split("/")
          .map((level, index) => (levels[index]?.secret ? hidden : level))
          .join("/"),
      );
    }
    return masked;
  };
}

function escape(text: string): string {
  return text.replace(/[$()*+./?[\\\]^{|}]/g, String.raw`\$&`);
}

/** Hides these values too, wherever they stand for themselves. */
export function secretMask(mask: Mask, secrets: readonly string[]): Mask {
  return (text) => secrets.reduce((masked, secret) => hide(masked, secret), mask(text));
}

function hide(text: string, secret: string): string {
  // A short one is part of many words by chance.
  const pattern = secret.length < 4 ? `(?<!\\w)${escape(secret)}(?!\\w)` : escape(secret);
  return text.replace(new RegExp(pattern, "gu"), hidden);
}

/** The secret ones among a topic's values. */
export function secretsOf(shape: TopicShape, values: Readonly<Record<string, unknown>>): string[] {
  return shape.levels
    .filter(({ secret, text }) => secret && values[text] !== undefined)
    .map(({ text }) => String(values[text]));
}

/** Parameters as they may be shown. */
export function maskParameters(
  shape: TopicShape,
  values: Readonly<Record<string, string>>,
): Record<string, string> {
  const shown = (name: string): boolean => !shape.levels.some(({ secret, text }) => secret && text === name);
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, shown(name) ? value : hidden]),
  );
}

/** A payload as it may be shown: without its sensitive members (JSON pointers, `*` for any member or item). */
export function maskPayload(value: unknown, pointers: readonly string[] = []): unknown {
  return pointers.reduce((masked, pointer) => maskAt(masked, pointer.split("/").slice(1)), value);
}

function maskAt(value: unknown, path: readonly string[]): unknown {
  const [first, ...rest] = path;
  if (first === undefined) return hidden;
  if (typeof value !== "object" || value === null) return value;
  const key = first.replace(/~1/g, "/").replace(/~0/g, "~");
  const members = Object.entries<unknown>({ ...value }).map(([name, member]): [string, unknown] => [
    name,
    first === "*" || name === key ? maskAt(member, rest) : member,
  ]);
  return Array.isArray(value) ? members.map(([, member]) => member) : Object.fromEntries(members);
}

/** A cause as it may be shown: the same, or where it would show a secret (or objects, which may) a copy that does not. */
export function maskCause(cause: unknown, mask: Mask): unknown {
  if (typeof cause === "string") return mask(cause);
  if (!(cause instanceof Error)) return cause;
  const members = Object.entries(Object.assign<Record<string, unknown>, Error>({}, cause));
  const plain = members.filter(([, member]) => typeof member !== "object" && typeof member !== "function");
  const texts = [cause.message, cause.stack, ...plain.map(([, member]) => member)].map(String);
  if (
    cause.cause === undefined &&
    plain.length === members.length &&
    texts.every((text) => mask(text) === text)
  )
    return cause;
  const copy = new Error(
    mask(cause.message),
    cause.cause === undefined ? undefined : { cause: maskCause(cause.cause, mask) },
  );
  for (const [name, member] of plain)
    Object.assign(copy, { [name]: typeof member === "string" ? mask(member) : member });
  copy.name = cause.name;
  if (cause.stack !== undefined) copy.stack = mask(cause.stack);
  return copy;
}
