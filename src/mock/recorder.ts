import type { QoS } from "../runtime/transport.js";
import type { Concealer } from "./concealer.js";
import type { MessageReader } from "./message-reader.js";
import type { MockEvent } from "./mock-events.js";

/** A request that reached the mock. What the spec calls secret or sensitive is `***` in it, unless it is asked for. */
export interface RecordedRequest {
  /** As the spec spells it. */
  readonly extension: string;
  /** As the spec spells it. */
  readonly resource: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly requestId?: number;
  readonly topic: string;
  readonly qos: QoS;
  /** What was read; `undefined` for an empty body, and for one that can not be read. */
  readonly payload: unknown;
}

/** Requests beyond this many push the oldest ones out. */
const MAXIMUM = 10_000;

/** Keeps the requests of an API, in the order of their arrival; whatever else arrives is let pass. */
export class Recorder {
  readonly requests: RecordedRequest[] = [];
  readonly #reader: MessageReader;
  readonly #concealer: Concealer;

  constructor(reader: MessageReader, concealer: Concealer) {
    this.#reader = reader;
    this.#concealer = concealer;
  }

  /** Records an event if it is a request of the API. */
  record(event: MockEvent): void {
    if (event.kind !== "received") return;
    const { topic, payload, qos } = event;
    const message = this.#reader.message(topic, payload);
    if (message?.kind !== "request") return;
    const { shape, requestId } = message;
    this.requests.push({
      extension: shape.extension,
      resource: shape.resource,
      parameters: this.#concealer.parameters(message),
      ...(requestId !== undefined && { requestId }),
      topic: this.#concealer.text(topic, message),
      qos,
      payload: this.#concealer.payload(message),
    });
    if (this.requests.length > MAXIMUM) this.requests.shift();
  }
}
