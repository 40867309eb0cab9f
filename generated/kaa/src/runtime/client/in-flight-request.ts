/**
 * One request on its way: what calls, sends and observations have in common.
 *
 * | state       | becomes     | when |
 * |-------------|-------------|------|
 * | queued      | preparing   | a request id is granted; at once where none is needed |
 * | preparing   | preparing   | there is room for its subscriptions in the budget |
 * | preparing   | sent        | its subscriptions are acknowledged, and there is a connection |
 * | sent        | preparing   | the connection came back and the request may be repeated |
 * | sent        | done        | it is answered (call), the broker has it (send) |
 * | any         | done        | timeout, abort, refusal, failed, close; an observation also by its end |
 *
 * Done means: no timer, listener, subscription use or table entry is left. An id rests while as many answers have not come as it was
 * sent.
 */
import type { ListNode } from "../internal/linked-list.js";
import { MAX_TIMER_MS } from "../internal/timers.js";
import type { LiveRequest, Session } from "./session.js";
import { type ErrorCode, TopicsmithError } from "../errors.js";
import type { IdScope } from "./request-ids.js";
import { redactCause } from "../api/redact.js";
import { onAbort } from "../internal/on-abort.js";
import type { Request } from "./request.js";
import type { ResponseKind, ResponseSink } from "./correlation.js";
import type { Subscriber } from "./subscription.js";

/** What the one who asks makes of it. */
export interface RequestCallbacks {
  /** May be sent again with the same id. */
  readonly retryable: boolean;
  /** Outlives its answer: an observation. A graceful close does not wait for it. */
  readonly longLived?: boolean;
  /** It goes out, for the first time or again. */
  onSending?(): void;
  /** The transport has taken the message, or there was none to send. */
  onPublished?(): void;
  /** Answers come only where there was an id, or an observation asked. */
  onResponse(kind: ResponseKind, body: Uint8Array): void;
  /** The time is over. Absent: that is its end. */
  onTimeout?(): boolean;
  /** It is over; called once. Without an error where it was answered, or somebody asked for the end. */
  onEnd(error: TopicsmithError | undefined): void;
}

/** See the table above. */
export interface InFlightRequest extends Subscriber, LiveRequest, ResponseSink {
  readonly request: Request;
  readonly callbacks: RequestCallbacks;
  readonly requestId: number | undefined;
  /** How often it was sent. */
  readonly attempts: () => number;
  /** Sends again what was sent. */
  repeat(): void;
  /** Its time begins, unless it runs; or ends. Default: the request's time. */
  wait(on: boolean, ms?: number): void;
  /** Ends it: nothing of it is left. The `outcome` is an error, or `"answered"`, or `undefined` for no more interest. */
  end(outcome?: TopicsmithError | "answered"): void;
  /** An error about it, whose message and cause show no secrets. */
  error(code: ErrorCode, message: string, cause?: unknown): TopicsmithError;
}

