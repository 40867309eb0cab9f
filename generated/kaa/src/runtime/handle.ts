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
import type { Engine } from "./engine.js";
import { TopicsmithError } from "./errors.js";
import { fillMessage } from "./fill-message.js";
import type { HandleOptions } from "./options.js";
import { Watch, type WatchRequest } from "./observe.js";

/** Items of a list payload, else the payload itself. */
export type ItemOf<Payload> = Payload extends readonly (infer Item)[] ? Item : Exclude<Payload, undefined>;

/** What a handler returns: an item of the answering request without the member that names the item. */
export type AnswerOf<Request, Key extends PropertyKey> = Request extends readonly (infer Item)[]
  ? AnswerOf<Item, Key>
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
export interface Serving {
  /** Takes no more items; settles when those being worked on are answered. */
  stop(): Promise<void>;
}

/** How items are answered. */
export interface Answering {
  /** The member that names the item. */
  readonly key: string;
  readonly failure: Readonly<Record<string, unknown>> | undefined;
  /** Throws for what can not be sent. */
  check(payload: unknown): void;
  send(payload: unknown): Promise<void>;
}

/** What {@link handle} needs. */
export interface Handling {
  readonly request: WatchRequest;
  readonly handler: ItemHandler<unknown, unknown>;
  readonly answering: Answering;
  readonly options: HandleOptions;
}

/** How many answers of a list resource are remembered. */
const remembered = 1_000;
const running = Symbol("running");

interface Job {
  readonly item: Readonly<Record<string, unknown>>;
  /** What the item is known by; `undefined` if it has no key. */
  readonly name: string | undefined;
  /** It came in a list and is answered in one. */
  readonly list: boolean;
}

interface Posted {
  readonly payload: unknown;
  readonly list: boolean;
}

/** Begins to handle items; resolves when the platform has answered. */
export async function handle(
  engine: Engine,
  { request, handler, answering, options }: Handling,
): Promise<Serving> {
  const { key, failure } = answering;
  const known = new Map<string, unknown>();
  const queue: Job[] = [];
  const outbox: Posted[] = [];
  const ending = new AbortController();
  let active = 0;
  let sending: Promise<void> | undefined;
  let idle: (() => void) | undefined;

  const take = (value: unknown): void => {
    const list = Array.isArray(value);
    for (const item of list ? value : [value]) {
      const own = asRecord(item);
      const name = own[key] === undefined ? undefined : JSON.stringify(own[key]);
      const answer = name === undefined ? undefined : known.get(name);
      if (answer !== undefined) {
        if (answer !== running) void post({ payload: answer, list });
      } else if (queue.length >= engine.settings.maxQueued) {
        // Not lost: who sent it sends it again.
        options.onError?.(
          new TopicsmithError("overflow", "too many items wait", { resource: request.resource.shape.name }),
        );
      } else {
        if (name !== undefined) known.set(name, running);
        queue.push({ item: own, name, list });
      }
    }
    work();
  };

  const work = (): void => {
    while (active < Math.max(options.concurrency ?? 1, 1)) {
      const job = queue.shift();
      if (job === undefined) break;
      active += 1;
      void engine.task(
        run(job).finally(() => {
          active -= 1;
          work();
          if (active === 0) idle?.();
        }),
      );
    }
  };

  const run = async (job: Job): Promise<void> => {
    const { item, name, list } = job;
    const named = item[key] === undefined ? {} : { [key]: item[key] };
    let payload: unknown;
    try {
      payload = { ...asRecord(await handler(item, { signal: ending.signal })), ...named };
      answering.check(list ? [payload] : payload);
    } catch (error) {
      options.onError?.(error);
      if (failure === undefined) {
        if (name !== undefined) known.delete(name);
        return;
      }
      payload = {
        ...asRecord(fillMessage(failure, error instanceof Error ? error.message : String(error))),
        ...named,
      };
    }
    if (name !== undefined) remember(name, payload, list);
    await post({ payload, list });
  };

  const remember = (name: string, payload: unknown, list: boolean): void => {
    known.delete(name);
    known.set(name, payload);
    for (const [other, answer] of known) {
      if (known.size <= (list ? remembered : 1)) break;
      if (answer !== running && other !== name) known.delete(other);
    }
  };

  const post = (answer: Posted): Promise<void> => {
    outbox.push(answer);
    sending ??= engine.task(flush()).finally(() => (sending = undefined));
    return sending;
  };

  /** One message at a time; what list answers come meanwhile share the next. */
  const flush = async (): Promise<void> => {
    for (let first = outbox.shift(); first; first = outbox.shift()) {
      const batch = [first.payload];
      while (first.list && outbox[0]?.list) batch.push(outbox.shift()?.payload);
      try {
        await answering.send(first.list ? batch : first.payload);
      } catch (error) {
        options.onError?.(error);
      }
    }
  };

  const { promise, watch } = start(engine, request, { take, ending, onError: options.onError });
  await promise;
  return {
    async stop() {
      queue.length = 0;
      ending.abort();
      await watch.stop();
      if (active > 0) await new Promise<void>((resolve) => (idle = resolve));
      await sending;
    },
  };
}

interface Starting {
  readonly take: (value: unknown) => void;
  readonly ending: AbortController;
  readonly onError: ((error: unknown) => void) | undefined;
}

function start(
  engine: Engine,
  request: WatchRequest,
  { take, ending, onError }: Starting,
): { promise: Promise<void>; watch: Watch } {
  let ready = false;
  let watch: Watch | undefined;
  const promise = new Promise<void>((resolve, reject) => {
    watch = new Watch(engine, request, {
      ready() {
        ready = true;
        resolve();
      },
      value: take,
      end(error) {
        ending.abort();
        const quiet = error === undefined || error.code === "aborted" || error.code === "closed";
        if (!ready) reject(error);
        else if (!quiet) onError?.(error);
      },
    });
    watch.start();
  });
  // The executor has run.
  return { promise, watch: watch! };
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
