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
import { isOffline, type Session } from "./session.js";

const UNSENT = { sent: false, acknowledged: false, sessionLost: false };

const nothing = (): void => undefined;

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
    checkOptions({ timeoutMs, signal });
    const wasOpen = session.terminalError === undefined;
    let inFlight: InFlightRequest | undefined;
    let requests = 0;
    let failure: TopicsmithError | undefined;
    let ended = false;
    let endsAt = 0;
    let ignoreSignal = nothing;
    let release = nothing;
    const end = (): void => {
      ended = true;
      limit.stop();
      ignoreSignal();
      session.inFlight.remove(node);
      release();
    };
    const fail = (code: ErrorCode, message: string, cause?: unknown): void => {
      const { requestId, facts = { ...UNSENT, offline: isOffline(session) } } = inFlight ?? {};
      failure ??= new TopicsmithError(code, message, { resource: template.name, requestId, ...facts, cause });
      reject(failure);
      end();
    };
    const limit = new TimeLimit(() => fail("timeout", `the middleware has not ended within ${timeoutMs} ms`));
    const restart = (): void => {
      limit.stop();
      endsAt = performance.now() + timeoutMs;
      if (requests === 0 && !ended) limit.start(timeoutMs);
    };
    // A call that began before a close is one of those that it waits for.
    const create = (): Request =>
      wasOpen && session.terminalError ? { ...request(input), last: true } : request(input);
    const send = async (): Promise<unknown> => {
      if (failure) throw failure;
      requests += 1;
      restart();
      try {
        return await sendRequest(session, create, (started) => (inFlight = started));
      } finally {
        requests -= 1;
        restart();
      }
    };
    const visible = { resource: template.name, kind, parameters: redactParameters(template, values) };
    // Not enumerable: a payload may contain secrets, and logs of the others would only be noise.
    const shown = Object.defineProperties(visible, {
      payload: { value },
      signal: { value: signal },
      timeoutMs: { value: timeoutMs },
      requestId: { get: () => inFlight?.requestId },
      timeLeftMs: { get: () => Math.max(endsAt - performance.now(), 0) },
    }) as OutgoingRequest;
    // The session fails it at the end of a close, and when the connection is refused for good.
    const node = session.inFlight.add({
      longLived: false,
      queued: () => true,
      disconnected: nothing,
      reconnected: nothing,
      fail,
    });
    void session.task(() => new Promise<void>((resolveTask) => (release = resolveTask)));
    if (signal?.aborted) return fail("aborted", "aborted", signal.reason);
    if (signal) ignoreSignal = onAbort(signal, () => fail("aborted", "aborted", signal.reason));
    const run = async (index: number): Promise<unknown> =>
      index < wrappers.length ? wrappers[index]!(shown, () => run(index + 1)) : send();
    restart();
    void run(0).then(resolve, reject).finally(end);
  });
}
