/**
 * One request from its start to its end: the common part of calls, sends and observations.
 *
 * | state     | becomes   | when |
 * |-----------|-----------|------|
 * | new       | queued    | `start()`, unless the session has failed or was closed |
 * | queued    | preparing | a request id is granted; immediately if none is needed |
 * | preparing | sent      | its subscriptions are acknowledged, and the client is connected |
 * | sent      | preparing | the message has to be sent again: it was lost with the connection, or `repeat()` |
 * | sent      | paused    | it seems to cost connections, and its caller tries again later |
 * | paused    | preparing | `repeat()` |
 * | any       | done      | response (call), acknowledgement (send), timeout, abort, refusal, close, `end()` |
 *
 * After `done`, no timer, listener, subscription reference or table entry of
 * the request remains. Its id is quarantined as long as fewer responses have arrived than messages were sent.
 */
import type { ReceivedBody } from "../api/codec.js";
import type { RequestId } from "../api/descriptor.js";
import { type ErrorCode, type RequestFacts, TopicsmithError } from "../errors.js";
import type { ListNode } from "../internal/linked-list.js";
import { onAbort } from "../internal/on-abort.js";
import { TimeLimit } from "../internal/timers.js";
import { countLoss, isGivenUp, MAX_TRIALS, tooManyLosses } from "../transport/losses.js";
import type { Delivery, QoS } from "../transport/transport.js";
import type { ResponseKind, ResponseSink } from "./correlation.js";
import type { IdSource } from "./request-ids.js";
import type { Request } from "./request.js";
import type { RequestCallbacks, RequestOutcome } from "./request-callbacks.js";
import { type FailedRequest, type Failure, requestError, timeoutOf } from "./request-error.js";
import { isOffline, type LiveRequest, type Session } from "./session.js";
import type { Subscriber, SubscriptionRef, SubscriptionRequest } from "./subscription.js";

/** A state of the table above. */
type RequestState = "new" | "queued" | "preparing" | "sent" | "paused" | "done";