/** Prepares a request; `start` begins, and the outcome may be there before it returns. */
export function createInFlightRequest(
  session: Session,
  request: Request,
  role: RequestCallbacks,
): InFlightRequest & { start(): void } {
  const { target: place, withId, body, qos, timeoutMs, signal, filters } = request;
  const { resource, values } = place;
  /** Being sent is its end. */
  const onlySent = !withId && !role.longLived;
  let state: "queued" | "preparing" | "sent" | "done" = "queued";
  let topic = place.base;
  let requestId: number | undefined;
  let scope: IdScope | undefined;
  let stopWaiting: (() => void) | undefined;
  let link: ListNode<LiveRequest> | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let ignoreSignal: (() => void) | undefined;
  let attempts = 0;
  let answers = 0;
  /** Needs no repeating as long as the session lives: acknowledged by the broker, or answered. */
  let safe = false;
  let sessionLost = false;
  /** It has to be subscribed to something before it is sent. */
  let subscribes = filters.length > 0;

  const facts = (): string => {
    const offline = session.connection === undefined ? ", not connected" : "";
    if (state === "queued") return `all request ids are in use${offline}`;
    if (attempts === 0) {
      const all = `all ${session.settings.maxSubscriptions} subscriptions are in use`;
      return `not sent${offline || `, ${self.subscriptionRefs.length > 0 ? "waiting for the subscription" : all}`}`;
    }
    return `sent${safe ? ", acknowledged" : ""}${sessionLost ? ", session lost" : ""}${offline}`;
  };

  const abort = (): void => self.fail("aborted", "aborted", signal?.reason);

  const granted = (id: number): void => {
    requestId = id;
    topic += `/${id}`;
    session.correlation.expect(topic, self);
    prepare();
  };

  const prepare = (): void => {
    state = "preparing";
    if (subscribes) session.subscriptions.acquire({ filters, subscriber: self, waitForCapacity: !onlySent });
    self.onReady();
  };

  const published = (attempt: number): void => {
    if (state === "done" || attempt !== attempts) return;
    safe ||= qos > 0;
    if (onlySent) self.end("answered");
    else role.onPublished?.();
  };

  const unpublished = (error: unknown, attempt: number, on: number): void => {
    if (state === "done" || attempt !== attempts) return;
    const disconnected = error instanceof TopicsmithError && error.code === "disconnected";
    if (session.connection === on && !disconnected)
      return self.fail("publish-refused", "the message was refused", error);
    if (role.retryable) {
      state = "preparing";
      if (session.connection !== on) self.onReady();
    } else if (onlySent) {
      self.fail("disconnected", "the connection was lost before the broker had the message", error);
    }
    // Else the answer may come yet.
  };

  const self: InFlightRequest & { start(): void } = {
    request,
    callbacks: role,
    subscriptionRefs: [],
    longLived: role.longLived === true,
    get requestId() {
      return requestId;
    },
    attempts: () => attempts,
    queued: () => state === "queued",
    start() {
      if (signal?.aborted) return abort();
      const { terminalError: refusal } = session;
      if (refusal && !(request.last && session.connection !== undefined))
        return self.fail(refusal.code, refusal.message, refusal.cause);
      link = session.inFlight.add(self);
      if (!role.longLived) session.pendingCount += 1;
      self.wait(true);
      if (signal) ignoreSignal = onAbort(signal, abort);
      if (!withId) return prepare();
      scope = session.correlation.scope(place.scope);
      stopWaiting = scope.request(granted);
      if (!stopWaiting)
        self.fail("queue-full", `${session.settings.maxQueued} requests wait for a request id already`);
    },
    onReady() {
      const on = session.connection;
      if (state !== "preparing" || on === undefined) return;
      if (subscribes && self.subscriptionRefs.length === 0) return;
      for (const { subscription } of self.subscriptionRefs) if (!subscription.ready) return;
      state = "sent";
      if (body === undefined) return role.onPublished?.();
      attempts += 1;
      role.onSending?.();
      const attempt = attempts;
      self.wait(true);
      session.transport.publish(topic, body, { qos, noRetransmit: !onlySent }).then(
        () => published(attempt),
        (error: unknown) => unpublished(error, attempt, on),
      );
    },
    reconnected(sessionPresent) {
      // A send is still in the transport's hands, which may repeat it by itself.
      if (state === "sent" && !onlySent) {
        sessionLost ||= !sessionPresent;
        if (role.retryable && body && !(sessionPresent && safe)) {
          safe = false;
          state = "preparing";
        }
      }
      self.onReady();
    },
    onRefused(message, cause) {
      if (!onlySent) return self.fail("subscribe-refused", message, cause);
      // The only subscription of a send is for errors, which it does not wait for.
      subscribes = false;
      session.subscriptions.release(self);
      self.onReady();
    },
    respond(kind, answer) {
      if (attempts === 0) return false;
      safe = true;
      answers += 1;
      role.onResponse(kind, answer);
      return true;
    },
    repeat() {
      if (state === "sent") state = "preparing";
      self.onReady();
    },
    wait(on, ms = timeoutMs) {
      if (!on) {
        clearTimeout(timer);
        timer = undefined;
      } else if (ms <= MAX_TIMER_MS) {
        timer ??= setTimeout(() => {
          timer = undefined;
          if (!role.onTimeout?.()) self.fail("timeout", `no answer within ${timeoutMs} ms (${facts()})`);
        }, ms);
      }
    },
    end(outcome) {
      if (state === "done") return;
      state = "done";
      self.wait(false);
      ignoreSignal?.();
      stopWaiting?.();
      if (requestId !== undefined && scope) {
        session.correlation.retire({
          topic,
          id: requestId,
          scope,
          answered: outcome === "answered",
          // Of what stays, any number.
          owed: role.longLived && attempts > 0 ? Infinity : attempts - answers,
          quarantineMs: timeoutMs,
        });
      }
      session.subscriptions.release(self);
      session.inFlight.remove(link);
      if (link && !role.longLived) session.pendingCount -= 1;
      role.onEnd(outcome === "answered" ? undefined : outcome);
      session.notifyIdle();
    },
    fail: (code, message, cause) => self.end(self.error(code, message, cause)),
    error(code, message, cause) {
      const mask = (text: string): string => session.redact(text, resource.template, values);
      return new TopicsmithError(code, mask(message), {
        resource: resource.template.name,
        requestId,
        // A signal's reason is the caller's own.
        cause: code === "aborted" ? cause : redactCause(cause, mask),
      });
    },
  };
  return self;
}
