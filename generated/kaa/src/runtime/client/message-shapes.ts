/** The incoming messages of an API: which of them a message can be, by its topic and its body. */
import type { BodyTemplate } from "../api/body-template.js";
import {
  decode,
  type Decoded,
  type DecodeOptions,
  malformed,
  type ReceivedBody,
  validatePayload,
} from "../api/codec.js";
import type { MessageKind, PayloadDefinition, RequestId } from "../api/descriptor.js";
import type { Protocol } from "../api/protocol.js";
import { payloadOf, type Resource } from "../api/resource.js";
import { wrapError } from "../api/wrapped-body.js";
import { uncheckedCast } from "../internal/unchecked-cast.js";
import { TopicFilterTrie } from "../topics/filter-trie.js";
import { isRequestId, parseRequestId } from "../topics/grammar.js";
import type { TopicMessage, TopicValues } from "../topics/topic.js";
import type { IncomingMessage } from "../transport/transport.js";
import { parameterOf, problemOf } from "./message-parameters.js";

/** The messages of one or more resources that look the same. Their request ids, or the requests in flight, tell them apart. */
export interface MessageShape {
  readonly kind: MessageKind;
  readonly topic: TopicMessage;
  readonly wrap: BodyTemplate | undefined;
  readonly resources: readonly Resource[];
}

/** A way to read a topic. */
export interface TopicMatch {
  readonly shape: MessageShape;
  /** The values of all names but `requestId`. */
  readonly values: TopicValues;
  readonly requestId: RequestId | undefined;
  /** The number of fixed levels. */
  readonly levels: number;
}

/** A way to read a message. */
export interface MessageReading extends TopicMatch {
  /** The payload, which is decoded by the definition of the resource that the message turns out to belong to. */
  readonly body: ReceivedBody;
  /** Literals and names in the body. More of them are a better reading, in this order, before fixed levels of the topic. */
  readonly literals: number;
  readonly named: number;
}

/** The readings of a message; those that its body does not rule out, or else those that only its topic allows. */
export type MessageReadings =
  | { readonly best: readonly MessageReading[]; readonly fault?: undefined }
  | { readonly best: readonly MessageReading[]; readonly fault: Decoded };

/** Topics whose matches are kept, so that memory stays limited. Programs with more topics than that read them anew now and then. */
const MAX_KNOWN_TOPICS = 1_000;

/** The form of the ids that string-ids.ts makes. */
const GENERATED_ID = /^[0-9a-z]+$/;

/** The shapes of an API's incoming messages. */
export class MessageShapes {
  readonly #maxDepth: number;
  readonly #trie = new TopicFilterTrie<MessageShape[]>();
  /** The matches of topics without a request id, which occur again and again. */
  readonly #known = new Map<string, readonly TopicMatch[]>();

  constructor(maxDepth: number, resources: readonly Resource[]) {
    this.#maxDepth = maxDepth;
    for (const shape of shapesOf(resources)) {
      for (const filter of shape.topic.filters()) {
        const shapes = this.#trie.get(filter) ?? [];
        shapes.push(shape);
        this.#trie.set(filter, shapes);
      }
    }
  }

