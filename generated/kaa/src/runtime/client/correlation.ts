/**
 * Matches responses to requests: the request that waits on each topic, the scopes of request ids, the ids in quarantine, and the
 * topics that were answered recently.
 *
 * | topic       | becomes     | when |
 * |-------------|-------------|------|
 * | (unknown)   | pending     | `expect()` |
 * | pending     | answered    | `retire()` after a response, with no further ones expected |
 * | pending     | quarantined | `retire()` while responses may still arrive |
 * | quarantined | answered    | the expected responses have arrived |
 * | quarantined | (unknown)   | the quarantine is over |
 * | answered    | (unknown)   | at least `RECENT_TOPICS` other topics were answered since |
 */
import type { ReceivedBody } from "../api/codec.js";
import type { RequestId } from "../api/descriptor.js";
import type { Protocol } from "../api/protocol.js";
import { MAX_TIMER_MS } from "../internal/timers.js";
import type { Settings } from "../options.js";
import type { RequestIdRange } from "../topics/grammar.js";
import { IdScope, type IdSource } from "./request-ids.js";

/** Whether a response reports success or an error. */
export type ResponseKind = "success" | "error";

/** Receives the responses to a request. */
export interface ResponseSink {
  /** The request, which messages other than those of `deliver` are compared with. */
  readonly request?: unknown;
  /** Returns `false` if the message cannot be a response to this request. */
  respond(kind: ResponseKind, body: ReceivedBody): boolean;
}

/** A request id whose request has ended. */
export interface RetiredId {
  /** The topic of the request, or another text that stands for the request. */
  readonly topic: string;
  /** A text is never used again, so it has no quarantine. */
  readonly id: RequestId;
  readonly scope: IdSource;
  readonly answered: boolean;
  /** The number of responses that may still arrive. The id is quarantined until they have, or until the quarantine is over. */
  readonly expectedResponses: number;
  /** Milliseconds; `Infinity` for a request without a timeout. The option `idQuarantineMs` overrides it. */
  readonly quarantineMs: number;
}

/** An id that is not reused yet. */
interface QuarantinedId {
  readonly answered: boolean;
  expectedResponses: number;
  readonly end: () => void;
}

/**
 * Answered topics are remembered in two generations of at most this many, to tell a duplicate from an unmatched response.
 * Duplicates usually arrive at once, so this is ample. A later one is reported as unmatched.
 */
const RECENT_TOPICS = 1_000;
/** From this many scopes on, idle ones are dropped. A dropped scope forgets which id was used last, so many are kept. */
const MAX_IDLE_SCOPES = 10_000;
/** Shortest default quarantine, in milliseconds: a late response may take far longer than a short timeout. */
const MIN_QUARANTINE_MS = 5_000;
/** Microtasks between a response and the reuse of its id: enough for a duplicate that arrived in the same packet. */
const RELEASE_DELAY_TURNS = 10;

/** The correlation state of one client; see the table above. */
export class CorrelationTable {
  readonly #protocol: Pick<Protocol, "requestId">;
  readonly #settings: Pick<Settings, "maxQueued" | "timeoutMs" | "idQuarantineMs">;
  // A plain object rather than a Map: a growing Map retains deleted entries until a major GC (see linked-list.ts).
  readonly #pending: Record<string, ResponseSink> = Object.create(null);
  readonly #scopes = new Map<string, IdScope>();
  #maxScopes = MAX_IDLE_SCOPES;
  readonly #quarantined = new Map<string, QuarantinedId>();
  #answered = new Set<string>();
  #answeredBefore = new Set<string>();

  constructor(
    protocol: Pick<Protocol, "requestId">,
    settings: Pick<Settings, "maxQueued" | "timeoutMs" | "idQuarantineMs">,
  ) {
    this.#protocol = protocol;
    this.#settings = settings;
  }

