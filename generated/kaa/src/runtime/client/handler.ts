/** Handlers: an observation whose items are each handled once and answered through another resource. */
import { TopicsmithError } from "../errors.js";
import { asyncDispose } from "../internal/async-dispose.js";
import { checkOption } from "../internal/check-options.js";
import type { HandleOptions } from "../options.js";
import { ItemWorker, type ItemWorkerOptions } from "./item-worker.js";
import { observe } from "./observation.js";
import type { ObserveRequest } from "./observer-registration.js";
import type { Session } from "./session.js";

/** The items of a list payload; of any other payload, the payload itself. */
export type ItemOf<Payload> = Payload extends readonly (infer Item)[] ? Item : Exclude<Payload, undefined>;

/** The return type of a handler: an item of the answering request without the property that identifies the item. */
export type ItemResponseOf<Request, Key extends PropertyKey> = Request extends readonly (infer Item)[]
  ? ItemResponseOf<Item, Key>
  : { [Name in keyof Request as Name extends Key ? never : Name]: Request[Name] };

/** A registered handler. */
export interface HandlerRegistration {
  /**
   * Takes no more items. Resolves when the running ones have ended and their responses are sent. The handler itself must not await this,
   * because it would wait for itself.
   */
  stop(): Promise<void>;
  /**
   * Resolves when the registration has ended by `stop()`, its signal or `close()`, and nothing is running any more. Rejects with the error of
   * any other end.
   */
  readonly done: Promise<void>;
  [asyncDispose](): Promise<void>;
}

/** Everything {@link handle} needs besides the session. */
export interface HandlerSetup extends Omit<ItemWorkerOptions, "concurrency" | "onError"> {
  readonly request: () => ObserveRequest;
  readonly options: HandleOptions;
}

/** Handles the values of an observation. */
export interface ValueWorker {
  take(value: unknown): void;
  /** Takes an item that does not match its schema, if the values are lists that are taken apart. */
  refuse?(item: unknown, error: TopicsmithError): void;
  /** Drops what waits. */
  dropQueue(): void;
  /** Takes no more values. */
  end(): void;
  /** Resolves when nothing is running any more. */
  whenIdle(): Promise<void>;
  report(error: unknown): void;
  /** Nothing is running. */
  readonly idle: boolean;
}

/** Registers a handler of pushed items. Resolves and rejects like {@link register}. */
export async function handle(session: Session, setup: HandlerSetup): Promise<HandlerRegistration> {
  const { handler, options } = setup;
  const { concurrency = 1, onError } = options;
  checkOption("handler", handler, "function");
  return register(
    session,
    setup.request(),
    () => new ItemWorker(session, { ...setup, concurrency, onError }),
  );
}

/**
 * Registers a handler. Resolves when the platform has responded; rejects like the observation's `ready`, and with `already-handled` if the
 * topic has a handler: two would both run each item.
 */
export async function register(
  session: Session,
  request: ObserveRequest,
  createWorker: () => ValueWorker,
): Promise<HandlerRegistration> {
  const { base, resource } = request.target;
  if (session.handled.has(base)) {
    throw new TopicsmithError("already-handled", "the topic has a handler; stop it first", {
      resource: resource.template.name,
    });
  }
  session.handled.add(base);
  // Once: later, the topic may have another handler.
  let release = (): void => {
    session.handled.delete(base);
    release = () => undefined;
  };
  const worker = createWorker();
  // The worker's queue is the bounded one. It takes values as they arrive, so this buffer stays short.
  const values = observe(session, () => request, {
    buffer: Infinity,
    overflow: "error",
    // Before the end is reported, so that a listener can register again.
    onEnd() {
      if (worker.idle) release();
    },
    // After the worker has taken the valid items, because one of them may have the same key.
    onInvalidItem: (item, error) => void setTimeout(() => worker.refuse?.(item, error), 0),
  });

  const takeValues = async (): Promise<void> => {
    try {
      for await (const value of values) worker.take(value);
      await values.done;
    } finally {
      worker.end();
      await worker.whenIdle();
      release();
    }
  };
  const done = takeValues();
  // `onError` and an event report the error to a program that does not read `done`.
  done.catch(() => undefined);
  try {
    await values.ready;
  } catch (error) {
    // An item may have come before, which another handler must not run a second time at once.
    if (worker.idle) release();
    throw error;
  }
  values.done.catch((error: unknown) => worker.report(error));

  const stop = async (): Promise<void> => {
    worker.dropQueue();
    await values.return();
    await done.catch(() => undefined);
  };
  let stopped: Promise<void> | undefined;
  const stopOnce = async (): Promise<void> => (stopped ??= stop());
  return { stop: stopOnce, done, [asyncDispose]: stopOnce };
}
