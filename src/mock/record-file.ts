import { open, rm } from "node:fs/promises";
import type { PlatformApi } from "../runtime/platform.js";
import { pseudonyms, createRedactor } from "./redactor.js";
import type { MessageReader } from "./message-reader.js";
import type { MockEvent } from "./mock-events.js";

/** A record that is written to as things happen. */
export interface RecordFile {
  write(event: MockEvent): void;
  /** Settles when everything is on disk; rejects if something could not be written. */
  close(): Promise<void>;
  /** Takes it back: nothing has happened. */
  discard(): Promise<void>;
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
  let failure: Error | undefined;
  stream.on("error", (error) => {
    failure = new Error(`${path} could not be written: ${error.message}`, { cause: error });
  });
  const conceal = createRedactor(api, { inTopics: pseudonyms("endpoint"), inPayloads: pseudonyms("secret") });

  const shown = (key: string, value: string): string =>
    key === "topic" || key === "filter" ? conceal.topic(value) : conceal.text(value);
  const lineOf = (event: MockEvent): object => {
    const { kind, client, ...details } = event;
    const common = {
      at: new Date().toISOString(),
      kind,
      client: client === undefined ? undefined : conceal.client(client),
    };
    if (!("payload" in details)) {
      const texts = Object.entries(details)
        // A connection is no text.
        .filter(([key]) => key !== "origin")
        .map(([key, value]) => [key, typeof value === "string" ? shown(key, value) : value]);
      return { ...common, ...Object.fromEntries(texts) };
    }
    const { topic, payload, qos } = details;
    const message = reader.message(topic, payload);
    if (!message) return { ...common, topic: conceal.topic(topic), qos, bytes: payload.length };
    const { template, kind: part, requestId, fault, sensitive } = message;
    // What can not be read can not be searched for what must not be shown.
    const text = sensitive.length > 0 ? undefined : conceal.text(textOf(payload), message);
    return {
      ...common,
      part,
      resource: template.name,
      parameters: conceal.parameters(message),
      requestId,
      qos,
      ...(fault === undefined
        ? { payload: conceal.payload(message) }
        : { fault, bytes: payload.length, text }),
    };
  };

  const closed = new Promise<void>((resolve) => stream.once("close", resolve));
  const close = async (): Promise<void> => {
    stream.end();
    await closed;
    if (failure) throw failure;
  };
  return {
    write(event) {
      if (!failure) stream.write(`${JSON.stringify(lineOf(event))}\n`);
    },
    close,
    async discard() {
      await close().catch(() => undefined);
      await rm(path, { force: true });
    },
  };
}

/** The beginning of a body as text, whatever it is. */
function textOf(body: Uint8Array): string {
  return new TextDecoder().decode(body.subarray(0, 1_000));
}
