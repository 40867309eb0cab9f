import type { ReceivedBody } from "../api/codec.js";
import type { ErrorOccasion, RequestId } from "../api/descriptor.js";
import { uncheckedCast } from "../internal/unchecked-cast.js";
import type { TopicTemplate, TopicValues } from "../topics/topic.js";
import type { IncomingMessage } from "../transport/transport.js";
import type { AnyPushes, RequestContext } from "./request-handler.js";

/** The payload of a response, encoded. */
export interface OutgoingResponse {
  readonly kind: "success" | "error";
  readonly payload: Uint8Array;
  /** Nothing takes its place if it cannot be sent. */
  readonly isLast?: boolean;
}

/** A response as it is published. */
export interface AddressedResponse {
  readonly topic: string;
  readonly body: Uint8Array;
}

/** A request, as far as it could be read. */
export interface ReceivedRequest {
  readonly message: IncomingMessage;
  /** Absent for a request of an unknown resource. */
  readonly template: TopicTemplate | undefined;
  readonly values: TopicValues;
  readonly requestId: RequestId | undefined;
  readonly body: ReceivedBody;
  /** The reason to refuse the request before its handler sees it. */
  readonly refusal?: { readonly occasion: ErrorOccasion; readonly reason: string } | undefined;
  /** Returns `undefined` if the request can have no such response. */
  readonly address: (response: OutgoingResponse) => AddressedResponse | undefined;
}

/** Creates the properties of a {@link ServedRequest} that most handlers do not read. */
interface LazyProperties {
  readonly signal: () => AbortSignal;
  readonly endpoint: () => AnyPushes;
}

/** The context of one request. A class, because an object literal with getters would be the most expensive part of a request. */
export class ServedRequest implements RequestContext {
  declare readonly requestId?: number;
  readonly extension: string;
  readonly resource: string;
  readonly parameters: RequestContext["parameters"];
  readonly topic: string;
  readonly qos: RequestContext["qos"];
  readonly body: Uint8Array;
  readonly #lazy: LazyProperties;

  constructor(
    { message: { topic, qos, payload }, values, requestId }: ReceivedRequest,
    { extension, resource }: TopicTemplate,
    lazy: LazyProperties,
  ) {
    this.extension = extension;
    this.resource = resource;
    // Generated code states the types of parameters and ids.
    this.parameters = uncheckedCast<RequestContext["parameters"]>(values);
    if (requestId !== undefined) this.requestId = uncheckedCast<number>(requestId);
    this.topic = topic;
    this.qos = qos;
    this.body = payload;
    this.#lazy = lazy;
  }

  get signal(): AbortSignal {
    return this.#lazy.signal();
  }

  get endpoint(): AnyPushes {
    return this.#lazy.endpoint();
  }
}
