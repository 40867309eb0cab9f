/**
 * Encodes payloads to bodies and decodes them. Problems are returned, not thrown, because the error depends on the caller
 * (`invalid-request` of a client, the spec's reply `invalid` of a platform).
 */
import type { PayloadDefinition, ValidationError } from "./descriptor.js";
import { formatPointer } from "./json-pointer.js";
import type { TextScalar } from "./text-scalar.js";

/** A body to send; or the `errors` of the payload. */
export type Encoded =
  | { readonly body: Uint8Array; readonly errors?: undefined }
  | { readonly errors: readonly ValidationError[] };

/** A decoded payload; or, with `fault`, the `errors` of the body. */
export type Decoded =
  | { readonly value: unknown; readonly fault?: undefined }
  | {
      /** `malformed`: not UTF-8, not JSON, nested too deep, or a number like 1e999. `invalid`: does not match the schema. */
      readonly fault: "malformed" | "invalid";
      readonly errors: readonly ValidationError[];
      /** The payload that does not match the schema; `undefined` if the body is malformed. */
      readonly value: unknown;
    };

/** A body whose payload is only a part of it: it was parsed before, and decodes the payload itself. */
export interface ParsedBody {
  readonly bytes: Uint8Array;
  decode(definition: PayloadDefinition | "empty" | undefined, options: DecodeOptions): Decoded;
}

/** A body as it is delivered to the request or the observer that it belongs to. */
export type ReceivedBody = Uint8Array | ParsedBody;

/** Options of {@link decode}. */
export interface DecodeOptions {
  /** Maximum nesting depth of arrays and objects. */
  readonly maxDepth: number;
  /** The client's option: with `off`, payloads are not validated. */
  readonly responses?: "reject" | "report" | "off" | undefined;
}

/** The default of `maxDepth`. Deeper values could overflow the stack of a recursive validator. */
export const defaultMaxDepth = 1_000;

const encoder = new TextEncoder();
// Keeps a byte order mark, so that texts are decoded as they were sent. A JSON text must not start with one (RFC 8259, section 8.1).
/** Decodes UTF-8, and throws for anything else. */
interface BodyDecoder {
  decode(body: Uint8Array): string;
}

// Created at first use: React Native has no strict decoder, and its constructor throws there.
let decoder: BodyDecoder | undefined;
const emptyBody = new Uint8Array();

/**
 * Matches every JSON text with a number beyond 1.8e308, which JSON.parse turns into Infinity, and few others: such a number has
 * an exponent of three digits, or at least 210 digits in a row.
 */
const mayOverflow = /e\+?\d{3}|\d{210}/i;

/** A reviver of JSON.parse that refuses Infinity, because no JSON text can express it: a program could not send it on. */
function refuseInfinity(_key: string, value: unknown): unknown {
  if (value === Infinity || value === -Infinity) throw new NotJson("contains a number that is too large");
  return value;
}

/**
 * Validates and encodes a payload. Validates the JSON value that is sent: after `toJSON`, and without undefined properties. Without a
 * definition, the body has zero length.
 */
export function encode(
  definition: PayloadDefinition | undefined,
  value: unknown,
  maxDepth = defaultMaxDepth,
): Encoded {
  if (definition === undefined || (value === undefined && definition.optional)) return { body: emptyBody };
  // A copy, as of any other payload, because the caller may use the array for its next message.
  if (definition.type === "binary")
    return value instanceof Uint8Array ? { body: new Uint8Array(value) } : fault("", "must be a Uint8Array");
  const plain = definition.type === "json" ? toJson(value, maxDepth) : toText(value, definition.scalar);
  if ("errors" in plain) return plain;
  const { validate } = definition;
  if (validate && !validate(plain.value)) return { errors: validate.errors ?? [] };
  return { body: encoder.encode(plain.text) };
}

/** Decodes and validates a body. Ignores it if the definition is `"empty"` or absent. */
export function decode(
  definition: PayloadDefinition | "empty" | undefined,
  body: ReceivedBody,
  options: DecodeOptions,
): Decoded {
  if ("decode" in body) return body.decode(definition, options);
  if (definition === undefined || definition === "empty") return { value: undefined };
  if (body.length === 0 && definition.optional) return { value: undefined };
  if (definition.type === "binary") return { value: body };
  let text: string;
  try {
    text = (decoder ??= createDecoder()).decode(body);
  } catch {
    return malformed("is not UTF-8");
  }
  let value: unknown = text;
  if (definition.type === "json") {
    if (text.length > options.maxDepth && isDeeper(text, options.maxDepth)) {
      return malformed(`is nested deeper than ${options.maxDepth} levels`);
    }
    try {
      value = JSON.parse(text, mayOverflow.test(text) ? refuseInfinity : undefined);
    } catch (error) {
      // The message of JSON.parse quotes the text, which may contain secrets.
      return malformed(error instanceof NotJson ? error.message : "is not JSON");
    }
  }
  const { scalar } = definition;
  if (scalar) {
    value = scalar.parse(text);
    if (value === undefined) return malformed(`is not a ${scalar.type}`);
  }
  return validatePayload(definition, value, options);
}

