import { isObject, property, setProperty, type JsonObject } from "../../json/json.js";
import { unescapeRefs } from "../schemas/keywords.js";
import type { Place } from "./places.js";
import { ownKeysOf, type DocumentReader, type Found } from "./reader.js";
import { addSlot, errorPayloadOf, type RestoreContext } from "./restore-context.js";

/** Restores a request or a response under its key; nothing if the resource has none. */
export function bodyOf(
  context: RestoreContext,
  key: string,
  own: unknown,
  { message, place }: { message: Found | undefined; place: Place },
): JsonObject {
  const payload = payloadIn(context, message);
  if (!isObject(own) && payload === undefined) return {};
  const { emptyWhen, ...rest } = isObject(own) ? own : ({} as JsonObject);
  const contentType = context.reader.text(message, "contentType");
  const isJson = contentType === undefined || contentType === "application/json";
  const body: JsonObject = { ...(!isJson && { contentType }), ...rest };
  const at = { ...place, path: [...place.path, key] };
  if (contentType !== "application/octet-stream")
    addSlot(context, body, "schema", { from: payload, place: at });
  if (emptyWhen !== undefined) {
    const from = { file: context.reader.root, path: [], value: emptyWhen };
    addSlot(context, body, "emptyWhen", { from, place: at });
  }
  const examples = examplesOf(context, message);
  // The slots fill this very object.
  if (examples.length > 0) setProperty(body, "examples", examples);
  return { [key]: body };
}

/** Restores the error of a resource; nothing if it has the one of the protocol. */
export function errorOf(
  context: RestoreContext,
  own: unknown,
  message: Found | undefined,
  place: Place,
): JsonObject {
  if (!isObject(own)) return {};
  const home = { ...place, path: [...place.path, "error"] };
  const contentType = context.reader.text(message, "contentType");
  const isJson = contentType === undefined || contentType === "application/json";
  const { schema, ...rest } = own;
  const isInherited = schema === false;
  const examples = isInherited ? [] : examplesOf(context, message);
  const body = {
    ...rest,
    ...(!isJson && !isInherited && { contentType }),
    ...(examples.length > 0 && { examples }),
  };
  return {
    error: errorPayloadOf(context, body, isInherited ? undefined : payloadIn(context, message), home),
  };
}

/** Whether a message is a frame around nothing. */
export function isEmptyWrap(context: RestoreContext, message: Found | undefined): boolean {
  return ownKeysOf(context.reader.at(message, "payload")?.value)["wrapped"] === true;
}

/** The payload in a message: its schema, or the part that a frame is around. */
function payloadIn(context: RestoreContext, message: Found | undefined): Found | undefined {
  const payload = context.reader.raw(message, "payload");
  const frame = payload === undefined ? undefined : context.reader.resolve(payload);
  const wrapped = ownKeysOf(frame?.value)["wrapped"];
  if (wrapped === undefined || frame === undefined) return payload;
  return wrapped === true ? undefined : { file: frame.file, path: frame.path, value: wrapped };
}

function examplesOf(context: RestoreContext, message: Found | undefined): readonly unknown[] {
  const own = property(ownKeysOf(message?.value), "examples");
  if (Array.isArray(own)) return unescapeRefs(own) as readonly unknown[];
  return context.reader
    .items(context.reader.at(message, "examples"))
    .flatMap(({ value }) => (isObject(value) && Object.hasOwn(value, "payload") ? [value["payload"]] : []));
}

/** The first message of an operation or a reply, or else of its channel. */
export function firstMessage(reader: DocumentReader, from: Found | undefined): Found | undefined {
  return (
    reader.items(reader.at(from, "messages"))[0] ??
    reader.entries(reader.at(from, "channel", "messages"))[0]?.[1]
  );
}