  /** The request ids that are unique within `key`. By default, they are those of the protocol. */
  scope(key: string, range?: RequestIdRange): IdScope {
    let scope = this.#scopes.get(key);
    if (scope) return scope;
    if (this.#scopes.size >= this.#maxScopes) this.#dropIdleScopes();
    scope = new IdScope(
      range ?? this.#protocol.requestId?.send ?? { minimum: 0, maximum: 0 },
      this.#settings.maxQueued,
    );
    this.#scopes.set(key, scope);
    return scope;
  }

  /** Delivers responses on `topic` to `sink` until the id is retired. */
  expect(topic: string, sink: ResponseSink): void {
    this.#pending[topic] = sink;
  }

  /** Releases an id, at once or after its quarantine. */
  retire({ topic, id, scope, answered, expectedResponses, quarantineMs }: RetiredId): void {
    delete this.#pending[topic];
    if (expectedResponses <= 0 || typeof id === "string") {
      if (answered) this.#remember(topic);
      return this.#releaseLater(scope, id);
    }
    const end = (): void => {
      clearTimeout(timer);
      this.#quarantined.delete(topic);
      this.#releaseLater(scope, id);
    };
    const timer = setTimeout(end, this.#quarantineMs(quarantineMs));
    this.#answered.delete(topic);
    this.#answeredBefore.delete(topic);
    this.#quarantined.set(topic, { answered, expectedResponses, end });
  }

  /** The request that waits on a topic. */
  pending(topic: string): ResponseSink | undefined {
    return this.#pending[topic];
  }

  /** Delivers a response to its request. Otherwise classifies it; `undefined` if the topic is unknown. */
  deliver(
    topic: string,
    kind: ResponseKind,
    body: ReceivedBody,
  ): "delivered" | "late" | "duplicate" | undefined {
    if (this.#pending[topic]?.respond(kind, body)) return "delivered";
    const quarantined = this.#quarantined.get(topic);
    if (!quarantined) {
      return this.#answered.has(topic) || this.#answeredBefore.has(topic) ? "duplicate" : undefined;
    }
    quarantined.expectedResponses -= 1;
    if (quarantined.expectedResponses <= 0) {
      quarantined.end();
      this.#remember(topic);
    }
    return quarantined.answered ? "duplicate" : "late";
  }

  stats(): { readonly queued: number; readonly quarantined: number } {
    return {
      queued: Array.from(this.#scopes.values()).reduce((sum, scope) => sum + scope.queued, 0),
      // An answered id is not counted: its request has not failed, even if a duplicate may arrive.
      quarantined: Array.from(this.#quarantined.values()).filter(({ answered }) => !answered).length,
    };
  }

  /** Ends all quarantines. No timer remains. */
  close(): void {
    for (const { end } of this.#quarantined.values()) end();
  }

  #dropIdleScopes(): void {
    for (const [key, { idle }] of this.#scopes) if (idle) this.#scopes.delete(key);
    // Double the threshold so that this scan is amortized O(1).
    this.#maxScopes = Math.max(MAX_IDLE_SCOPES, this.#scopes.size * 2);
  }

  #quarantineMs(requestMs: number): number {
    const { idQuarantineMs, timeoutMs } = this.#settings;
    // A request without a timeout needs a bound too, because the id space is small.
    const bound = [requestMs, timeoutMs].find((ms) => ms <= MAX_TIMER_MS) ?? 0;
    return Math.min(idQuarantineMs ?? Math.max(bound, MIN_QUARANTINE_MS), MAX_TIMER_MS);
  }

  #remember(topic: string): void {
    if (this.#answered.add(topic).size < RECENT_TOPICS) return;
    this.#answeredBefore = this.#answered;
    this.#answered = new Set();
  }

  /**
   * Frees an id. If requests wait for it, does so a few microtasks later: duplicate responses usually arrive back to back and must
   * not be matched to the next request with that id.
   */
  #releaseLater(scope: IdSource, id: RequestId, turns = scope.queued === 0 ? 0 : RELEASE_DELAY_TURNS): void {
    if (turns === 0) scope.release(id);
    else queueMicrotask(() => this.#releaseLater(scope, id, turns - 1));
  }
}
