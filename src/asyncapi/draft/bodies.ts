import { isObject, property, setProperty, type JsonObject } from "../../json/json.js";
import type { DocumentReader, Found } from "../import/reader.js";
import type { DraftContext } from "./context.js";
import { propertiesIn, withoutFrame, withoutProperty, type FrameProperty } from "./cut.js";
import { reportMessage } from "./lost.js";
import { traited } from "./messages.js";

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

/** The properties of a payload, with those of its parts and alternatives. */
export function propertiesOf(reader: DocumentReader, message: Found | undefined): ReadonlyMap<string, Found> {
  const payload = message === undefined ? undefined : payloadOf(reader, message).schema;
  return payload === undefined ? new Map() : new Map(propertiesIn(reader, payload));
}

/** A body to describe. */
export interface BodyInput {
  readonly messages: readonly Found[];
  /** The path of the body in the draft: `["resources", "lamp", "request"]`. */
  readonly path: readonly string[];
  /** The properties that are not a part of the payload. */
  readonly frame: readonly FrameProperty[];
  /** The topic of the message, if it is not that of the resource. */
  readonly topic?: string;
}

/** Describes a body. Several messages on a topic become one payload with alternatives. */
export function bodyOf(context: DraftContext, { messages: all, path, frame, topic }: BodyInput): JsonObject {
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
  if (type !== "application/octet-stream") setSchema(context, { body, messages, path, frame });
  for (const message of messages) reportMessage(context, message, path);
  if (messages.length > 1) {
    const names = messages.map((message) => reader.text(message, "name") ?? String(message.path.at(-1)));
    notes.decide(
      path,
      `the topic has the messages ${names.join(", ")}. Are they one message with alternatives, as here?`,
      first,
    );
  }
  if (type !== "application/octet-stream") {
    const examples = messages.flatMap((message) => examplesOf(reader, message));
    const payloads = examples.map((example) => withoutFrame(example, frame));
    if (payloads.length > 0) setProperty(body, "examples", payloads);
  }
  if (frame.length > 0)
    setProperty(body, "wrap", {
      ...Object.fromEntries(frame.map(({ name, value }) => [name, value])),
      "...": "{body}",
    });
  return body;
}

function setSchema(
  { reader, notes, slots }: DraftContext,
  { body, messages, path, frame }: BodyInput & { readonly body: JsonObject },
): void {
  const schemas: Found[] = [];
  for (const message of messages) {
    const { schema, foreign } = payloadOf(reader, message);
    if (foreign !== undefined)
      notes.lose(`the schema of ${path.join(".")}`, `it is written in ${foreign}`, message);
    if (schema === undefined) continue;
    schemas.push(frame.reduce((cut, { name }) => withoutProperty(reader, cut, name) ?? cut, schema));
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
