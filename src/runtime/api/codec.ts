/**
 * Bodies to bytes and back. Faults are returned, not thrown: what one is called depends on whose body it is
 * (`invalid-request` for a client, the reply `invalid` for a platform).
 */
import type { PayloadDefinition, ValidationError } from "./descriptor.js";

/** A body ready to be sent, or what is wrong with the value. */
export type Encoded =
  | { readonly body: Uint8Array; readonly errors?: undefined }
  | { readonly errors: readonly ValidationError[] };

/** A value that was read; or, with `fault`, what is wrong with the body. */
export type Decoded =
  | { readonly value: unknown; readonly fault?: undefined }
  | {
      /** Malformed: not UTF-8, not JSON or too deep. Invalid: refused by the schema. */
      readonly fault: "malformed" | "invalid";
      readonly errors: readonly ValidationError[];
      /** What the schema refused; `undefined` where the body is malformed. */
      readonly value: unknown;
    };

/** How a body is read. */
export interface DecodeOptions {
  /** How many arrays and objects may be nested. */
  readonly maxDepth: number;
  /** `false` leaves the schema out; default `true`. */
  readonly check?: boolean;
}

/** What `maxDepth` is unless told otherwise. */
export const defaultMaxDepth = 1_000;

const encoder = new TextEncoder();
// Left in, so that a text is read as it was sent; a JSON text may not begin with one (RFC 8259, section 8.1).
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const nothing = new Uint8Array();

/**
 * Checks a value and writes it. What is checked is what is sent: the JSON value after `toJSON` and without undefined members.
 * No definition means a zero-length body.
 */
export function encode(
  definition: PayloadDefinition | undefined,
  value: unknown,
  maxDepth = defaultMaxDepth,
): Encoded {
  if (definition === undefined || (value === undefined && definition.optional)) return { body: nothing };
  if (definition.type === "binary")
    return value instanceof Uint8Array ? { body: value } : fault("", "must be a Uint8Array");
  const plain = definition.type === "json" ? toJson(value, maxDepth) : toText(value);
  if ("errors" in plain) return plain;
  const { validate } = definition;
  if (validate && !validate(plain.value)) return { errors: validate.errors ?? [] };
  return { body: encoder.encode(plain.text) };
}

/** Reads a body and checks it. `"empty"` and no definition mean that a body is ignored. */
export function decode(
  definition: PayloadDefinition | "empty" | undefined,
  body: Uint8Array,
  options: DecodeOptions,
): Decoded {
  if (definition === undefined || definition === "empty") return { value: undefined };
  if (body.length === 0 && definition.optional) return { value: undefined };
  if (definition.type === "binary") return { value: body };
  let text: string;
  try {
    text = decoder.decode(body);
  } catch {
    return malformed("is not UTF-8");
  }
  let value: unknown = text;
  if (definition.type === "json") {
    if (text.length > options.maxDepth && isDeeper(text, options.maxDepth)) {
      return malformed(`is nested deeper than ${options.maxDepth} levels`);
    }
    try {
      value = JSON.parse(text);
    } catch {
      // The engine's own message quotes the text, which may hold what must not be shown.
      return malformed("is not JSON");
    }
  }
  const { validate, emptyWhen: means } = definition;
  try {
    if (means?.(value)) return { value: undefined };
    if (options.check !== false && validate && !validate(value))
      return { fault: "invalid", errors: validate.errors ?? [], value };
  } catch {
    // Deeper than the validator's own recursion goes.
    return malformed("can not be checked");
  }
  return { value };
}

function malformed(message: string): Decoded {
  return { fault: "malformed", value: undefined, ...fault("", message) };
}

function fault(instancePath: string, message: string): { readonly errors: readonly ValidationError[] } {
  return { errors: [{ instancePath, schemaPath: "", keyword: "payload", params: {}, message }] };
}

/** The value that goes to the schema; `text` where that is also what is sent. */
type Plain =
  { readonly value: unknown; readonly text?: string } | { readonly errors: readonly ValidationError[] };

function toText(given: unknown): Plain {
  const value = typeof given === "number" && Number.isFinite(given) ? String(given) : given;
  if (typeof value !== "string") return fault("", "must be a string or a finite number");
  return /\p{Surrogate}/u.test(value) ? fault("", "must not hold a lone surrogate") : { value, text: value };
}

/** Thrown inside {@link toJson} only. */
class NotJson {
  constructor(readonly message: string) {}
}

/** What `JSON.stringify` makes of a value, unless it would have to leave something out or put something else in its place. */
function toJson(root: unknown, maxDepth: number): Plain {
  /** The objects that the present value is inside of, and the keys that led there; first of all a wrapper of the root's. */
  const above: unknown[] = [];
  const path: string[] = [];
  try {
    if (isJson(root, maxDepth)) return { value: root, text: JSON.stringify(root) };
  } catch {
    // Where and why is found out below.
  }
  try {
    const text = JSON.stringify(root, function (this: unknown, key, value: unknown) {
      while (above.length > 0 && above.at(-1) !== this) above.pop();
      path.length = above.length;
      path.push(key);
      if (value === undefined && above.length > 0 && !Array.isArray(this)) return undefined;
      const fit =
        typeof value === "number" ? Number.isFinite(value) : /^(?:string|boolean|object)$/.test(typeof value);
      if (!fit)
        throw new NotJson(
          `must not be ${typeof value === "number" ? String(value) : describe(typeof value)}`,
        );
      if (typeof value === "object" && value !== null) {
        if (above.includes(value)) throw new NotJson("must not contain itself");
        if (above.length > maxDepth) throw new NotJson(`must not be nested deeper than ${maxDepth} levels`);
        if (above.length === 0) above.push(this);
        above.push(value);
      }
      return value;
    });
    return { value: JSON.parse(text), text };
  } catch (error) {
    const pointer = path
      .slice(1)
      .map((key) => `/${escape(key)}`)
      .join("");
    return fault(pointer, error instanceof NotJson ? error.message : "can not be read: it throws");
  }
}

/** Whether a value is the JSON value that it will be sent as; most are, and asking costs a fraction of looking for what is wrong. */
function isJson(value: unknown, maxDepth: number): boolean {
  if (value === null || typeof value === "string" || typeof value === "boolean") return true;
  if (typeof value === "number") return Number.isFinite(value);
  if (typeof value !== "object" || maxDepth === 0) return false;
  if (Array.isArray(value)) {
    // By index, since `every` would pass over holes.
    for (let index = 0; index < value.length; index += 1)
      if (!isJson(value[index], maxDepth - 1)) return false;
    return !("toJSON" in value);
  }
  // What classes have made may say by itself what it is to be sent as (`toJSON`).
  if (Object.getPrototypeOf(value) !== Object.prototype || "toJSON" in value) return false;
  for (const key of Object.keys(value)) if (!isJson(Reflect.get(value, key), maxDepth - 1)) return false;
  return true;
}

function describe(type: string): string {
  return type === "undefined" ? type : `a ${type}`;
}

/** RFC 6901, section 3. */
function escape(key: string): string {
  return key.replace(/~/g, "~0").replace(/\//g, "~1");
}

/** Whether brackets are nested deeper than this, strings left out. A loop: recursion is what a deep text is meant to break. */
function isDeeper(text: string, maxDepth: number): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (char === '"') {
      for (at += 1; at < text.length && text[at] !== '"'; at += 1) if (text[at] === "\\") at += 1;
    } else if (char === "[" || char === "{") {
      depth += 1;
      if (depth > maxDepth) return true;
    } else if (char === "]" || char === "}") {
      depth -= 1;
    }
  }
  return false;
}
