import type { QoS } from "../runtime/transport/transport.js";
import type { BrokerMessage } from "./broker-events.js";
import type { Redactor } from "./redactor.js";
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

/** Beyond so many messages, or so many bytes of them, the oldest ones are let go. */
const MAXIMUM = 10_000;
const MAXIMUM_BYTES = 64 * 1024 * 1024;

/** Keeps the requests of an API, in the order of their arrival; whatever else arrives is let pass. */
export class Recorder {
  /** Read when somebody looks: a mock under load has better things to do. */
  readonly #unread = new LastOnes<BrokerMessage>();
  readonly #read = new LastOnes<RecordedRequest>();
  readonly #reader: MessageReader;
  readonly #concealer: Redactor;

  constructor(reader: MessageReader, concealer: Redactor) {
    this.#reader = reader;
    this.#concealer = concealer;
  }

  /** Oldest first. */
  get requests(): readonly RecordedRequest[] {
    for (const message of this.#unread.take()) {
      const request = this.#request(message);
      if (request) this.#read.add(request, sizeOf(message));
    }
    return this.#read.values;
  }

  /** Takes note of an event. */
  record(event: MockEvent): void {
    if (event.kind !== "received") return;
    const { topic, qos } = event;
    // A copy: what it is a part of may be much larger.
    const payload = new Uint8Array(event.payload);
    const message = { topic, payload, qos };
    this.#unread.add(message, sizeOf(message));
  }

  #request({ topic, payload, qos }: BrokerMessage): RecordedRequest | undefined {
    const message = this.#reader.message(topic, payload);
    if (message?.kind !== "request") return undefined;
    const { template, requestId } = message;
    return {
      extension: template.extension,
      resource: template.resource,
      parameters: this.#concealer.parameters(message),
      ...(requestId !== undefined && { requestId }),
      topic: this.#concealer.text(topic, message),
      qos,
      payload: this.#concealer.payload(message),
    };
  }
}

/** About what it takes, in bytes: a topic of 65,535 may be most of it. */
function sizeOf({ topic, payload }: BrokerMessage): number {
  return payload.length + 2 * topic.length;
}

/** Values with their sizes, the last ones of them. */
class LastOnes<T> {
  #entries: { readonly value: T; readonly bytes: number }[] = [];
  #bytes = 0;

  get values(): readonly T[] {
    return this.#entries.map(({ value }) => value);
  }

  add(value: T, bytes: number): void {
    this.#entries.push({ value, bytes });
    this.#bytes += bytes;
    // Not one by one: that would move all of them each time.
    if (this.#entries.length < 2 * MAXIMUM && this.#bytes < 2 * MAXIMUM_BYTES) return;
    let from = this.#entries.length;
    let kept = 0;
    while (
      from > 0 &&
      this.#entries.length - from < MAXIMUM &&
      kept + this.#entries[from - 1]!.bytes <= MAXIMUM_BYTES
    ) {
      from -= 1;
      kept += this.#entries[from]!.bytes;
    }
    this.#entries = this.#entries.slice(from);
    this.#bytes = kept;
  }

  /** All of them, which are then gone from here. */
  take(): readonly T[] {
    const { values } = this;
    this.#entries = [];
    this.#bytes = 0;
    return values;
  }
}
