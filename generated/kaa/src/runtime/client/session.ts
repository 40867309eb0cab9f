/** The shared state of a client, as its requests and observations see it. Implemented by start-session.ts. */
import type { ReceivedBody } from "../api/codec.js";
import type { Protocol } from "../api/protocol.js";
import type { RedactText, Secrets } from "../api/redact.js";
import type { ErrorCode } from "../errors.js";
import type { Emitter } from "../events.js";
import type { LinkedList } from "../internal/linked-list.js";
import type { Settings } from "../options.js";
import type { IncomingMessage, Transport } from "../transport/transport.js";
import type { CorrelationTable, ResponseKind } from "./correlation.js";
import type { Hooks } from "./hooks.js";
import type { SubscriptionManager } from "./subscription-manager.js";

/**
 * The state of a client's connection. `connecting`: there was none yet. `disconnected`: it was lost, and the client reconnects.
 * `failed`: it was refused for good. `closed`: `close()` was called.
 */
export type ClientState = "connecting" | "connected" | "disconnected" | "failed" | "closed";

/** Counters of a client. */
export interface ClientStats {
  /** Calls and sends that have not ended, without those in `queued`. */
  readonly inFlight: number;
  /** Calls that wait for a request id. */
  readonly queued: number;
  /** Request ids that are not reused yet, because a late response to them may still arrive. */
  readonly quarantined: number;
  /** Topic filters that the client is subscribed to, or subscribing to. */
  readonly subscriptions: number;
  /** Responses that arrived after their request had timed out or was aborted. */
  readonly late: number;
  /** Second and further responses to one request. */
  readonly duplicate: number;
  /** Responses that belong to no request. */
  readonly unmatched: number;
  /** Responses to requests of other clients, which share the topic of the responses. Only where request ids are texts. */
  readonly foreign: number;
}

/** Options of `close()`. */
export interface CloseOptions {
  /** Fails pending calls and sends with `closed` instead of waiting for them. Default: false. */
  readonly force?: boolean | undefined;
  /**
   * Unsubscribes from what is observed, so that the broker keeps none of it for the next connection. Default: true, unless the broker keeps
   * the session (`clean: false`).
   */
  readonly unsubscribe?: boolean | undefined;
}

/** A request that has not ended, as the session sees it. */
export interface LiveRequest {
  /** Outlives its response: an observation. A graceful close does not wait for it. */
  readonly longLived: boolean;
  /** Waits for a request id. */
  queued(): boolean;
  /** Called when the connection is lost. The positions are those of `TransportState`. */
  disconnected?(processed: number, suspect: number): void;
  /** Called when the connection is back. */
  reconnected?(sessionPresent: boolean): void;
  /** Ends the request without an error. */
  end(): void;
  /** Ends the request with an error. */
  fail(code: ErrorCode, message: string, cause?: unknown): void;
}

/** Reads the incoming messages that are not responses on the topic of their request and a suffix. */
export interface MessageReader {
  /** Takes a message from the transport. Ignores what is not a message of the API. */
  receive(message: IncomingMessage): void;
  /** Notes what the client publishes, because a broker sends it back where the client has subscribed to its topic. */
  onPublish(topic: string, body: Uint8Array, retain: boolean): void;
}

/** Responses that no request has accepted, by what they are. */
export type StrayCounts = Pick<ClientStats, "late" | "duplicate" | "unmatched" | "foreign">;

/** Receives a success or error without a request id. Returns `false` if it is not meant for this observer. */
export type Observer = (kind: ResponseKind, body: ReceivedBody) => boolean;

/** The observers of one topic. */
export interface ObserverList {
  readonly observers: Set<Observer>;
  /** Sends the `push.off` request that a former observer asked for. */
  stopPushes?: (() => Promise<unknown>) | undefined;
}

/** The state that all requests of a client share; see the table in start-session.ts. */
export interface Session {
  readonly protocol: Protocol;
  readonly settings: Settings;
  readonly transport: Transport;
  readonly hooks: Hooks;
  readonly events: Emitter;
  readonly subscriptions: SubscriptionManager;
  readonly correlation: CorrelationTable;
  readonly redact: RedactText;
  /** Number of the current connection, counted from 1; `undefined` while disconnected. */
  connection: number | undefined;
  /** The end of a close has given up a connection that was up. */
  closedOnline?: boolean;
  /** The last error that the transport reported. */
  lastError: unknown;
  /** The error of every request that begins after the session has failed or was closed. */
  terminalError: { readonly code: ErrorCode; readonly message: string; readonly cause?: unknown } | undefined;
  /** All requests that have not ended. */
  readonly inFlight: LinkedList<LiveRequest>;
  /** The number of requests that a graceful close waits for. */
  pendingCount: number;
  /** Secret parameter values of the client and its endpoints; redacted from messages and events. */
  readonly secrets: Secrets;
  /** Redacts the cause of an error; once for all requests that fail because of it. */
  readonly redactCause: (cause: unknown) => unknown;
  /** Observers by the topic, without an id, of their request. */
  readonly observers: Map<string, ObserverList>;
  /** The request topics, without an id, that have a handler. */
  readonly handled: Set<string>;
  /** Counts responses that no request has accepted. */
  readonly strays: { -readonly [Kind in keyof StrayCounts]: number };
  /** Present if the API has messages for it. */
  readonly reader: MessageReader | undefined;
  stats(): ClientStats;
  readonly state: ClientState;
  /** Begins `work`, and makes a graceful close wait for it. */
  task(work: () => Promise<unknown>): Promise<void>;
  /** A response shows that the broker has processed all messages up to this position, see `Delivery`. */
  onProcessed(position: number | undefined): void;
  /** Lets a graceful close go on if nothing is pending. */
  notifyIdle(): void;
  /** Connects at once instead of after the current pause; also after `failed`. */
  reconnect(): void;
  close(options?: CloseOptions): Promise<void>;
}

/** The fact `offline` of a request that fails now: there is no connection, and none was up when a close gave it up. */
export function isOffline({ connection, closedOnline = false }: Session): boolean {
  return connection === undefined && !closedOnline;
}
