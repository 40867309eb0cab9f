/** Handlers: an observation whose items are each handled once and answered through another resource. */
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
  /** Takes no more items. Resolves when the running ones have ended and their responses are sent. */
  stop(): Promise<void>;
}

/** Everything {@link handle} needs besides the session. */
export interface HandlerSetup extends Omit<ItemWorkerOptions, "concurrency" | "onError"> {
  readonly request: () => ObserveRequest;
  readonly options: HandleOptions;
}

/** Registers a handler. Resolves when the platform has responded; rejects like the observation's `ready`. */
export async function handle(session: Session, setup: HandlerSetup): Promise<HandlerRegistration> {
  const { concurrency = 1, onError } = setup.options;
  const worker = new ItemWorker(session, { ...setup, concurrency, onError });
  // The worker's queue is the bounded one. It takes values as they arrive, so this buffer stays short.
  const values = observe(session, setup.request, { buffer: Infinity, overflow: "error" });
  await values.ready;

  const takeValues = async (): Promise<void> => {
    for await (const value of values) worker.take(value);
  };
  takeValues()
    .catch((error: unknown) => worker.report(error))
    .finally(() => worker.end());

  const stop = async (): Promise<void> => {
    worker.dropQueue();
    await values.return();
    await worker.whenIdle();
  };
  let stopped: Promise<void> | undefined;
  return { stop: async () => (stopped ??= stop()) };
}
