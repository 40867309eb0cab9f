import type { BrokerMessage, MockEvent } from "../runtime/testing/events.js";
import type { Explainer } from "./explainer.js";
import type { MessageReader, ReadMessage } from "./message-reader.js";
import { type Redactor, redactedReason } from "./redactor.js";

/** The dependencies of {@link EventEntries}. */
export interface EventEntriesDeps {
  readonly reader: MessageReader;
  readonly redactor: Redactor;
  readonly explainer: Explainer;
}

/** Enough of a body that cannot be decoded to recognize it by. */
const MAX_TEXT_LENGTH = 1_000;
/** More than that, so that a secret at its end is seen as a whole and redacted. */
const MAX_TEXT_BYTES = 8_000;

/** Makes plain objects of events, without secrets: the lines of recordings and of the JSON log. */
export class EventEntries {
  readonly #deps: EventEntriesDeps;

  constructor(deps: EventEntriesDeps) {
    this.#deps = deps;
  }

  /** The entry of an event: `at` (ISO 8601), `kind`, `client`, and the properties of its kind. */
  entryOf(event: MockEvent, at = new Date()): object {
    const { redactor } = this.#deps;
    const { kind, client } = event;
    const common = {
      at: at.toISOString(),
      kind,
      client: client === undefined ? undefined : redactor.client(client),
    };
    switch (event.kind) {
      case "received":
      case "sent":
        return { ...common, ...this.#messageOf(event) };
      case "refused-request":
        return { ...common, ...this.#refusalOf(event) };
      case "subscribed":
        return { ...common, filter: redactor.topic(event.filter), qos: event.qos };
      case "refused-subscription":
        return { ...common, filter: redactor.topic(event.filter), reason: redactor.text(event.reason) };
      case "fault":
        return { ...common, fault: event.fault, topic: redactor.topic(event.topic) };
      default: {
        const { reason } = event;
        return reason === undefined ? common : { ...common, reason: redactor.text(reason) };
      }
    }
  }

  #refusalOf(event: MockEvent & { readonly kind: "refused-request" }): object {
    const { topic, payload, occasion } = event;
    const { reader, redactor } = this.#deps;
    const { template, requestId } = reader.find(topic, payload) ?? {};
    return {
      ...(template ? { resource: template.name, requestId } : { topic: redactor.topic(topic) }),
      occasion,
      reason: redactedReason(redactor, event),
    };
  }

  #messageOf({ kind, topic, payload, qos, receivers }: MessageEvent): object {
    const { reader, redactor, explainer } = this.#deps;
    const message = reader.message(topic, payload, kind === "sent" ? "platform" : "client");
    if (!message) {
      const reason = kind === "received" ? explainer.unknownTopic(topic) : undefined;
      return { topic: redactor.topic(topic), qos, bytes: payload.length, reason };
    }
    const { template, kind: part, requestId } = message;
    const isResponse = kind === "received" && part !== "request";
    const problem = isResponse ? explainer.problem(message) : undefined;
    return {
      part,
      resource: template.name,
      parameters: redactor.parameters(message),
      requestId,
      qos,
      ...this.#bodyOf(message, payload),
      ...(isResponse && { receivers }),
      ...(problem !== undefined && { problem: redactor.known(problem) }),
    };
  }

  #bodyOf(message: ReadMessage, body: Uint8Array): object {
    const { redactor } = this.#deps;
    const { decodeError, sensitive, ignoredBytes } = message;
    if (ignoredBytes !== undefined) return { ignoredBytes };
    const payload = redactor.payload(message);
    if (payload instanceof Uint8Array) return { bytes: payload.length, base64: base64Of(payload) };
    if (decodeError === undefined) return { payload };
    // Sensitive properties cannot be found in a body that cannot be decoded, so leave all of its text out.
    const text =
      sensitive.length > 0 ? undefined : redactor.text(beginningOf(body)).slice(0, MAX_TEXT_LENGTH);
    return { decodeError, bytes: body.length, text };
  }
}

/** An event with a message. */
type MessageEvent = BrokerMessage & {
  readonly kind: "received" | "sent";
  readonly receivers?: number;
};

function base64Of({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString("base64");
}

function beginningOf(body: Uint8Array): string {
  return new TextDecoder().decode(body.subarray(0, MAX_TEXT_BYTES));
}
