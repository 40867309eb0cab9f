import { open, rm } from "node:fs/promises";
import type { WriteStream } from "node:fs";
import type { Api } from "../runtime/platform.js";
import type { BrokerMessage, MockEvent } from "./events.js";
import type { MessageReader } from "./message-reader.js";
import { createRedactor, pseudonyms, type Redactor } from "./redactor.js";

/** Enough of a body that cannot be decoded to recognise it by. */
const MAX_TEXT_BYTES = 1_000;

/**
 * A file of events as JSON Lines, written while they happen. Secrets are replaced by pseudonyms that stay the same
 * (`endpoint-1`), and client ids too (`client-1`).
 */
export class Recording {
  readonly #path: string;
  readonly #stream: WriteStream;
  readonly #reader: MessageReader;
  readonly #redactor: Redactor;
  readonly #closed: Promise<void>;
  #failure: Error | undefined;

  private constructor(path: string, stream: WriteStream, { api, reader }: RecordingDeps) {
    this.#path = path;
    this.#stream = stream;
    this.#reader = reader;
    this.#redactor = createRedactor(api, {
      inTopics: pseudonyms("endpoint"),
      inPayloads: pseudonyms("secret"),
    });
    this.#closed = new Promise((resolve) => stream.once("close", resolve));
    stream.on("error", (error) => {
      this.#failure = new Error(`cannot write ${path}: ${error.message}`, { cause: error });
    });
  }

  /**
   * Creates the file of a recording.
   *
   * @throws Error with code EEXIST if the file exists: a recording does not overwrite another.
   */
  static async open(path: string, deps: RecordingDeps): Promise<Recording> {
    const file = await open(path, "wx");
    return new Recording(path, file.createWriteStream(), deps);
  }

  /** Appends an event. */
  write(event: MockEvent): void {
    if (!this.#failure) this.#stream.write(`${JSON.stringify(this.#entryOf(event))}\n`);
  }

  /** Resolves when all events are on disk; rejects if one could not be written. */
  async close(): Promise<void> {
    this.#stream.end();
    await this.#closed;
    if (this.#failure) throw this.#failure;
  }

  /** Deletes the file. */
  async discard(): Promise<void> {
    await this.close().catch(() => undefined);
    await rm(this.#path, { force: true });
  }

  #entryOf(event: MockEvent): object {
    const { kind, client, ...details } = event;
    const common = {
      at: new Date().toISOString(),
      kind,
      client: client === undefined ? undefined : this.#redactor.client(client),
    };
    if (event.kind === "refused-request") return { ...common, ...this.#refusalOf(event) };
    if ("qos" in details && "payload" in details) return { ...common, ...this.#messageOf(details) };
    const properties = Object.entries(details)
      // The origin is an object of the broker, which cannot be serialised.
      .filter(([key]) => key !== "origin")
      .map(([key, value]) => [key, typeof value === "string" ? this.#redact(key, value) : value]);
    return { ...common, ...Object.fromEntries(properties) };
  }

  #refusalOf({ topic, occasion, reason }: MockEvent & { readonly kind: "refused-request" }): object {
    const message = this.#reader.topic(topic);
    const { template, requestId } = message ?? {};
    return {
      ...(template ? { resource: template.name, requestId } : { topic: this.#redactor.topic(topic) }),
      occasion,
      reason: this.#redactor.text(reason),
    };
  }

  #messageOf({ topic, payload, qos }: BrokerMessage): object {
    const message = this.#reader.message(topic, payload);
    if (!message) return { topic: this.#redactor.topic(topic), qos, bytes: payload.length };
    const { template, kind: part, requestId, decodeError, sensitive } = message;
    const common = {
      part,
      resource: template.name,
      parameters: this.#redactor.parameters(message),
      requestId,
      qos,
    };
    if (decodeError === undefined) return { ...common, payload: this.#redactor.payload(message) };
    // Sensitive properties cannot be found in a body that cannot be decoded, so leave all of its text out.
    const text = sensitive.length > 0 ? undefined : this.#redactor.text(beginningOf(payload), message);
    return { ...common, decodeError, bytes: payload.length, text };
  }

  #redact(key: string, value: string): string {
    return key === "topic" || key === "filter" ? this.#redactor.topic(value) : this.#redactor.text(value);
  }
}

/** The dependencies of a {@link Recording}. */
export interface RecordingDeps {
  readonly api: Api;
  readonly reader: MessageReader;
}

function beginningOf(body: Uint8Array): string {
  return new TextDecoder().decode(body.subarray(0, MAX_TEXT_BYTES));
}
