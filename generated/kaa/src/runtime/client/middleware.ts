/** Calls and sends through the middleware of a client. */
import { redactParameters } from "../api/redact.js";
import type { CallArguments, Resource } from "../api/resource.js";
import { type ErrorCode, TopicsmithError } from "../errors.js";
import { checkOptions } from "../internal/check-options.js";
import { onAbort } from "../internal/on-abort.js";
import { TimeLimit } from "../internal/timers.js";
import type { OutgoingRequest } from "../options.js";
import { sendRequest } from "./call.js";
import type { InFlightRequest } from "./in-flight-request.js";
import type { Request } from "./request.js";
import { isOffline, type LiveRequest, type Session } from "./session.js";

/** Sends a request through the client's middleware. Rejects with what `read` or `request` throws. */
export function callWithMiddleware(
  session: Session,
  kind: "call" | "send",
  { template }: Resource,
  read: () => CallArguments,
  request: (input: CallArguments) => Request,
): Promise<unknown> {
  const wrappers = session.hooks.request;
  if (wrappers.length === 0) return sendRequest(session, () => request(read()));
  return new Promise((resolve, reject) => {
    const input = read();
    const { values, value, options } = input;
    const { timeoutMs = session.settings.timeoutMs, signal } = options;
    checkOptions(options);
    const call = new WrappedCall(session, {
      resource: template.name,
      timeoutMs,
      request: settled(() => request(input)),
      reject,
    });
    const visible = { resource: template.name, kind, parameters: redactParameters(template, values) };
    // Not enumerable: a payload may contain secrets, and logs of the others would only be noise.
    const shown = Object.defineProperties(visible, {
      payload: { value },
      signal: { value: signal },
      timeoutMs: { value: timeoutMs },
      requestId: { get: () => call.inFlight?.requestId },
      timeLeftMs: { get: () => Math.max(call.endsAt - performance.now(), 0) },
    }) as OutgoingRequest;
    const run = async (index: number): Promise<unknown> =>
      index < wrappers.length ? wrappers[index]!(shown, () => run(index + 1)) : call.send();
    if (call.start(signal))
      void run(0)
        .then(resolve, reject)
        .finally(() => call.end());
  });
}

/** Calls a function at once, because the caller may change the payload later. Returns a function that returns or throws what it did. */
function settled<T>(work: () => T): () => T {
  try {
    const result = work();
    return () => result;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}

/** The options of a {@link WrappedCall}. */
interface WrappedCallOptions {
  readonly resource: string;
  readonly timeoutMs: number;
  readonly request: () => Request;
  readonly reject: (error: unknown) => void;
}

const UNSENT = { sent: false, acknowledged: false, sessionLost: false };

/**
 * A call from the first middleware to its end. Limits the time outside of its requests, ends by its signal, and is failed by the session,
 * like a request in flight, at the end of a close and when the connection is refused for good.
 */
class WrappedCall implements LiveRequest {
  readonly longLived = false;
  inFlight: InFlightRequest | undefined;
  /** Time at which the time of the request, or of the middleware, is over, by `performance.now()`. */
  endsAt = 0;
  readonly #session: Session;
  readonly #options: WrappedCallOptions;
  readonly #wasOpen: boolean;
  readonly #limit: TimeLimit;
  /** Number of requests that have not ended. */
  #requests = 0;
  #failure: TopicsmithError | undefined;
  #ended = false;
  readonly #onEnd: (() => void)[] = [];

  constructor(session: Session, options: WrappedCallOptions) {
    this.#session = session;
    this.#options = options;
    this.#wasOpen = session.terminalError === undefined;
    const { timeoutMs } = options;
    this.#limit = new TimeLimit(() =>
      this.fail("timeout", `the middleware has not ended within ${timeoutMs} ms`),
    );
  }

  queued(): boolean {
    return true;
  }

  /** Begins; returns `false` if the signal was aborted before. */
  start(signal: AbortSignal | undefined): boolean {
    const session = this.#session;
    const abort = (): void => this.fail("aborted", "aborted", signal?.reason);
    const node = session.inFlight.add(this);
    this.#onEnd.push(() => session.inFlight.remove(node));
    void session.task(() => new Promise<void>((resolve) => this.#onEnd.push(resolve)));
    if (signal?.aborted) abort();
    else if (signal) this.#onEnd.push(onAbort(signal, abort));
    this.#restartLimit();
    return !this.#ended;
  }

  async send(): Promise<unknown> {
    if (this.#failure) throw this.#failure;
    const { request } = this.#options;
    const session = this.#session;
    // A call that began before a close is one of those that it waits for.
    const create = (): Request =>
      this.#wasOpen && session.terminalError ? { ...request(), last: true } : request();
    this.#requests += 1;
    this.#restartLimit();
    try {
      return await sendRequest(session, create, (started) => (this.inFlight = started));
    } finally {
      this.#requests -= 1;
      this.#restartLimit();
    }
  }

  fail(code: ErrorCode, message: string, cause?: unknown): void {
    const { resource, reject } = this.#options;
    const { requestId, facts = { ...UNSENT, offline: isOffline(this.#session) } } = this.inFlight ?? {};
    this.#failure ??= new TopicsmithError(code, message, { resource, requestId, ...facts, cause });
    reject(this.#failure);
    this.end();
  }

  end(): void {
    this.#ended = true;
    this.#limit.stop();
    for (const end of this.#onEnd.splice(0)) end();
  }

  #restartLimit(): void {
    const { timeoutMs } = this.#options;
    this.#limit.stop();
    this.endsAt = performance.now() + timeoutMs;
    if (this.#requests === 0 && !this.#ended) this.#limit.start(timeoutMs);
  }
}
