/** Calls and sends through the middleware of a client. */
import { redactParameters } from "../api/redact.js";
import type { CallArguments, Resource } from "../api/resource.js";
import { TopicsmithError } from "../errors.js";
import { checkOptions } from "../internal/check-options.js";
import { onAbort } from "../internal/on-abort.js";
import { TimeLimit } from "../internal/timers.js";
import type { OutgoingRequest } from "../options.js";
import { sendRequest } from "./call.js";
import type { InFlightRequest } from "./in-flight-request.js";
import type { Request } from "./request.js";
import type { Session } from "./session.js";

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
    let inFlight: InFlightRequest | undefined;
    let requests = 0;
    let failure: TopicsmithError | undefined;
    let ended = false;
    let endsAt = 0;
    const fail = (code: "timeout" | "aborted", message: string, cause?: unknown): void => {
      failure = new TopicsmithError(code, message, { resource: template.name, cause });
      ended = true;
      limit.stop();
      reject(failure);
    };
    const limit = new TimeLimit(() => fail("timeout", `the middleware has not ended within ${timeoutMs} ms`));
    const restart = (): void => {
      limit.stop();
      endsAt = performance.now() + timeoutMs;
      if (requests === 0 && !ended) limit.start(timeoutMs);
    };
    const send = async (): Promise<unknown> => {
      if (failure) throw failure;
      requests += 1;
      restart();
      try {
        return await sendRequest(
          session,
          () => request(input),
          (started) => (inFlight = started),
        );
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
    if (signal?.aborted) return fail("aborted", "aborted", signal.reason);
    const ignoreSignal = signal && onAbort(signal, () => fail("aborted", "aborted", signal.reason));
    const run = async (index: number): Promise<unknown> =>
      index < wrappers.length ? wrappers[index]!(shown, () => run(index + 1)) : send();
    restart();
    void run(0)
      .then(resolve, reject)
      .finally(() => {
        ended = true;
        limit.stop();
        ignoreSignal?.();
      });
  });
}
