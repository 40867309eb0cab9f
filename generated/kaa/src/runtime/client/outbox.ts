/** The responses of a handler on their way to the platform. */
import { TopicsmithError } from "../errors.js";
import type { Session } from "./session.js";

/** A response to one item. */
export interface PendingResponse {
  readonly response: unknown;
  /** The item was part of a list, so its response is, too. */
  readonly list: boolean;
}

/** Dependencies of an {@link Outbox}. */
export interface OutboxOptions {
  /** Sends one message: a response, or a list of responses. */
  send(payload: unknown): Promise<unknown>;
  /** Called with the error of a message that could not be sent, and with its response if the broker never takes that one. */
  onError(error: unknown, refused?: PendingResponse): void;
}

/** Sends responses one message at a time. List responses that wait at the same time share a message. */
export class Outbox {
  readonly #session: Pick<Session, "task">;
  readonly #options: OutboxOptions;
  readonly #pending: PendingResponse[] = [];
  #sending: Promise<void> | undefined;

  constructor(session: Pick<Session, "task">, options: OutboxOptions) {
    this.#session = session;
    this.#options = options;
  }

  /** Sends a response after those before it. */
  enqueueResponse(response: unknown, list: boolean): void {
    this.#pending.push({ response, list });
    this.#sending ??= this.#session.task(() => this.#flush());
  }

  /** Resolves when nothing is left to send. */
  async whenEmpty(): Promise<void> {
    while (this.#sending) await this.#sending;
  }

  async #flush(): Promise<void> {
    while (this.#pending.length > 0) {
      // Handlers that end in the same turn of the event loop share a message.
      await new Promise((resolve) => setTimeout(resolve, 0));
      const list = this.#pending[0]?.list;
      const end = list ? this.#pending.findIndex((pending) => !pending.list) : 1;
      const batch = this.#pending.splice(0, end < 0 ? this.#pending.length : end);
      await this.#send(batch);
    }
    // At once, because a response that is enqueued a microtask later has to be sent by another flush.
    this.#sending = undefined;
  }

  async #send(batch: readonly PendingResponse[]): Promise<void> {
    const options = this.#options;
    const [first] = batch;
    const responses = batch.map(({ response }) => response);
    try {
      await options.send(first?.list ? responses : responses[0]);
    } catch (error) {
      const refused = error instanceof TopicsmithError && error.size !== undefined;
      // One of them may be too large for the broker, or all together.
      if (refused && batch.length > 1) for (const each of batch) await this.#send([each]);
      else options.onError(error, refused ? first : undefined);
    }
  }
}
