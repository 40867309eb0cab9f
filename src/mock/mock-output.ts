import type { ApiModel } from "../model/index.js";
import { TopicsmithError } from "../runtime/errors.js";
import { callHook } from "../runtime/internal/call-hook.js";
import type { Api, RefusedRequest, RequestContext } from "../runtime/platform.js";
import { clientIdOf } from "./aedes-adapter.js";
import { EventEntries } from "./event-entries.js";
import type { MockEvent } from "../runtime/testing/events.js";
import type { RecordedRequest } from "../runtime/testing/mock.js";
import type { OutputOptions } from "../runtime/testing/options.js";
import { Explainer } from "./explainer.js";
import { MessageReader } from "./message-reader.js";
import { Recording } from "./recording.js";
import { createRedactor, KnownSecrets, noRedaction, type Redactor } from "./redactor.js";
import { RequestLog } from "./request-log.js";
import { TrafficLogger } from "./traffic-logger.js";

/** The readers of an API's messages. Replaced when the spec changes; the parts of the output read them at each use. */
interface Readers {
  reader: MessageReader;
  redactor: Redactor;
  explainer: Explainer;
}

/** Prints, logs and records the events of a mock. */
export class MockOutput {
  readonly #options: OutputOptions;
  readonly #secrets = new KnownSecrets();
  readonly #readers: Readers;
  readonly #requests: RequestLog;
  readonly #traffic: TrafficLogger;
  readonly #entries: EventEntries;
  readonly #recording: Recording | undefined;

  private constructor(
    options: OutputOptions,
    { readers, relays, recording }: { readers: Readers; relays: boolean; recording: Recording | undefined },
  ) {
    this.#options = options;
    this.#readers = readers;
    this.#requests = new RequestLog(readers);
    const { color = false } = options;
    this.#traffic = new TrafficLogger(Object.assign(readers, { color, relays }));
    this.#entries = new EventEntries(readers);
    this.#recording = recording;
  }

  /**
   * Opens the recording, if there is one.
   *
   * @param relays Whether messages of one connection reach the others.
   * @throws Error with code EEXIST if the file of the recording exists.
   */
  static async open(
    options: OutputOptions,
    { model, api, relays }: { readonly model: ApiModel; readonly api: Api; readonly relays: boolean },
  ): Promise<MockOutput> {
    const readers = readersOf(model, api, () => noRedaction);
    const { record } = options;
    const recording = record === undefined ? undefined : await Recording.open(record, { api, ...readers });
    const output = new MockOutput(options, { readers, relays, recording });
    output.update(model, api);
    return output;
  }

  /** Reads the messages of a changed API from now on. */
  update(model: ApiModel, api: Api): void {
    const readers = readersOf(model, api, () =>
      this.#options.showSecrets === true ? noRedaction : createRedactor(api, {}, this.#secrets),
    );
    Object.assign(this.#readers, readers);
    this.#recording?.update({ api, ...readers });
  }

  /** The reader of the API's messages. */
  get reader(): MessageReader {
    return this.#readers.reader;
  }

  /** The requests that were received, oldest first. */
  get requests(): readonly RecordedRequest[] {
    return this.#requests.requests;
  }

  /** Takes an event. */
  add(event: MockEvent): void {
    const { print, logFormat, onEvent } = this.#options;
    this.#requests.add(event);
    this.#recording?.write(event);
    callHook(() => onEvent?.(event));
    const line = this.#traffic.line(event);
    if (logFormat === "json") print?.(JSON.stringify(this.#entries.entryOf(event)));
    else if (line !== undefined) print?.(line);
  }

  /** Prints a fact about the mock itself. */
  note(text: string): void {
    const { print, logFormat } = this.#options;
    print?.(
      logFormat === "json" ? JSON.stringify({ at: new Date().toISOString(), kind: "note", text }) : text,
    );
  }

  /** Takes a request that the platform has refused. */
  addRefusal(refused: RefusedRequest): void {
    const { reader, redactor, explainer } = this.#readers;
    const { topic, payload, origin } = refused.message;
    const message = reader.message(topic, payload);
    if (message) redactor.learn(message);
    const { occasion } = refused;
    const client = clientIdOf(origin);
    this.add({ kind: "refused-request", client, topic, payload, occasion, ...explainer.refusal(refused) });
  }

  /** Takes an error of the platform. */
  addError(error: unknown, context: RequestContext | undefined): void {
    this.#options.printError?.(errorText(error, context, this.#readers.redactor));
  }

  /** Returns a table of the messages that were printed, with a row for each resource. */
  summary(): string {
    return this.#traffic.summary();
  }

  /** Resolves when the recording is on disk; rejects if it could not be written. */
  async close(): Promise<void> {
    await this.#recording?.close();
  }

  /** Deletes the recording. */
  async discard(): Promise<void> {
    await this.#recording?.discard();
  }
}

function readersOf(model: ApiModel, api: Api, redactor: () => Redactor): Readers {
  const reader = new MessageReader(api);
  return { reader, redactor: redactor(), explainer: new Explainer(model, reader) };
}

/** `info.get: Error: no such key`, with the stack of an error that is not ours. */
function errorText(error: unknown, context: RequestContext | undefined, redactor: Redactor): string {
  const { message, stack = "" } = error instanceof Error ? error : { message: String(error) };
  const frames = stack.indexOf("\n    at ");
  const resource = context === undefined ? "" : `${context.extension}.${context.resource}: `;
  const name = error instanceof Error ? `${error.name}: ` : "";
  const isOurs = error instanceof TopicsmithError || frames === -1;
  // Topic rules would take paths in the stack for topics.
  return resource + name + redactor.text(message) + (isOurs ? "" : redactor.known(stack.slice(frames)));
}
