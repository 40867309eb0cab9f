/**
 * The registration of one observer with the platform: a request that stays in flight, and the pushes that belong to it.
 *
 * | registration | becomes    | when |
 * |--------------|------------|------|
 * | registering  | registered | the platform has responded; without a request id: the broker has acknowledged the request; without a request: subscribed |
 * | registering  | ended      | the request was refused, or not answered in time |
 * | registered   | renewing   | the session was lost, so the request is sent again |
 * | renewing     | registered | as above. Until then, the request is repeated whenever its time is over, and with growing pauses after refusals |
 * | any          | ended      | `stop()`, the signal, close: without an error. Overflow, permanent failure: with an error |
 */
import type { ReceivedBody } from "../api/codec.js";
import { redactParameters } from "../api/redact.js";
import type { TopicsmithError } from "../errors.js";
import type { ObservationProblem } from "../events.js";
import type { ResponseKind } from "./correlation.js";
import { InFlightRequest } from "./in-flight-request.js";
import type { RequestCallbacks } from "./request-callbacks.js";
import type { Request } from "./request.js";
import { readResponse, reportFault } from "./response.js";
import type { ObserverList, Session } from "./session.js";

/** The request of an observation. */
export interface ObserveRequest extends Request {
  /** Requests the platform to stop its pushes; absent if they continue after the end. */
  readonly stopPushes?: (() => Promise<unknown>) | undefined;
}

/** Receives the events of an observation. */
export interface ObservationCallbacks {
  /** Called when the observation is registered, for the first time and after each lost session. */
  onRegistered(): void;
  /** Called for each value. Responses that count as empty are not values. */
  onValue(value: unknown): void;
  /** Called for each item of a list that does not match its schema, if the spec takes the list apart. The others are a value. */
  onInvalidItem?: ((item: unknown, error: TopicsmithError) => void) | undefined;
  /** Called exactly once. `error` is undefined if `stop()` or a close ended the observation. */
  onEnd(error: TopicsmithError | undefined): void;
}

/** Shortest time between two attempts to renew a registration, in milliseconds, so that a short timeout does not flood the broker. */
const MIN_RENEWAL_MS = 1_000;
/**
 * Longest pause between two attempts after refusals, in milliseconds: a platform that recovers is noticed within a minute, and one that does
 * not is not flooded.
 */
const MAX_RENEWAL_MS = 60_000;

/** An item that does not match its schema. */
interface InvalidItem {
  readonly item: unknown;
  readonly error: TopicsmithError;
}

type RegistrationState = "registering" | "registered" | "renewing" | "ended";

/** One observer's registration; see the table above. */
export class ObserverRegistration {
  readonly #session: Session;
  readonly #request: ObserveRequest;
  readonly #callbacks: ObservationCallbacks;
  readonly #inFlight: InFlightRequest;
  readonly #list: ObserverList;
  #state: RegistrationState = "registering";
  /** A response is outstanding. Without a request id it cannot be distinguished from a push, so the first message counts as the response. */
  #responsePending = false;
  #refused = false;
  /** Consecutive refusals to renew the registration. */
  #refusals = 0;
  /** Settles when the request to stop the pushes has ended. */
  #pushesStopped: Promise<void> | undefined;

