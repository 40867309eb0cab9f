/** The requests and observers that messages belong to: their keys, and the bodies that they get. */
import { decode, type ReceivedBody } from "../api/codec.js";
import type { Request, Resource } from "../api/resource.js";
import type { TopicValues } from "../topics/topic.js";
import type { IncomingMessage } from "../transport/transport.js";
import { correlationKey, namesOf, OTHER_NAMES } from "./message-keys.js";
import { ownNames } from "./message-parameters.js";
import type { MessageReading } from "./message-shapes.js";

/** A call of the platform, as its handler gets it. */
export interface IncomingCall {
  readonly reading: MessageReading;
  readonly message: IncomingMessage;
}

/** Picks the values of these names that are not undefined. */
export function pickValues(names: readonly string[], values: TopicValues): Record<string, unknown> {
  return Object.fromEntries(
    names.flatMap((name) => (values[name] === undefined ? [] : [[name, values[name]]])),
  );
}

/** The key, among the observers of a session, of those of a resource with these values. */
export function observerKey({ template }: Resource, names: readonly string[], values: TopicValues): string {
  return `#${JSON.stringify([template.name, ...names.map((name) => [name, values[name]])])}`;
}

/** The key of the request that a response belongs to; `undefined` if the response does not say. */
export function keyOfResponse(resource: Resource, { values, requestId }: MessageReading): string | undefined {
  return requestId === undefined && resource.requestId !== "single"
    ? undefined
    : correlationKey(resource, values, requestId);
}

/** Whether a response has the values of the request, for every name that it can have. */
export function belongsTo(
  { shape, values, requestId }: MessageReading,
  { target: { resource, values: requested }, message }: Request,
): boolean {
  if (!shape.resources.includes(resource)) return false;
  const names = namesOf(resource, shape.kind);
  if (names.has("request") && values["request"] !== message?.build(requestId).topic) return false;
  for (const name of names) if (!OTHER_NAMES.has(name) && requested[name] !== values[name]) return false;
  return true;
}

/** Whether all readings as responses are of the same resources, so that one without an id cannot be of others. */
export function haveSameOwners(readings: readonly MessageReading[]): boolean {
  const owners = readings.map(({ shape }) => shape).filter(({ kind }) => kind !== "request");
  const all = new Set(owners.flatMap(({ resources }) => resources));
  return owners.every(({ resources }) => resources.length === all.size);
}

/** The body of a call, which is decoded as the call itself. */
export function callBody(reading: MessageReading, message: IncomingMessage): ReceivedBody {
  const call: IncomingCall = { reading, message };
  return { bytes: message.payload, decode: () => ({ value: call }) };
}

/** The body of an event. Decodes to the payload; to the payload and the own parameters if the event has some. */
export function eventBody(
  resource: Resource,
  { body, values }: MessageReading,
  message: IncomingMessage,
): ReceivedBody {
  const own = ownNames(resource);
  return {
    bytes: message.payload,
    decode(_definition, options) {
      const decoded = decode(resource.request, body, options);
      if (own.length === 0) return decoded;
      return { ...decoded, value: { body: decoded.value, ...pickValues(own, values) } };
    },
  };
}
