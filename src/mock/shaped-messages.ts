import { defaultMaxDepth, type ReceivedBody } from "../runtime/api/codec.js";
import type { RequestId } from "../runtime/api/descriptor.js";
import type { Protocol } from "../runtime/api/protocol.js";
import type { Resource } from "../runtime/api/resource.js";
import { type MessageReading, MessageShapes } from "../runtime/client/message-shapes.js";
import { mirror } from "../runtime/platform/platform-messages.js";
import type { ParsedTopic, TopicValues } from "../runtime/topics/topic.js";

/** The side that has published a message. */
export type Sender = "client" | "platform";

/** A message of the API, as far as its topic and the form of its body tell. */
export interface FoundMessage extends ParsedTopic {
  readonly resource: Resource;
  /** The body, or the part of it that is the payload. */
  readonly body: ReceivedBody;
  /** The body is none of the messages of its topic, so that the resource is only one of several. */
  readonly isForeign?: boolean;
}

/** Requests whose resources are remembered, so that a response is told from those of resources with the same form. Beyond it, the oldest are forgotten. */
const MAX_REQUESTS = 1_000;

/** Finds the resources of messages that go beyond topics with suffixes, by topic and body. */
export class ShapedMessages {
  readonly #protocol: Protocol;
  readonly #originals = new Map<Resource, Resource>();
  /** By the side that publishes the messages: a topic may be used in both directions. */
  readonly #shapes: Readonly<Record<Sender, MessageShapes>>;
  /** The resources of requests by the values that identify them. */
  readonly #requests = new Map<string, Resource>();

  constructor(protocol: Protocol, resources: readonly Resource[]) {
    const shaped = resources.filter(({ support }) => support);
    const mirrored = shaped.map((resource) => {
      const other = mirror(resource);
      this.#originals.set(other, resource);
      return other;
    });
    this.#protocol = protocol;
    this.#shapes = {
      platform: new MessageShapes(defaultMaxDepth, shaped),
      client: new MessageShapes(defaultMaxDepth, mirrored),
    };
  }

  /** Finds the resource of a message of one side, or of the other side if it is none of that. */
  find(topic: string, body: Uint8Array, from: Sender): FoundMessage | undefined {
    const own = this.#find(topic, body, from);
    if (own && !own.isForeign) return own;
    const other = this.#find(topic, body, from === "client" ? "platform" : "client");
    return other && (!own || !other.isForeign) ? other : own;
  }

  #find(topic: string, payload: Uint8Array, from: Sender): FoundMessage | undefined {
    const readings = this.#shapes[from].read({ topic, payload });
    const [reading] = readings?.best ?? [];
    if (!readings || !reading) return undefined;
    const { shape, values, requestId } = reading;
    const { fault } = readings;
    const resource = this.#resourceOf(reading);
    if (shape.kind === "request" && !fault) this.#remember(resource, reading);
    return {
      resource,
      template: resource.template,
      kind: shape.kind,
      // Names without a value, such as optional ones, are absent.
      parameters: values as ParsedTopic["parameters"],
      ...(requestId !== undefined && { requestId }),
      body: fault ? { bytes: payload, decode: () => fault } : reading.body,
      ...(fault && { isForeign: true }),
    };
  }

  /** The resource of a message. Where several have messages of one form, a response belongs to that of the last request with its id. */
  #resourceOf(reading: MessageReading): Resource {
    const { resources } = reading.shape;
    const asked = resources.length > 1 ? this.#requests.get(this.#keyOf(reading)) : undefined;
    const found = resources.find((resource) => this.#original(resource) === asked) ?? resources[0]!;
    return this.#original(found);
  }

  #original(resource: Resource): Resource {
    return this.#originals.get(resource) ?? resource;
  }

  #remember(resource: Resource, reading: MessageReading): void {
    const key = this.#keyOf(reading);
    this.#requests.delete(key);
    this.#requests.set(key, resource);
    const [oldest] = this.#requests.keys();
    if (this.#requests.size > MAX_REQUESTS && oldest !== undefined) this.#requests.delete(oldest);
  }

  #keyOf({
    values,
    requestId,
  }: {
    readonly values: TopicValues;
    readonly requestId: RequestId | undefined;
  }): string {
    const names = this.#protocol.requestId?.uniquePer ?? [];
    return JSON.stringify([requestId, ...names.map((name) => values[name])]);
  }
}
