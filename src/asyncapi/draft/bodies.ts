import { isObject, property, setProperty, type JsonObject } from "../../json/json.js";
import type { DocumentReader, Found } from "../import/reader.js";
import type { SchemaSlot } from "../import/schemas.js";
import { traited } from "./messages.js";
import type { Notes } from "./notes.js";

/** The inputs and the unfinished output of a draft. */
export interface DraftContext {
  readonly reader: DocumentReader;
  readonly notes: Notes;
  readonly slots: SchemaSlot[];
}

/** The payload of a message, and the schema language that it is written in. */
interface Payload {
  readonly schema: Found | undefined;
  /** A schema language other than JSON Schema. */
  readonly foreign?: string;
}

const JSON_SCHEMA = /asyncapi|schema\+(?:json|yaml)|openapi|application\/schema;/i;

function payloadOf(reader: DocumentReader, message: Found): Payload {
  const raw = reader.raw(message, "payload") ?? traited(reader, message, "payload");
  if (raw === undefined) return { schema: undefined };
  const payload = reader.resolve(raw);
  const format = reader.text(payload, "schemaFormat") ?? reader.text(message, "schemaFormat");
  const inner =
    isObject(payload.value) && Object.hasOwn(payload.value, "schemaFormat")
      ? reader.raw(payload, "schema")
      : raw;
  return format === undefined || JSON_SCHEMA.test(format)
    ? { schema: inner }
    : { schema: undefined, foreign: format };
}

/** The properties of a payload, with those that the parts of an `allOf` have. */
export function propertiesOf(reader: DocumentReader, message: Found | undefined): ReadonlyMap<string, Found> {
  const payload = message === undefined ? undefined : payloadOf(reader, message).schema;
  return payload === undefined ? new Map() : new Map(propertiesIn(reader, payload, 0));
}

function propertiesIn(
  reader: DocumentReader,
  schema: Found,
  depth: number,
): readonly (readonly [string, Found])[] {
  const found = reader.resolve(schema);
  const own = reader.entries(reader.at(found, "properties"));
  if (depth > 5) return own;
  return [
    ...own,
    ...reader.items(reader.at(found, "allOf")).flatMap((part) => propertiesIn(reader, part, depth + 1)),
  ];
}

/** A schema without one of its properties, as a copy. */
function withoutProperty(reader: DocumentReader, schema: Found, name: string, depth = 0): Found | undefined {
  const found = reader.resolve(schema);
  if (!isObject(found.value) || depth > 5) return undefined;
  const properties = property(found.value, "properties");
  if (isObject(properties) && Object.hasOwn(properties, name)) {
    const { [name]: _, ...rest } = properties;
    const required = property(found.value, "required");
    const names: unknown = Array.isArray(required) ? required.filter((one) => one !== name) : undefined;
    const { required: _r, ...value } = found.value;
    const isNeeded = Array.isArray(names) && names.length > 0;
    return { ...found, value: { ...value, properties: rest, ...(isNeeded && { required: names }) } };
  }
  const parts = reader.items(reader.at(found, "allOf"));
  for (const [index, part] of parts.entries()) {
    const changed = withoutProperty(reader, part, name, depth + 1);
    if (changed === undefined) continue;
    const allOf = (property(found.value, "allOf") as readonly unknown[]).map((one, at) =>
      at === index ? changed.value : one,
    );
    return { ...found, value: { ...found.value, allOf } };
  }
  return undefined;
}

/** A body to describe. */
export interface BodyInput {
  readonly messages: readonly Found[];
  /** The path of the body in the draft: `["resources", "lamp", "request"]`. */
  readonly path: readonly string[];
  /** The property that holds the request id, which is not a part of the payload. */
  readonly idProperty?: string | undefined;
  /** The topic of the message, if it is not that of the resource. */
  readonly topic?: string;
}