  constructor(session: Session, request: ObserveRequest, callbacks: ObservationCallbacks) {
    this.#session = session;
    this.#request = request;
    this.#callbacks = callbacks;
    this.#inFlight = new InFlightRequest(session, request, this.#requestCallbacks());
    const { base } = request.target;
    this.#list = session.observers.get(base) ?? { observers: new Set() };
    session.observers.set(base, this.#list);
  }

  /** Begins; may end before it returns. */
  start(): void {
    this.#list.observers.add(this.#onPush);
    this.#inFlight.start();
  }

  /** Ends the observation. Resolves when the platform was requested to stop its pushes, if it has to be. */
  async stop(): Promise<void> {
    this.#inFlight.end();
    await this.#pushesStopped;
  }

  /** Ends the observation with `overflow`. */
  overflow(message: string): void {
    this.#inFlight.fail("overflow", message);
  }

  #requestCallbacks(): RequestCallbacks {
    return {
      // An observation may be registered any number of times.
      retryable: true,
      longLived: true,
      onSending: () => {
        this.#responsePending = true;
        this.#refused = false;
        if (this.#state === "registered") this.#state = "renewing";
        if (this.#state === "renewing") this.#inFlight.limit.start(this.#renewalMs());
      },
      onPublished: () => {
        if (!this.#request.withId) this.#register();
      },
      onResponse: (kind, body) => this.#onResponse(kind, body),
      onTimeout: () => {
        const isFirst = this.#state === "registering";
        // Nothing is known to fail before the first connection.
        if (isFirst && this.#session.state !== "connecting") return false;
        this.#inFlight.limit.start(isFirst ? this.#request.timeoutMs : this.#renewalMs());
        if (isFirst) return true;
        this.#inFlight.repeat();
        return true;
      },
      onRefused: (error) => this.#retryLater(error),
      onEnd: (error) => {
        this.#deregister();
        this.#callbacks.onEnd(error);
        if (error && error.code !== "aborted" && error.code !== "closed")
          this.#session.events.emit("observation-ended", this.#problem(error));
      },
    };
  }

  /** Milliseconds until a renewal that is not answered is repeated, even if the first request may take for ever. */
  #renewalMs(): number {
    return Math.min(Math.max(this.#request.timeoutMs, MIN_RENEWAL_MS), MAX_RENEWAL_MS);
  }

  #register(): void {
    this.#state = "registered";
    this.#inFlight.limit.stop();
    this.#callbacks.onRegistered();
  }

  #deregister(): void {
    this.#state = "ended";
    const { observers, connection } = this.#session;
    const { observers: remaining } = this.#list;
    remaining.delete(this.#onPush);
    if (this.#inFlight.attempts > 0 && !this.#refused) this.#list.stopPushes ??= this.#request.stopPushes;
    // The pushes go on while another observer takes them.
    if (remaining.size > 0) return;
    observers.delete(this.#request.target.base);
    const { stopPushes } = this.#list;
    // A platform that the client cannot reach does not reach the client either.
    if (!stopPushes || connection === undefined) return;
    // Best effort: there is no caller left to report a failure to.
    this.#pushesStopped = this.#session.task(stopPushes).catch(() => undefined);
  }

  #onResponse(kind: ResponseKind, body: ReceivedBody): void {
    if (kind === "success") {
      this.#register();
      return this.#onSuccess(body);
    }
    // A copy of the error.
    if (this.#refused) return;
    this.#refused = true;
    this.#responsePending = false;
    const error = readResponse(this.#session, this.#inFlight, kind, body);
    if ("value" in error) return;
    // Without an id, the acknowledgement of the first request has registered the observation before its response arrived.
    const isFirst = !this.#request.withId && this.#inFlight.attempts === 1;
    if (isFirst || !this.#retryLater(error)) this.#inFlight.end(error);
  }

  /** Tries again after a pause if the platform or the broker refuses to renew the registration. Returns `false` at the first registration. */
  #retryLater(error: TopicsmithError): boolean {
    if (this.#state === "registering") return false;
    this.#state = "renewing";
    const pause = Math.min(MAX_RENEWAL_MS, 2 * MIN_RENEWAL_MS * 2 ** this.#refusals);
    // Shortened at random, so that clients that lost their sessions together do not come back together.
    const retryMs = Math.round(pause / 2 + (Math.random() * pause) / 2);
    this.#refusals += 1;
    this.#inFlight.limit.stop();
    this.#inFlight.limit.start(retryMs);
    this.#session.events.emit("observation-refused", { ...this.#problem(error), retryMs });
    return true;
  }

  #problem(error: TopicsmithError): ObservationProblem {
    const { resource, values } = this.#request.target;
    const { template } = resource;
    return { resource: template.name, parameters: redactParameters(template, values), error };
  }

  #onSuccess(body: ReceivedBody): void {
    this.#refusals = 0;
    const invalid: InvalidItem[] = [];
    const response = readResponse(this.#session, this.#inFlight, "success", body, (list) =>
      this.#keepValidItems(list, invalid),
    );
    // An unreadable response was reported by `readResponse`. `undefined` is a response that counts as empty, or an event without payload.
    const { support } = this.#request.target.resource;
    if ("value" in response && (response.value !== undefined || support?.incoming))
      this.#callbacks.onValue(response.value);
    // After the valid ones, because one of those may have the same key.
    for (const { item, error } of invalid) this.#callbacks.onInvalidItem?.(item, error);
  }

  /** The valid items of a list, which is apart in the spec. Adds the others to `invalid`. */
  #keepValidItems(list: unknown, invalid: InvalidItem[]): { readonly value: unknown } | undefined {
    const { target } = this.#request;
    const { response } = target.resource;
    if (response === undefined || response === "empty" || !response.items || !Array.isArray(list))
      return undefined;
    const { items: isValid, tolerate } = response;
    const valid = list.filter((item: unknown, index) => {
      if (isValid(item)) return true;
      const found = isValid.errors ?? [];
      if (tolerate?.(isValid, item)) return true;
      const located = found.map((error) => ({ ...error, instancePath: `/${index}${error.instancePath}` }));
      invalid.push({ item, error: reportFault(this.#session, target, "invalid", located) });
      return false;
    });
    // The list itself is invalid.
    if (invalid.length === 0) return undefined;
    // Without a valid item, there is nothing to yield.
    return { value: valid.length > 0 ? valid : undefined };
  }

  /** Takes a message without a request id. */
  readonly #onPush = (kind: ResponseKind, body: ReceivedBody): boolean => {
    // An error without an id is a response only to a request without one.
    if (kind === "error")
      return !this.#request.withId && this.#responsePending && this.#inFlight.respond(kind, body);
    this.#responsePending = false;
    this.#onSuccess(body);
    return true;
  };
}
