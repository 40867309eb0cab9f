/**
 * Handling: an observation whose items are each worked on once and answered through another resource.
 *
 * | item     | becomes  | when |
 * |----------|----------|------|
 * | new      | queued   | its key is not known |
 * | queued   | running  | fewer than `concurrency` are running |
 * | running  | answered | the handler returned, or threw and there is a `failure` to answer with |
 * | running  | new      | it threw, and there is none |
 * | answered | answered | the platform sends it again: the stored answer is sent again |
 */
import type { Session } from "./session.js";
import { TopicsmithError } from "../errors.js";
import { fillMessage } from "../api/fill-message.js";
import type { HandleOptions } from "../options.js";
import { observe, type ObserveRequest } from "./observation.js";

/** Items of a list payload, else the payload itself. */
export type ItemOf<Payload> = Payload extends readonly (infer Item)[] ? Item : Exclude<Payload, undefined>;

/** What a handler returns: an item of the answering request without the member that names the item. */
export type ItemResponseOf<Request, Key extends PropertyKey> = Request extends readonly (infer Item)[]
  ? ItemResponseOf<Item, Key>
  : { [Name in keyof Request as Name extends Key ? never : Name]: Request[Name] };

/** What a handler learns besides the item. */
export interface ItemContext {
  /** Aborted when the handling ends. */
  readonly signal: AbortSignal;
}

/** Works on one item. What it returns is the answer; what it throws becomes the resource's `failure`. */
export type ItemHandler<Item, Answer> = (
  item: Item,
  context: ItemContext,
) => Answer | Promise<Answer> | (Partial<Answer> extends Answer ? void | Promise<void> : never);

/** A handler at work. */
export interface HandlerRegistration {
  /** Takes no more items; settles when those being worked on are answered. */
  stop(): Promise<void>;
}

/** What {@link handle} needs. */
export interface HandlerOptions {
  readonly request: () => ObserveRequest;
  readonly handler: ItemHandler<unknown, unknown>;
  readonly options: HandleOptions;
  /** The member that names the item. */
  readonly key: string;
  readonly failure: Readonly<Record<string, unknown>> | undefined;
  /** Throws for an answer that can not be sent. */
  check(payload: unknown): void;
  answer(payload: unknown): Promise<unknown>;
}

/** How many answers of a list resource are remembered. */
const remembered = 1_000;
/** How many items may wait for the handler. */
const mostWaiting = 10_000;

interface Job {
  readonly item: Readonly<Record<string, unknown>>;
  /** What the item is known by; `undefined` if it has no key. */
  readonly name: string | undefined;
  /** It came in a list and is answered in one. */
  readonly list: boolean;
}

/** Begins to handle items; resolves when the platform has answered. */
export async function handle(session: Session, handling: HandlerOptions): Promise<HandlerRegistration> {
  const { key, failure, options } = handling;
  const { concurrency = 1 } = options;
  /** Names of items that wait or are worked on. */
  const underWay = new Set<string>();
  /** Answers by the item's name, oldest first. */
  const answers = new Map<string, unknown>();
  const queue: Job[] = [];
  const outbox: { readonly answer: unknown; readonly list: boolean }[] = [];
  const ending = new AbortController();
  let active = 0;
  let sending: Promise<void> | undefined;
  let stopping: Promise<void> | undefined;
  let idle = (): void => undefined;

  const report = (error: unknown): void => {
    try {
      options.onError?.(error);
    } catch (thrown) {
      // On its own time, as a listener's.
      queueMicrotask(() => {
        throw thrown;
      });
    }
  };

  const take = (value: unknown): void => {
    const list = Array.isArray(value);
    for (const given of list ? value : [value]) {
      const item = asRecord(given);
      const name = item[key] === undefined ? undefined : JSON.stringify(item[key]);
      if (name !== undefined && underWay.has(name)) continue;
      if (name !== undefined && answers.has(name)) post(answers.get(name), list);
      // Not lost: who sent it sends it again.
      else if (queue.length >= mostWaiting) report(new TopicsmithError("overflow", "too many items wait"));
      else {
        if (name !== undefined) underWay.add(name);
        queue.push({ item, name, list });
      }
    }
    work();
  };

  const work = (): void => {
    while (active < Math.max(concurrency, 1) && queue.length > 0) {
      const job = queue.shift();
      if (job) void session.task(run(job));
    }
  };

  const run = async (job: Job): Promise<void> => {
    active += 1;
    const answer = await answerTo(job);
    if (answer !== undefined) post(answer, job.list);
    active -= 1;
    work();
    if (active === 0) idle();
  };

  const answerTo = async ({ item, name, list }: Job): Promise<unknown> => {
    const named = item[key] === undefined ? {} : { [key]: item[key] };
    const check = (answer: object): object => {
      handling.check(list ? [answer] : answer);
      return answer;
    };
    let answer: object | undefined;
    try {
      answer = check({ ...asRecord(await handling.handler(item, { signal: ending.signal })), ...named });
    } catch (error) {
      report(error);
      const message = error instanceof Error ? error.message : String(error);
      try {
        answer = failure && check({ ...asRecord(fillMessage(failure, message)), ...named });
      } catch (unfit) {
        report(unfit);
      }
    }
    if (name === undefined) return answer;
    underWay.delete(name);
    if (answer) answers.set(name, answer);
    const [oldest] = answers.keys();
    if (answers.size > (list ? remembered : 1) && oldest !== undefined) answers.delete(oldest);
    return answer;
  };

  const post = (answer: unknown, list: boolean): void => {
    outbox.push({ answer, list });
    sending ??= session.task(flush()).finally(() => (sending = undefined));
  };

  /** One message at a time; list answers that are there at the same time share one. */
  const flush = async (): Promise<void> => {
    while (outbox.length > 0) {
      await new Promise((resolve) => setTimeout(resolve, 0));
      const list = outbox[0]?.list;
      const end = list ? outbox.findIndex((posted) => !posted.list) : 1;
      const batch = outbox.splice(0, end < 0 ? outbox.length : end).map(({ answer }) => answer);
      await handling.answer(list ? batch : batch[0]).catch(report);
    }
  };

  const end = async (): Promise<void> => {
    queue.length = 0;
    await values.return();
    if (active > 0) await new Promise<void>((resolve) => (idle = resolve));
    await sending;
  };

  // Nothing may be lost here: what can not be taken yet waits in the queue.
  const values = observe(session, handling.request, { buffer: Infinity, overflow: "error" });
  await values.ready;
  const taking = (async () => {
    for await (const value of values) take(value);
  })();
  taking.catch(report).finally(() => {
    // What the platform keeps comes again with the next handling.
    queue.length = 0;
    ending.abort();
  });
  return { stop: async () => (stopping ??= end()) };
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