/** Describes a body. Several messages on a topic become one payload with alternatives. */
export function bodyOf(
  context: DraftContext,
  { messages: all, path, idProperty, topic }: BodyInput,
): JsonObject {
  const { reader, notes } = context;
  const messages = all.filter(({ value }) => property(value, "$ref") === undefined);
  for (const message of all) {
    const ref = property(message.value, "$ref");
    if (typeof ref === "string")
      notes.lose(`the message ${ref}`, "the reference cannot be resolved", message);
  }
  const [first] = messages;
  // The slots of schemas fill this very object.
  const body: JsonObject = topic === undefined ? {} : { topic };
  if (first === undefined) return body;
  const types = messages.map((message) => contentTypeOf(reader, message));
  const type = types.every((one) => one === types[0]) ? (types[0] ?? "application/json") : "application/json";
  if (type !== "application/json") setProperty(body, "contentType", type);
  if (type !== "application/octet-stream") setSchema(context, { body, messages, path, idProperty });
  for (const message of messages) reportLost(context, message, path);
  if (messages.length > 1) {
    const names = messages.map((message) => reader.text(message, "name") ?? String(message.path.at(-1)));
    notes.decide(
      path,
      `the topic has the messages ${names.join(", ")}. Are they one message with alternatives, as here?`,
      first,
    );
  }
  if (idProperty === undefined && type !== "application/octet-stream") {
    const examples = messages.flatMap((message) => examplesOf(reader, message));
    if (examples.length > 0) setProperty(body, "examples", examples);
  }
  if (idProperty !== undefined) setProperty(body, "wrap", { [idProperty]: "{requestId}", "...": "{body}" });
  return body;
}

function setSchema(
  { reader, notes, slots }: DraftContext,
  { body, messages, path, idProperty }: BodyInput & { readonly body: JsonObject },
): void {
  const schemas: Found[] = [];
  for (const message of messages) {
    const { schema, foreign } = payloadOf(reader, message);
    if (foreign !== undefined)
      notes.lose(`the schema of ${path.join(".")}`, `it is written in ${foreign}`, message);
    const cut =
      schema === undefined || idProperty === undefined
        ? undefined
        : withoutProperty(reader, schema, idProperty);
    if (schema !== undefined) schemas.push(cut ?? schema);
  }
  const [only] = schemas;
  if (only === undefined || schemas.length < messages.length) return;
  const file = "";
  if (schemas.length === 1) {
    setProperty(body, "schema", {});
    slots.push({
      from: only,
      to: { file, path: [...path, "schema"] },
      set: (schema) => setProperty(body, "schema", schema),
    });
    return;
  }
  const alternatives: unknown[] = schemas.map(() => ({}));
  setProperty(body, "schema", { anyOf: alternatives });
  for (const [index, from] of schemas.entries()) {
    const to = { file, path: [...path, "schema", "anyOf", String(index)] };
    slots.push({ from, to, isPart: true, set: (schema) => (alternatives[index] = schema) });
  }
}

/** The content type that a spec has for that of a message. */
export function contentTypeOf(reader: DocumentReader, message: Found): string {
  const type =
    traited(reader, message, "contentType")?.value ?? reader.at(reader.document, "defaultContentType")?.value;
  if (typeof type !== "string" || /json/i.test(type)) return "application/json";
  return /^text\//i.test(type) ? "text/plain" : "application/octet-stream";
}

function examplesOf(reader: DocumentReader, message: Found): readonly unknown[] {
  return reader
    .items(traited(reader, message, "examples"))
    .flatMap(({ value }) => (isObject(value) && Object.hasOwn(value, "payload") ? [value["payload"]] : []));
}

function reportLost({ reader, notes }: DraftContext, message: Found, path: readonly string[]): void {
  const headers = traited(reader, message, "headers");
  if (headers !== undefined)
    notes.lose(`the headers of ${path.join(".")}`, "messages have no headers before MQTT 5", headers);
  for (const [protocol, binding] of reader.entries(traited(reader, message, "bindings")))
    if (protocol !== "mqtt")
      notes.lose(`the ${protocol} binding of ${path.join(".")}`, "it is not about MQTT", binding);
}
