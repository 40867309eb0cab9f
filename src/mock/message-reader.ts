import { decode, defaultMaxDepth } from "../runtime/api/codec.js";
import type { PayloadDefinition } from "../runtime/api/descriptor.js";
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
  /** The number of bytes of a body that its resource does not define, and that nobody reads. */
  readonly ignoredBytes?: number;
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

  /** The definition of a message's body; undefined if it has none, or an empty one. */
  definition({ kind, resource }: Pick<ReadMessage, "kind" | "resource">): PayloadDefinition | undefined {
    const definitions = {
      request: resource.request,
      success: resource.response,
      error: resource.error ?? this.#api.protocol.errorPayload,
    };
    const definition = definitions[kind];
    return definition === "empty" ? undefined : definition;
  }

  /** Decodes a message. Does not validate it, so that invalid payloads can be printed and recorded too. */
  message(topic: string, body: Uint8Array): ReadMessage | undefined {
    const parsed = this.topic(topic);
    if (!parsed) return undefined;
    const definition = this.definition(parsed);
    if (definition === undefined)
      return {
        ...parsed,
        payload: undefined,
        sensitive: [],
        ...(body.length > 0 && { ignoredBytes: body.length }),
      };
    const { type, sensitive = [] } = definition;
    const decoded = decode({ type, optional: true }, body, { maxDepth: defaultMaxDepth });
    const message = { ...parsed, payload: decoded.value, sensitive };
    return decoded.fault ? { ...message, decodeError: decoded.errors[0]?.message ?? decoded.fault } : message;
  }
}