/** Validates a payload that was parsed already. */
export function validatePayload(
  definition: PayloadDefinition,
  value: unknown,
  options: DecodeOptions,
): Decoded {
  const { validate, emptyWhen } = definition;
  try {
    if (emptyWhen?.(value)) return { value: undefined };
    if (options.responses !== "off" && validate && !validate(value)) {
      const errors = validate.errors ?? [];
      if (!definition.tolerate?.(validate, value)) return { fault: "invalid", errors, value };
    }
  } catch {
    // Nested so deep that the validator overflowed the stack.
    return malformed("cannot be validated");
  }
  return { value };
}

/** The result for a body that cannot be read; `message` is a clause about it. */
export function malformed(message: string): Decoded {
  return { fault: "malformed", value: undefined, ...fault("", message) };
}

function fault(instancePath: string, message: string): { readonly errors: readonly ValidationError[] } {
  return { errors: [{ instancePath, schemaPath: "", keyword: "payload", params: {}, message }] };
}

/** A decoder that throws for what is not UTF-8. */
function createDecoder(): BodyDecoder {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  } catch {
    return { decode: decodeStrictly };
  }
}

/** The slow way, where the platform has no strict decoder: `decodeURIComponent` throws for what is not UTF-8. */
function decodeStrictly(body: Uint8Array): string {
  return decodeURIComponent(Array.from(body, (byte) => `%${byte.toString(16).padStart(2, "0")}`).join(""));
}

/** The value to validate and the text to send. */
type WireText =
  { readonly value: unknown; readonly text?: string } | { readonly errors: readonly ValidationError[] };

function toText(given: unknown, scalar: TextScalar | undefined): WireText {
  if (scalar) {
    const text = scalar.format(given);
    return text === undefined ? fault("", `must be a ${scalar.type}`) : { value: given, text };
  }
  const value = typeof given === "number" && Number.isFinite(given) ? String(given) : given;
  if (typeof value !== "string") return fault("", "must be a string or a finite number");
  return /\p{Surrogate}/u.test(value)
    ? fault("", "must not contain a lone surrogate")
    : { value, text: value };
}

/** Thrown inside {@link toJson} and {@link refuseInfinity} only. */
class NotJson {
  constructor(readonly message: string) {}
}

/** Stringifies a value, and refuses what JSON.stringify would omit or replace: functions, symbols, NaN, cycles. */
function toJson(root: unknown, maxDepth: number): WireText {
  /** The objects that contain the current value, from a wrapper of the root on, and the keys on the way. */
  const above: unknown[] = [];
  const path: string[] = [];
  try {
    if (isJson(root, maxDepth)) return { value: root, text: JSON.stringify(root) };
  } catch {
    // The path to the cause is found below.
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
    return fault(
      formatPointer(path.slice(1)),
      error instanceof NotJson ? error.message : "cannot be read: it throws",
    );
  }
}

/** Whether a value equals the JSON value that is sent for it. Most do, and this costs a fraction of finding a problem's path. */
function isJson(value: unknown, maxDepth: number): boolean {
  if (value === null || typeof value === "string" || typeof value === "boolean") return true;
  if (typeof value === "number") return Number.isFinite(value);
  if (typeof value !== "object" || maxDepth === 0) return false;
  if (Array.isArray(value)) {
    // By index, because `every` skips holes.
    for (let index = 0; index < value.length; index += 1)
      if (!isJson(value[index], maxDepth - 1)) return false;
    return !("toJSON" in value);
  }
  // Instances of classes may have a `toJSON` of their own.
  if (Object.getPrototypeOf(value) !== Object.prototype || "toJSON" in value) return false;
  for (const key of Object.keys(value)) if (!isJson(Reflect.get(value, key), maxDepth - 1)) return false;
  return true;
}

function describe(type: string): string {
  return type === "undefined" ? type : `a ${type}`;
}

/** Whether brackets outside of strings are nested deeper than `maxDepth`. A loop, because deep texts are made to overflow the stack. */
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