/** A request that has not ended yet; `start()` may end it before it returns. */
export class InFlightRequest implements Subscriber, LiveRequest, ResponseSink, Delivery, FailedRequest {
  readonly request: Request;
  readonly longLived: boolean;
  readonly subscriptionRefs: SubscriptionRef[] = [];
  queueEntry: ListNode<SubscriptionRequest> | undefined;
  /** Absent until an id is granted, and if no message carries it. */
  requestId: RequestId | undefined;
  /** The number of times that the message was sent. */
  attempts = 0;
  losses = 0;
  trials = 0;
  quickLosses = 0;
  position: number | undefined;
  writtenAt = 0;
  writtenQos?: QoS;
  /** Limits the time until the response, or until the message is sent again. */
  readonly limit = new TimeLimit(() => {
    if (!this.#callbacks.onTimeout?.()) this.#end(timeoutOf(this.#session, this));
  });

  readonly #session: Session;
  readonly #callbacks: RequestCallbacks;
  /** Ends once the broker has acknowledged the message. */
  readonly #fireAndForget: boolean;
  #state: RequestState = "new";
  /** The key in the correlation table; the topic, unless the request is a message that builds it. */
  #key: string;
  #id: RequestId | undefined;
  #scope: IdSource | undefined;
  #cancelIdWait: (() => void) | undefined;
  #node: ListNode<LiveRequest> | undefined;
  #ignoreSignal: (() => void) | undefined;
  #responsesSeen = 0;
  /** The broker has acknowledged the message, or a response has arrived. Not sent again as long as the session lives. */
  #acknowledged = false;
  #sessionLost = false;
  /** The message is not sent before the filters are subscribed to. */
  #needsSubscription: boolean;

  constructor(session: Session, request: Request, callbacks: RequestCallbacks) {
    this.request = request;
    this.longLived = callbacks.longLived === true;
    this.#session = session;
    this.#callbacks = callbacks;
    this.#fireAndForget = !request.withId && !this.longLived;
    this.#key = request.target.base;
    this.#needsSubscription = request.filters.length > 0;
  }

  /** Begins. */
  start(): void {
    const { signal, last } = this.request;
    const { terminalError, connection, pendingCount, settings } = this.#session;
    if (signal?.aborted) this.#abort();
    else if (terminalError && !(last && connection !== undefined))
      this.fail(terminalError.code, terminalError.message, terminalError.cause);
    else if (connection === undefined && pendingCount >= settings.maxQueued && !this.longLived && !last)
      this.fail("queue-full", `${settings.maxQueued} requests are already waiting for the connection`);
    else this.#enqueue();
  }

  get abandoned(): boolean {
    return this.#state === "done";
  }

  queued(): boolean {
    return this.#state === "queued";
  }

  /** Sends the message if nothing is missing any more. */
  onReady(): void {
    const { connection } = this.#session;
    if (this.#state !== "preparing" || connection === undefined) return;
    if (this.#needsSubscription && this.subscriptionRefs.length === 0) return;
    for (const { subscription } of this.subscriptionRefs) {
      // A send does not need what the broker answers to its SUBSCRIBE, which it processes before the message.
      const isSubscribing = this.#fireAndForget && subscription.subscribedOnConnection === connection;
      if (!subscription.ready && !isSubscribing) return;
    }
    this.#send();
  }

  onRefused(message: string, cause?: unknown): void {
    if (!this.#fireAndForget) return this.#refuse("subscribe-refused", message, cause);
    // The only subscription of a send is for error responses, which it does not wait for.
    this.#needsSubscription = false;
    this.#session.subscriptions.release(this);
    this.onReady();
  }

  onUnshared(): void {
    // The platform may have sent something meanwhile, which it repeats for a new registration.
    if (this.longLived && this.#state === "sent") this.#state = "preparing";
    // An observation that nothing limits must not wait in silence.
    this.#acquire({ again: true, waitForCapacity: !this.#fireAndForget && !this.longLived });
    this.onReady();
  }

  disconnected(processed: number, suspect: number): void {
    const { position = 0, request } = this;
    // The transport counts the losses of a plain send.
    if (position === 0 || this.#fireAndForget) return;
    countLoss(this, processed, suspect);
    this.position = undefined;
    if (this.#acknowledged) this.quickLosses = 0;
    if (!isGivenUp(this) || !this.#callbacks.retryable) return;
    const error = tooManyLosses(this, request.body?.length ?? 0);
    // What the broker has taken before may be innocent. The next time, one more loss is enough.
    this.trials = MAX_TRIALS - 1;
    this.quickLosses = 0;
    if (this.#callbacks.onRefused?.(requestError(this.#session, this, error))) this.#state = "paused";
    else this.#end(error);
  }

  reconnected(sessionPresent: boolean): void {
    // An observation of a lazy client has waited for the first connection without a limit.
    if (this.longLived && this.attempts === 0 && this.#session.connection === 1) {
      this.limit.stop();
      this.limit.start(this.request.timeoutMs);
    }
    // The transport retransmits a plain send by itself, so do not send it again.
    if (this.#state === "sent" && !this.#fireAndForget) {
      this.#sessionLost ||= !sessionPresent;
      const lost = !(sessionPresent && this.#acknowledged);
      if (lost && this.#callbacks.retryable && this.request.body) {
        this.#acknowledged = false;
        this.#state = "preparing";
      }
    }
    this.onReady();
    this.#onSubscribing();
  }

  respond(kind: ResponseKind, body: ReceivedBody): boolean {
    if (this.attempts === 0) return false;
    this.#acknowledged = true;
    this.#responsesSeen += 1;
    this.#session.onProcessed(this.position);
    this.#callbacks.onResponse(kind, body);
    return true;
  }

  /** Sends the message again. */
  repeat(): void {
    if (this.#state === "done") return;
    if (this.#state === "sent" || this.#state === "paused") this.#state = "preparing";
    // The broker refused a subscription.
    if (this.subscriptionRefs.length === 0 && !this.queueEntry?.next) this.#subscribe();
    else this.onReady();
  }

  end(outcome?: RequestOutcome): void {
    if (this.#state === "done") return;
    this.#state = "done";
    const session = this.#session;
    this.limit.stop();
    this.#ignoreSignal?.();
    this.#cancelIdWait?.();
    if (this.#id !== undefined && this.#scope) {
      session.correlation.retire({
        topic: this.#key,
        id: this.#id,
        scope: this.#scope,
        answered: outcome === "answered",
        // The platform may push with the id of an observation any number of times.
        expectedResponses:
          this.longLived && this.attempts > 0 ? Infinity : this.attempts - this.#responsesSeen,
        quarantineMs: this.request.timeoutMs,
      });
    }
    session.subscriptions.release(this);
    session.inFlight.remove(this.#node);
    if (this.#node && !this.longLived) session.pendingCount -= 1;
    this.#callbacks.onEnd(outcome === "answered" ? undefined : outcome);
    session.notifyIdle();
  }

  fail(code: ErrorCode, message: string, cause?: unknown): void {
    this.#end({ code, message, cause });
  }

  /** The known facts about the request, for its errors. */
  get facts(): RequestFacts {
    return {
      // The transport may not have written it yet.
      sent: this.attempts > 0 && this.position !== 0,
      acknowledged: this.#acknowledged,
      sessionLost: this.#sessionLost,
      offline: isOffline(this.#session),
    };
  }

  #end(failure: Failure): void {
    this.end(requestError(this.#session, this, failure));
  }

  #refuse(code: ErrorCode, message: string, cause: unknown): void {
    const error = requestError(this.#session, this, { code, message, cause });
    if (!this.#callbacks.onRefused?.(error)) return this.end(error);
    if (code === "subscribe-refused") this.#session.subscriptions.release(this);
  }

  #enqueue(): void {
    const { withId, signal, target, message } = this.request;
    const session = this.#session;
    this.#state = "queued";
    this.#node = session.inFlight.add(this);
    if (!this.longLived) session.pendingCount += 1;
    this.limit.start(this.request.timeoutMs);
    if (signal) this.#ignoreSignal = onAbort(signal, () => this.#abort());
    if (!withId) return this.#subscribe();
    this.#scope = message?.ids ?? session.correlation.scope(target.scope);
    this.#cancelIdWait = this.#scope.request((id) => this.#onIdGranted(id));
    if (this.#cancelIdWait) return;
    this.fail("queue-full", `${session.settings.maxQueued} requests are already waiting for a request id`);
  }

  #onIdGranted(id: RequestId): void {
    const { message } = this.request;
    this.#id = id;
    if (!message?.hidesId) this.requestId = id;
    this.#key = message ? message.key(id) : `${this.#key}/${id}`;
    this.#session.correlation.expect(this.#key, this);
    this.#subscribe();
  }

  #subscribe(): void {
    this.#state = "preparing";
    this.#acquire();
    this.onReady();
  }

  #acquire({ again = false, waitForCapacity = !this.#fireAndForget } = {}): void {
    const { filters, pinned, target, retained } = this.request;
    // Not with a spread: it costs as much as a fifth of the whole call.
    if (this.#needsSubscription)
      this.#session.subscriptions.acquire({
        filters,
        pinned,
        target,
        retained,
        subscriber: this,
        again,
        waitForCapacity,
      });
    this.#onSubscribing();
  }

  /** Sends a plain message after its SUBSCRIBE, which goes out in a microtask for all that need one now. */
  #onSubscribing(): void {
    if (this.#needsSubscription && this.#fireAndForget) queueMicrotask(() => this.onReady());
  }

  #send(): void {
    const { body, qos, retain, message } = this.request;
    const { transport, connection } = this.#session;
    this.#state = "sent";
    if (body === undefined) return this.#callbacks.onPublished?.();
    this.attempts += 1;
    this.#callbacks.onSending?.();
    const attempt = this.attempts;
    this.limit.start(this.request.timeoutMs);
    this.position = undefined;
    const options = { qos, retain, noRetransmit: !this.#fireAndForget, delivery: this };
    const onFailure = (error: unknown): void => this.#onPublishFailed(error, attempt, connection);
    try {
      const built = message?.build(this.#id) ?? { topic: this.#key, body };
      this.#session.reader?.onPublish(built.topic, built.body, retain === true);
      transport.publish(built.topic, built.body, options).then(() => this.#onPublished(attempt), onFailure);
    } catch (error) {
      onFailure(error);
    }
  }

  #onPublished(attempt: number): void {
    if (this.#state === "done" || attempt !== this.attempts) return;
    this.#acknowledged ||= (this.writtenQos ?? this.request.qos) > 0;
    if (this.#fireAndForget) this.end("answered");
    else this.#callbacks.onPublished?.();
  }

  #onPublishFailed(error: unknown, attempt: number, connection: number | undefined): void {
    if (this.#state === "done" || this.#state === "paused" || attempt !== this.attempts) return;
    const reconnected = this.#session.connection !== connection;
    const disconnected = error instanceof TopicsmithError && error.code === "disconnected";
    const unwritten = this.position === 0 && (!this.#fireAndForget || this.request.qos === 0);
    if (error instanceof TopicsmithError && error.size !== undefined) {
      // No response can come for what was never written, so the id is free.
      if (this.position === 0) this.attempts -= 1;
      this.#end(error);
    } else if (!reconnected && !disconnected)
      this.#refuse("publish-refused", "the message was refused", error);
    else if (unwritten || this.#callbacks.retryable) {
      if (unwritten) this.attempts -= 1;
      this.#state = "preparing";
      // Otherwise the session does not know yet that the connection is lost.
      if (reconnected) this.onReady();
    } else if (this.#fireAndForget) {
      this.fail("disconnected", "the connection was lost before the broker acknowledged the message", error);
    }
    // Otherwise keep waiting: the response may still arrive.
  }

  #abort(): void {
    this.fail("aborted", "aborted", this.request.signal?.reason);
  }
}
