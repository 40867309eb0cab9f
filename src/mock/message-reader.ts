import { decode, defaultMaxDepth } from "../runtime/api/codec.js";
import type { Resource } from "../runtime/api/resource.js";
import type { Api } from "../runtime/platform.js";
import { topicReader } from "../runtime/topics/parser.js";
import type { ParsedTopic } from "../runtime/topics/topic.js";

/** A decoded message of the API. */
export interface ReadMessage extends ParsedTopic {
  readonly resource: Resource;
  /** The decoded payload; undefined for a body that is empty or cannot be decoded. */
  readonly payload: unknown;
  /** The reason why the body cannot be decoded: `is not JSON`. */
  readonly decodeError?: string;
  /** JSON pointers to sensitive properties of the payload. */
  readonly sensitive: readonly string[];
}

/** Decodes the requests and responses of an API. */
export class MessageReader {
  readonly #api: Api;
  readonly #resources: ReadonlyMap<unknown, Resource>;
  readonly #read: ReturnType<typeof topicReader>;

  constructor(api: Api) {
    const resources = api.extensions.flatMap((extension) => Object.values(extension.resources));
    this.#api = api;
    this.#resources = new Map(resources.map((resource) => [resource.template, resource]));
    this.#read = topicReader(resources);
  }

  /** All resources of the API. */
  get resources(): readonly Resource[] {
    return Array.from(this.#resources.values());
  }

  /** Parses a topic; returns undefined if it belongs to no resource of the API. */
  topic(topic: string): (ParsedTopic & { readonly resource: Resource }) | undefined {
    const parsed = this.#read(topic);
    const resource = parsed && this.#resources.get(parsed.template);
    return resource && { ...parsed, resource };
  }

  /** Decodes a message. Does not validate it, so that invalid payloads can be printed and recorded too. */
  message(topic: string, body: Uint8Array): ReadMessage | undefined {
    const parsed = this.topic(topic);
    if (!parsed) return undefined;
    const { resource, kind } = parsed;
    const definitions = {
      request: resource.request,
      success: resource.response,
      error: resource.error ?? this.#api.protocol.errorPayload,
    };
    const definition = definitions[kind];
    if (definition === undefined || definition === "empty")
      return { ...parsed, payload: undefined, sensitive: [] };
    const { type, sensitive = [] } = definition;
    const decoded = decode({ type, optional: true }, body, { maxDepth: defaultMaxDepth });
    const message = { ...parsed, payload: decoded.value, sensitive };
    return decoded.fault ? { ...message, decodeError: decoded.errors[0]?.message ?? decoded.fault } : message;
  }
}
