/**
 * Runs a handler for each item that arrives, and sends its response.
 *
 * | item     | becomes  | when |
 * |----------|----------|------|
 * | new      | queued   | its key is unknown, and the queue is not full |
 * | queued   | running  | fewer than `concurrency` items are running |
 * | queued   | answered | it does not match its schema, and the resource has a `failure` response |
 * | running  | answered | the handler has returned, or has thrown and the resource has a `failure` response |
 * | running  | new      | the handler has thrown, and there is no `failure` response |
 * | answered | answered | the platform sends the item again: the cached response is sent again |
 * | answered | answered | the broker never takes the response: the resource's `failure` replaces it, or else nothing |
 */
import { fillMessage } from "../api/messages.js";
import { TopicsmithError } from "../errors.js";
import { messageOf } from "../internal/message-of.js";
import { HandlerWorker, type WorkerOptions } from "./handler-worker.js";
import { Outbox, type PendingResponse } from "./outbox.js";
import type { Session } from "./session.js";

/** The context of one item. */
export interface ItemContext {
  /** Aborted when the observation of the items ends. */
  readonly signal: AbortSignal;
}

/** Handles one item. Its return value is the response; if it throws, the resource's `failure` is. */
export type ItemHandler<Item, Response> = (
  item: Item,
  context: ItemContext,
) => Response | Promise<Response> | (Partial<Response> extends Response ? void | Promise<void> : never);

/** Options for handling items and sending their results. */
export interface ItemWorkerOptions extends WorkerOptions {
  readonly handler: ItemHandler<unknown, unknown>;
  /** The property that identifies an item, in the item and in its response. */
  readonly key: string;
  readonly failure?: Readonly<Record<string, unknown>> | undefined;
  /** Throws for a response that cannot be sent. */
  check(payload: unknown): void;
  respond(payload: unknown): Promise<unknown>;
}

/** Cached responses of a list resource. A platform that sends an older item again has it handled again. */
const CACHED_RESPONSES = 1_000;
/** Items that wait for the handler, so that memory stays limited. Further ones are dropped: the platform sends them again. */
const MAX_QUEUED_ITEMS = 10_000;

interface Job {
  readonly item: Readonly<Record<string, unknown>>;
  /** JSON text of the item's key; `undefined` for an item without one, which is handled each time. */
  readonly name: string | undefined;
  /** The item was part of a list, so its response is, too. */
  readonly list: boolean;
  /** The reason why the item does not get to the handler. */
  readonly refusal?: TopicsmithError | undefined;
}

/** The items of one handler registration; see the table above. */
export class ItemWorker extends HandlerWorker<Job> {
  readonly #options: ItemWorkerOptions;
  readonly #outbox: Outbox;
  /** Names of queued and running items. */
  readonly #unanswered = new Set<string | undefined>();
  /** Responses by the item's name, oldest first. */
  readonly #responses = new Map<string | undefined, unknown>();
  /** The responses that are the resource's `failure`. */
  readonly #failures = new WeakSet<object>();

  constructor(session: Pick<Session, "task">, options: ItemWorkerOptions) {
    super(session, options);
    this.#options = options;
    this.#outbox = new Outbox(session, {
      send: (payload) => options.respond(payload),
      onError: (error, refused) => this.#onSendError(error, refused),
    });
  }

  /** Takes a payload: an item, or a list of items. */
  take(payload: unknown): void {
    const list = Array.isArray(payload);
    for (const item of list ? payload : [payload]) this.#enqueue(asRecord(item), list);
    this.runQueued();
  }

  /** Reports an item of a list that does not match its schema. Responds with the failure if the item has a key. */
  refuse(item: unknown, error: TopicsmithError): void {
    if (this.ended.signal.aborted) return;
    const record = asRecord(item);
    if (record[this.#options.key] === undefined) return this.report(error);
    this.#enqueue(record, true, error);
    this.runQueued();
  }

  /** Resolves when no item is running and all responses are sent. */
  override async whenIdle(): Promise<void> {
    await super.whenIdle();
    await this.#outbox.whenEmpty();
  }

  #enqueue(item: Job["item"], list: boolean, refusal?: TopicsmithError): void {
    const name: string | undefined = JSON.stringify(item[this.#options.key]);
    if (this.#unanswered.has(name)) return;
    const response = this.#responses.get(name);
    // An invalid item of the same list has the key of a valid one.
    if (refusal && response !== undefined && !this.#failures.has(Object(response))) return;
    if (this.#responses.has(name)) this.#respond(response, list);
    else if (!this.queue({ item, name, list, refusal }, MAX_QUEUED_ITEMS))
      this.report(new TopicsmithError("overflow", "too many items are waiting for the handler"));
    else if (name !== undefined) this.#unanswered.add(name);
  }

  protected async run(job: Job): Promise<void> {
    const response = await this.#responseTo(job);
    this.#cache(job, response);
    this.#respond(response, job.list);
  }

  #respond(response: unknown, list: boolean): void {
    if (response !== undefined) this.#outbox.enqueueResponse(response, list);
  }

  /** Reports the error. A response that the broker never takes is not sent again when the platform sends its item again. */
  #onSendError(error: unknown, refused?: PendingResponse): void {
    this.report(error);
    const { key } = this.#options;
    const item = { [key]: asRecord(refused?.response)[key] };
    const name = JSON.stringify(item[key]);
    if (!refused || this.#responses.get(name) !== refused.response) return;
    const failure = this.#failures.has(Object(refused.response))
      ? undefined
      : this.#failureOf({ item, name, list: refused.list }, error);
    this.#responses.set(name, failure);
    this.#respond(failure, refused.list);
  }

  /** The response to an item: the handler's, else the failure, else `undefined`. */
  async #responseTo(job: Job): Promise<object | undefined> {
    const { handler } = this.#options;
    try {
      if (job.refusal) throw job.refusal;
      // A copy, because a handler may change it, and the response needs its key.
      return this.#complete(await handler({ ...job.item }, { signal: this.ended.signal }), job);
    } catch (error) {
      this.report(error);
      return this.#failureOf(job, error);
    }
  }

  /** The resource's `failure` for an item, if it has one. */
  #failureOf(job: Job, error: unknown): object | undefined {
    const { failure } = this.#options;
    if (!failure) return undefined;
    try {
      const response = this.#complete(fillMessage(failure, messageOf(error)), job);
      this.#failures.add(response);
      return response;
    } catch (invalid) {
      this.report(invalid);
      return undefined;
    }
  }

  /** Fills in the item's key, and copies the response, which the handler may change later. Throws if the response cannot be sent. */
  #complete(response: unknown, { item, list }: Job): object {
    const { key } = this.#options;
    const complete = { ...asRecord(response), ...(item[key] === undefined ? {} : { [key]: item[key] }) };
    this.#options.check(list ? [complete] : complete);
    return asRecord(JSON.parse(JSON.stringify(complete)));
  }

  #cache({ name, list }: Job, response: object | undefined): void {
    if (name === undefined) return;
    this.#unanswered.delete(name);
    if (response) this.#responses.set(name, response);
    const [oldest] = this.#responses.keys();
    // A single value replaces the one before it.
    const capacity = list ? CACHED_RESPONSES : 1;
    if (this.#responses.size > capacity && oldest !== undefined) this.#responses.delete(oldest);
  }
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
