import { BoundedLog } from "./bounded-log.js";
import type { BrokerMessage, MockEvent } from "../runtime/testing/events.js";
import type { RecordedRequest } from "../runtime/testing/mock.js";
import type { MessageReader } from "./message-reader.js";
import { type Redactor, redactedReason } from "./redactor.js";

/** A message, and what is known of it later. */
interface LoggedMessage extends BrokerMessage {
  refused?: { readonly reason: string; readonly cause?: string };
  /** Set once it is decoded. */
  request?: { -readonly [Name in keyof RecordedRequest]: RecordedRequest[Name] };
}

/** Enough for a test to inspect. Beyond these limits, the oldest requests are dropped, so that memory stays bounded. */
const LIMITS = { maxEntries: 10_000, maxBytes: 64 * 1024 * 1024 };

/** The requests that a mock received, oldest first. Ignores all other messages. */
export class RequestLog {
  /** Decoded only when the log is read, because that takes longer than the mock needs to respond. */
  readonly #undecoded = new BoundedLog<LoggedMessage>(LIMITS);
  readonly #requests = new BoundedLog<RecordedRequest>(LIMITS);
  /** The messages by the payload of their event, an object of its own for each. */
  readonly #byPayload = new WeakMap<Uint8Array, LoggedMessage>();
  readonly #deps: { readonly reader: MessageReader; readonly redactor: Redactor };

  constructor(deps: { readonly reader: MessageReader; readonly redactor: Redactor }) {
    this.#deps = deps;
  }

  /** Oldest first. */
  get requests(): readonly RecordedRequest[] {
    for (const message of this.#undecoded.take()) {
      const request = this.#requestOf(message);
      if (request) this.#requests.add(request, sizeOf(message));
    }
    return this.#requests.values;
  }

  /** Adds the message of an event. */
  add(event: MockEvent): void {
    if (event.kind === "refused-request") this.#refuse(event);
    if (event.kind !== "received") return;
    const { topic, qos } = event;
    // A copy, because the payload may be a view of a much larger buffer, which would be kept in memory too.
    const payload = new Uint8Array(event.payload);
    const message: LoggedMessage = { topic, payload, qos };
    this.#byPayload.set(event.payload, message);
    this.#undecoded.add(message, sizeOf(message));
  }

  #refuse(event: MockEvent & { readonly kind: "refused-request" }): void {
    const message = this.#byPayload.get(event.payload);
    if (!message) return;
    message.refused = event;
    if (message.request) message.request.refused = redactedReason(this.#deps.redactor, event);
  }

  #requestOf(logged: LoggedMessage): RecordedRequest | undefined {
    const { topic, payload, qos, refused } = logged;
    const message = this.#deps.reader.message(topic, payload);
    if (message?.kind !== "request" || message.resource.support?.incoming) return undefined;
    const { template, requestId } = message;
    return (logged.request = {
      extension: template.extension,
      resource: template.resource,
      parameters: this.#deps.redactor.parameters(message),
      ...(requestId !== undefined && { requestId }),
      topic: this.#deps.redactor.text(topic),
      qos,
      payload: this.#deps.redactor.payload(message),
      ...(refused !== undefined && { refused: redactedReason(this.#deps.redactor, refused) }),
    });
  }
}

/** The approximate size of a message, in bytes. Topics count too: one of 65,535 bytes may be most of it. */
function sizeOf({ topic, payload }: BrokerMessage): number {
  return payload.length + 2 * topic.length;
}
