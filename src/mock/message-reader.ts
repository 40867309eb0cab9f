import { decode, defaultMaxDepth } from "../runtime/api/codec.js";
import type { PayloadDefinition, RequestId } from "../runtime/api/descriptor.js";
import type { Resource } from "../runtime/api/resource.js";
import type { Api } from "../runtime/platform.js";
import { topicReader } from "../runtime/topics/parser.js";
import { suffixOf, type TopicValues } from "../runtime/topics/topic.js";
import { type FoundMessage, type Sender, ShapedMessages } from "./shaped-messages.js";

/** A decoded message of the API. */
export interface ReadMessage extends FoundMessage {
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
  readonly #shaped: ShapedMessages;

  constructor(api: Api) {
    const resources = api.extensions.flatMap((extension) => Object.values(extension.resources));
    this.#api = api;
    this.#resources = new Map(resources.map((resource) => [resource.template, resource]));
    this.#read = topicReader(resources.filter(({ support }) => !support));
    this.#shaped = new ShapedMessages(api.protocol, resources);
  }

  /** All resources of the API. */
  get resources(): readonly Resource[] {
    return Array.from(this.#resources.values());
  }

  /** Finds the resource of a message of one side; returns undefined if it belongs to none. */
  find(topic: string, body: Uint8Array, from: Sender = "client"): FoundMessage | undefined {
    const shaped = this.#shaped.find(topic, body, from);
    if (shaped) return shaped;
    const parsed = this.#read(topic);
    const resource = parsed && this.#resources.get(parsed.template);
    return resource && { ...parsed, resource, body };
  }

  /** The key that a request and its responses have in common. */
  keyOf({ template, resource, kind, parameters, requestId }: FoundMessage, topic: string): string {
    if (!resource.support) return topic.slice(0, topic.length - suffixOf(template.protocol, kind).length);
    const names = template.protocol.requestId?.uniquePer ?? [];
    const values: TopicValues = { ...parameters };
    return JSON.stringify([template.name, requestId, ...names.map((name) => values[name])]);
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
  message(topic: string, bytes: Uint8Array, from: Sender = "client"): ReadMessage | undefined {
    const found = this.find(topic, bytes, from);
    if (!found) return undefined;
    const definition = this.definition(found);
    if (definition === undefined && !found.isForeign)
      return {
        ...found,
        payload: undefined,
        sensitive: [],
        ...(bytes.length > 0 && !found.resource.wraps?.[found.kind] && { ignoredBytes: bytes.length }),
      };
    const { type = "json", sensitive = [], scalar } = definition ?? {};
    const decoded = decode({ type, optional: true, ...(scalar && { scalar }) }, found.body, {
      maxDepth: defaultMaxDepth,
    });
    const message = { ...found, payload: decoded.value, sensitive };
    return decoded.fault ? { ...message, decodeError: decoded.errors[0]?.message ?? decoded.fault } : message;
  }
}

/** Whether a request is answered. A send is not. */
export function expectsResponse({
  resource,
  requestId,
}: Pick<FoundMessage, "resource"> & {
  readonly requestId?: RequestId | undefined;
}): boolean {
  if (resource.requestId === "single") return resource.response !== undefined;
  return requestId !== undefined || resource.withoutRequestId === true;
}
