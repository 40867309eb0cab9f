import { open } from "node:fs/promises";
import type { PlatformApi } from "../runtime/platform.js";
import { aliases, concealer } from "./concealer.js";
import type { MessageReader } from "./message-reader.js";
import type { MockEvent } from "./mock-events.js";

/** A record that is written to as things happen. */
export interface RecordFile {
  write(event: MockEvent): void;
  /** Settles when everything is on disk. */
  close(): Promise<void>;
}

/**
 * Begins a record: a JSON value a line, secrets replaced by names that stay the same (`endpoint-1`), and so are the ids of
 * clients (`client-1`).
 *
 * @throws EEXIST, if the file is there: what somebody recorded is not written over.
 */
export async function openRecord(path: string, api: PlatformApi, reader: MessageReader): Promise<RecordFile> {
  const file = await open(path, "wx");
  const stream = file.createWriteStream();
  const conceal = concealer(api, aliases("endpoint"), aliases("secret"));
  const nameOfClient = aliases("client");

  const lineOf = (event: MockEvent): object => {
    const { kind, client, ...details } = event;
    const common = {
      at: new Date().toISOString(),
      kind,
      client: client === undefined ? undefined : nameOfClient(client),
    };
    if (!("payload" in details)) {
      const texts = Object.entries(details)
        // A connection is no text.
        .filter(([key]) => key !== "origin")
        .map(([key, value]) => [key, typeof value === "string" ? conceal.text(value) : value]);
      return { ...common, ...Object.fromEntries(texts) };
    }
    const { topic, payload, qos } = details;
    const message = reader.message(topic, payload);
    if (!message) return { ...common, topic: conceal.text(topic), qos, bytes: payload.length };
    const { shape, kind: part, requestId, fault } = message;
    return {
      ...common,
      part,
      resource: shape.name,
      parameters: conceal.parameters(message),
      requestId,
      qos,
      ...(fault === undefined
        ? { payload: conceal.payload(message) }
        : { fault, bytes: payload.length, text: conceal.text(textOf(payload), message) }),
    };
  };

  return {
    write: (event) => void stream.write(`${JSON.stringify(lineOf(event))}\n`),
    close: () => new Promise((resolve) => void stream.end(resolve)),
  };
}

/** The beginning of a body as text, whatever it is. */
function textOf(body: Uint8Array): string {
  return new TextDecoder().decode(body.subarray(0, 1_000));
}
