import { randomUUID } from "node:crypto";
import { createReadStream, createWriteStream, type WriteStream } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { redactTexts } from "../runtime/api/redact.js";
import type { Api } from "../runtime/platform.js";
import { EventEntries } from "./event-entries.js";
import type { MockEvent } from "../runtime/testing/events.js";
import type { Explainer } from "./explainer.js";
import type { MessageReader } from "./message-reader.js";
import { createRedactor, KnownSecrets, pseudonyms, type Redactor } from "./redactor.js";

/** The dependencies of a {@link Recording}. */
export interface RecordingDeps {
  readonly api: Api;
  readonly reader: MessageReader;
  readonly explainer: Explainer;
}

/** The properties of entries whose values are words of this program or of the spec. */
const FIXED: ReadonlySet<string> = new Set(["at", "kind", "part", "resource", "fault", "occasion", "client"]);

/** Only the user who runs the mock may read a recording. */
const PRIVATE = 0o600;

/** The first line of a recording that is not closed. */
const OPEN_HEAD = {
  kind: "recording",
  secrets:
    "incomplete: tokens that no topic has contained yet are not replaced, until the mock ends and rewrites this file",
};
/** The first line of a recording that is closed. */
const CLOSED_HEAD = {
  kind: "recording",
  secrets: "replaced: tokens of the last 10,000 endpoints, sensitive properties, and client ids",
};

/**
 * A file of events as JSON Lines, written while they happen. Secrets are replaced by pseudonyms that stay the same
 * (`endpoint-1`), and client ids too (`client-1`). A token is known once a topic has contained it, so closing the recording
 * replaces it in earlier lines too.
 */
export class Recording {
  readonly #path: string;
  readonly #stream: WriteStream;
  readonly #secrets = new KnownSecrets();
  readonly #replacements = { inTopics: pseudonyms("endpoint"), inPayloads: pseudonyms("secret") };
  #redactor: Redactor;
  #entries: EventEntries;
  readonly #closed: Promise<void>;
  #settling: Promise<void> | undefined;
  #failure: Error | undefined;

  private constructor(path: string, stream: WriteStream, deps: RecordingDeps) {
    this.#path = path;
    this.#stream = stream;
    this.#redactor = createRedactor(deps.api, this.#replacements, this.#secrets);
    this.#entries = new EventEntries({ ...deps, redactor: this.#redactor });
    this.#closed = new Promise((resolve) => stream.once("close", resolve));
    stream.on("error", (error) => this.#fail(error));
    this.#line(OPEN_HEAD);
  }

  /**
   * Creates the file of a recording.
   *
   * @throws Error with code EEXIST if the file exists: a recording does not overwrite another.
   */
  static async open(path: string, deps: RecordingDeps): Promise<Recording> {
    const file = await open(path, "wx", PRIVATE);
    return new Recording(path, file.createWriteStream(), deps);
  }

  /** Reads the messages of a changed API from now on. */
  update(deps: RecordingDeps): void {
    this.#redactor = createRedactor(deps.api, this.#replacements, this.#secrets);
    this.#entries = new EventEntries({ ...deps, redactor: this.#redactor });
  }

  /** Appends an event. */
  write(event: MockEvent): void {
    this.#line(this.#entries.entryOf(event));
  }

  /** Resolves when all events are on disk; rejects if one could not be written. */
  async close(): Promise<void> {
    this.#stream.end();
    await this.#closed;
    if (!this.#failure)
      await (this.#settling ??= this.#settle().catch((error: unknown) => this.#fail(error)));
    if (this.#failure) throw this.#failure;
  }

  /** Deletes the file. */
  async discard(): Promise<void> {
    this.#stream.end();
    await this.#closed;
    await rm(this.#path, { force: true });
  }

  #line(entry: object): void {
    if (!this.#failure) this.#stream.write(`${JSON.stringify(entry)}\n`);
  }

  /** Replaces the secrets that became known after a line was written, in a new file that takes the place of the old one. */
  async #settle(): Promise<void> {
    const settled = `${this.#path}.${randomUUID()}`;
    try {
      await pipeline(
        Readable.from(this.#settledLines()),
        createWriteStream(settled, { flags: "wx", mode: PRIVATE }),
      );
      await rename(settled, this.#path);
    } catch (error) {
      await rm(settled, { force: true });
      throw error;
    }
  }

  async *#settledLines(): AsyncGenerator<string> {
    let head: object | undefined = CLOSED_HEAD;
    for await (const line of createInterface({ input: createReadStream(this.#path), crlfDelay: Infinity })) {
      yield `${JSON.stringify(head ?? this.#settled(JSON.parse(line) as Record<string, unknown>))}\n`;
      head = undefined;
    }
  }

  #settled({ base64, ...entry }: Record<string, unknown>): object {
    const settled = Object.entries(entry).map(([name, value]): [string, unknown] => [
      name,
      FIXED.has(name) ? value : redactTexts(value, (text) => this.#redactor.known(text)),
    ]);
    if (typeof base64 === "string") {
      const body = Buffer.from(base64, "base64").toString();
      settled.push(this.#redactor.known(body) === body ? ["base64", base64] : ["payload", "***"]);
    }
    return Object.fromEntries(settled);
  }

  #fail(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    this.#failure ??= new Error(`cannot write ${this.#path}: ${reason}`, { cause: error });
  }
}
