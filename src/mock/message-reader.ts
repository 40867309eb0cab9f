import { decode, defaultMaxDepth } from "../runtime/api/codec.js";
import { topicReader } from "../runtime/topics/parser.js";
import type { PlatformApi } from "../runtime/platform.js";
import type { Resource } from "../runtime/api/resource.js";
import type { ParsedTopic } from "../runtime/topics/topic.js";

/** What a message of the API says. */
export interface ReadMessage extends ParsedTopic {
  readonly resource: Resource;
  /** What was read; `undefined` for an empty body, and for one that can not be read. */
  readonly payload: unknown;
  /** Why it can not be read: `is not JSON`, say. */
  readonly fault?: string;
  /** JSON pointers to members of the payload that must not be shown. */
  readonly sensitive: readonly string[];
}

/** Reads messages of an API, requests and answers alike. */
export class MessageReader {
  readonly #api: PlatformApi;
  readonly #resources: ReadonlyMap<unknown, Resource>;
  readonly #read: ReturnType<typeof topicReader>;

  constructor(api: PlatformApi) {
    const resources = api.extensions.flatMap((extension) => Object.values(extension.resources));
    this.#api = api;
    this.#resources = new Map(resources.map((resource) => [resource.template, resource]));
    this.#read = topicReader(resources);
  }

  /** All resources of the API. */
  get resources(): readonly Resource[] {
    return Array.from(this.#resources.values());
  }

  /** What a topic says; `undefined` if it is none of the API's. */
  topic(topic: string): (ParsedTopic & { readonly resource: Resource }) | undefined {
    const parsed = this.#read(topic);
    const resource = parsed && this.#resources.get(parsed.template);
    return resource && { ...parsed, resource };
  }

  /** What a message says. Schemas are not asked: what is wrong is to be seen as well. */
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
    const { sensitive = [] } = definition;
    const { type } = definition;
    const read = decode({ type, optional: true }, body, { maxDepth: defaultMaxDepth });
    const message = { ...parsed, payload: read.value, sensitive };
    return read.fault ? { ...message, fault: read.errors[0]?.message ?? read.fault } : message;
  }
}