  /** The ways to read a topic. */
  match(topic: string): readonly TopicMatch[] {
    const known = this.#known.get(topic);
    if (known) return known;
    const levels = topic.split("/");
    const matches: TopicMatch[] = [];
    for (const shape of this.#trie.match(topic).flat()) {
      const found = shape.topic.read(levels);
      if (!found) continue;
      const { parameters: values, requestId } = found;
      matches.push({ shape, values, requestId, levels: fixedLevels(shape, levels.length) });
    }
    if (matches.length > 0 && matches.every(({ requestId }) => requestId === undefined)) {
      if (this.#known.size >= MAX_KNOWN_TOPICS) this.#known.clear();
      this.#known.set(topic, matches);
    }
    return matches;
  }

  /**
   * Reads a message, by the ways to read its topic. The best readings are more than one only if shapes tie. Parses the body at most
   * once.
   */
  read(
    { topic, payload }: Pick<IncomingMessage, "topic" | "payload">,
    matches = this.match(topic),
  ): MessageReadings | undefined {
    const readings: MessageReading[] = [];
    const unread: MessageReading[] = [];
    let parsed: Decoded | undefined;
    let fault: Decoded | undefined;
    for (const match of matches) {
      const { shape, values, requestId, levels } = match;
      const reading = { shape, values, requestId, levels, body: payload, literals: 0, named: 0 };
      if (!shape.wrap) readings.push(reading);
      else {
        parsed ??= decode({ type: "json" }, payload, { maxDepth: this.#maxDepth });
        const wrapped = parsed.fault ? undefined : readBody(reading, shape.wrap, payload, parsed.value);
        if (wrapped) readings.push(wrapped);
        else {
          unread.push(reading);
          fault ??= parsed.fault ? parsed : formFault(parsed.value);
        }
      }
    }
    if (readings.length > 0) return { best: bestOf(readings) };
    return fault && { best: unread, fault };
  }
}

/** Reads a body by the template of a shape. Returns `undefined` if the values differ from those in the topic, or are not legal. */
function readBody(
  match: TopicMatch,
  wrap: BodyTemplate,
  bytes: Uint8Array,
  json: unknown,
): MessageReading | undefined {
  const { shape, values, requestId, levels } = match;
  const { kind, resources } = shape;
  const isMissable = (name: string): boolean =>
    resources.some((resource) => isOptional(resource, kind, name));
  const accepts = (name: string, text: string): boolean => acceptsText(match, name, text);
  // Beside other names in a text, an id is rather one of those that clients make than a longer one.
  const acceptsGenerated = (name: string, text: string): boolean =>
    (name !== "requestId" || GENERATED_ID.test(text)) && accepts(name, text);
  const { type } = resources[0]!.template.protocol.requestId ?? {};
  const generated = type === "string" ? wrap.read(json, isMissable, acceptsGenerated) : undefined;
  const reading = generated ?? wrap.read(json, isMissable, accepts);
  if (!reading) return undefined;
  const all = new Map(Object.entries(values));
  let id = requestId;
  for (const [name, value] of Object.entries(reading.values)) {
    const legal = legalOf(shape, name, value, reading.texts.has(name));
    if (legal === undefined) return undefined;
    const known = name === "requestId" ? id : all.get(name);
    if (known !== undefined && known !== legal) return undefined;
    if (name === "requestId") id = legal;
    else all.set(name, legal);
  }
  const { body, literals, named } = reading;
  return {
    shape,
    values: Object.fromEntries(all),
    requestId: id,
    levels,
    body: { bytes, decode: (definition, options) => decodePart(definition, body, options) },
    literals,
    named,
  };
}

/** Whether a part of a text is a legal value of a name, and the one in the topic if the topic has it. */
export function acceptsText({ shape, values, requestId }: TopicMatch, name: string, text: string): boolean {
  if (name === "body" || name === "now") return true;
  const legal = legalOf(shape, name, text, true);
  const known = name === "requestId" ? requestId : values[name];
  return legal !== undefined && (known === undefined || known === legal);
}

/** The value of a name; `undefined` for an illegal one. */
export function legalOf(
  { resources }: MessageShape,
  name: string,
  value: unknown,
  isText: boolean,
): RequestId | undefined {
  return name === "requestId"
    ? legalId(resources[0]!.template.protocol, value, isText)
    : legalValue(resources[0]!, name, value, isText);
}

/** The incoming messages of these resources, equal ones once. */
function shapesOf(resources: readonly Resource[]): readonly MessageShape[] {
  const shapes = new Map<string, MessageShape & { readonly resources: Resource[] }>();
  for (const resource of resources) {
    const { template, wraps, support, response } = resource;
    const kinds = support?.incoming ? (["request"] as const) : (["success", "error"] as const);
    for (const kind of kinds) {
      const topic = template.messages?.[kind];
      if (!topic || (kind === "success" && response === undefined)) continue;
      const wrap = wraps?.[kind];
      const key = JSON.stringify([kind, topic.text, wrap?.text]);
      const shape = shapes.get(key);
      if (shape) shape.resources.push(resource);
      else shapes.set(key, { kind, topic, wrap, resources: [resource] });
    }
  }
  return Array.from(shapes.values());
}

/** The readings with the highest score. */
function bestOf(readings: readonly MessageReading[]): readonly MessageReading[] {
  let best: MessageReading[] = [];
  for (const reading of readings) {
    const difference = best[0] ? compare(reading, best[0]) : 1;
    if (difference > 0) best = [reading];
    else if (difference === 0) best.push(reading);
  }
  return best;
}

function compare(one: MessageReading, other: MessageReading): number {
  return one.literals - other.literals || one.named - other.named || one.levels - other.levels;
}

/** The number of fixed levels of the variant with this length. */
function fixedLevels({ topic }: MessageShape, length: number): number {
  const variant = topic.variants.find((levels) => levels.length === length) ?? [];
  return variant.filter((level) => level !== undefined).length;
}

/** Whether a name may be missing in the bodies of a resource's messages. */
function isOptional(resource: Resource, kind: MessageKind, name: string): boolean {
  if (name === "requestId") return resource.requestId === "optional";
  if (name !== "body") return resource.template.path.some(({ text, optional }) => text === name && optional);
  const definition = payloadOf(resource, kind);
  return definition === undefined || definition === "empty" || definition.optional === true;
}

/** The value of a parameter in a body; `undefined` for an illegal one. */
function legalValue(
  resource: Resource,
  name: string,
  given: unknown,
  isText: boolean,
): string | number | undefined {
  const rule = parameterOf(resource, name);
  // Inside a text, a number is a text.
  const isNumber = isText && rule?.integer && /^(?:0|-?[1-9][0-9]{0,15})$/.test(String(given));
  const value = isNumber ? Number(given) : given;
  return problemOf(rule, value) === undefined ? uncheckedCast<string | number>(value) : undefined;
}

/** A request id in a body; `undefined` for an illegal one. */
function legalId({ requestId: ids }: Protocol, given: unknown, isText: boolean): RequestId | undefined {
  if (ids?.type === "string") return typeof given === "string" && given !== "" ? given : undefined;
  if (isText) return typeof given === "string" ? parseRequestId(given, ids?.accept) : undefined;
  return isRequestId(given, ids?.accept) ? given : undefined;
}

/** Decodes a payload that was parsed as a part of its body. */
function decodePart(
  definition: PayloadDefinition | "empty" | undefined,
  value: unknown,
  options: DecodeOptions,
): Decoded {
  if (definition === undefined || definition === "empty") return { value: undefined };
  if (value === undefined) return definition.optional ? { value } : malformed("has no payload");
  const decoded = validatePayload(definition, value, options);
  // A payload that was left out and one without properties look the same where the properties are spread.
  const isBlank = definition.optional && JSON.stringify(value) === "{}";
  return decoded.fault && isBlank ? { value: undefined } : decoded;
}

/** The fault of a body that is JSON, but none of the messages that its topic allows. */
function formFault(value: unknown): Decoded {
  return { fault: "invalid", errors: [wrapError("is none of the messages of its topic")], value };
}
