/**
 * The session of a client: the state of its connection, and what its requests share.
 *
 * | connection | becomes | when |
 * |------------|---------|------|
 * | down       | up      | the transport has connected: subscriptions are restored, lost requests are sent again |
 * | up         | down    | the transport has lost the connection, and reconnects |
 * | any        | failed  | the transport has given up: all requests fail, later ones too |
 * | failed     | down    | `reconnect()`, or the transport has connected after all |
 * | any        | closing | `close()`: no new requests, observations end, the others have `closeTimeoutMs` |
 * | closing    | closed  | all requests have ended, or the time is over |
 */
import { redactCause, redactTopics, redactValues, type RedactText, Secrets } from "../api/redact.js";
import type { Api, Resource } from "../api/resource.js";
import type { ErrorCode } from "../errors.js";
import { emitter } from "../events.js";
import { LinkedList } from "../internal/linked-list.js";
import { waitAtMost } from "../internal/timers.js";
import type { Settings } from "../options.js";
import type { QoS, Transport, TransportState } from "../transport/transport.js";
import { CorrelationTable } from "./correlation.js";
import { MessageRouter } from "./message-router.js";
import { type Hooks, hooksOf } from "./hooks.js";
import type {
  ClientState,
  ClientStats,
  CloseOptions,
  LiveRequest,
  MessageReader,
  ObserverList,
  Session,
} from "./session.js";
import { SubscriptionManager } from "./subscription-manager.js";

/** Starts to listen to a transport. */
export function startSession(api: Api, transport: Transport, settings: Settings): Session {
  return new ClientSession(api, transport, settings);
}

class ClientSession implements Session {
  readonly protocol;
  readonly settings;
  readonly transport;
  readonly hooks: Hooks;
  readonly events = emitter();
  readonly secrets = new Secrets();
  readonly redact: RedactText;
  readonly correlation;
  readonly subscriptions;
  connection: number | undefined;
  closedOnline = false;
  lastError: unknown;
  terminalError: Session["terminalError"];
  readonly inFlight = new LinkedList<LiveRequest>();
  pendingCount = 0;
  readonly observers = new Map<string, ObserverList>();
  readonly handled = new Set<string>();
  readonly strays = { late: 0, duplicate: 0, unmatched: 0, foreign: 0 };
  readonly reader: MessageReader | undefined;

  readonly #router: MessageRouter;
  readonly #listeners: readonly (() => void)[];
  readonly #causes = new WeakMap<object, unknown>();
  #connections = 0;
  /** The position up to which responses show that the broker has processed all messages. */
  #processed = 0;
  /** Attempts to connect that have failed since the last connection. */
  #failedAttempts = 0;
  #tasks = 0;
  #onIdle: (() => void) | undefined;
  #closing: Promise<void> | undefined;
  #forceClose = (): void => undefined;

  constructor({ protocol, extensions }: Api, transport: Transport, settings: Settings) {
    const resources = extensions.flatMap((extension) => Object.values(extension.resources));
    this.protocol = protocol;
    this.settings = settings;
    this.transport = transport;
    this.hooks = hooksOf(settings);
    const redact = redactTopics(resources);
    this.redact = (text, template, values = {}) => {
      const redacted = this.secrets.redact(redact(text));
      return template ? redactValues(redacted, template, values) : redacted;
    };
    this.correlation = new CorrelationTable(protocol, settings);
    this.subscriptions = new SubscriptionManager({
      transport,
      qos: highestQos(resources),
      keepMs: settings.subscriptionKeepMs,
      maximum: settings.maxSubscriptions,
      connection: () => this.connection,
    });
    const supported = resources.filter(({ support }) => support);
    this.reader = supported[0]?.support?.createReader(this, supported);
    this.#router = new MessageRouter(this, resources);
    this.#listeners = [
      transport.onMessage((message) => this.#router.receive(message)),
      transport.onState((state) => this.#transition(state)),
    ];
  }

  stats(): ClientStats {
    const sent = this.inFlight.values().filter((request) => !request.longLived && !request.queued());
    return {
      inFlight: sent.length,
      ...this.correlation.stats(),
      subscriptions: this.subscriptions.size(),
      ...this.strays,
    };
  }

  redactCause(cause: unknown): unknown {
    const known = this.#causes.get(Object(cause));
    if (known !== undefined) return known;
    const redacted = redactCause(cause, this.redact);
    // The redacted cause may be the cause of further errors.
    for (const error of [cause, redacted])
      if (typeof error === "object" && error !== null) this.#causes.set(error, redacted);
    return redacted;
  }

  get state(): ClientState {
    const { terminalError, connection } = this;
    if (terminalError) return terminalError.code === "closed" ? "closed" : "failed";
    if (connection !== undefined) return "connected";
    return this.#connections > 0 ? "disconnected" : "connecting";
  }

  async task(work: () => Promise<unknown>): Promise<void> {
    // Counted before it begins, because the work itself may close the client.
    this.#tasks += 1;
    try {
      await work();
    } finally {
      this.#tasks -= 1;
      this.notifyIdle();
    }
  }

  notifyIdle(): void {
    if (this.#isIdle()) this.#onIdle?.();
  }

  /** Nothing is pending that a graceful close waits for. */
  #isIdle(): boolean {
    return this.#tasks + this.pendingCount === 0;
  }

  onProcessed(position = 0): void {
    if (position <= this.#processed) return;
    this.#processed = position;
    this.transport.onResponse?.(position);
  }

  reconnect(): void {
    const { transport, terminalError } = this;
    if (!transport.reconnect || terminalError?.code === "closed") return;
    this.terminalError = undefined;
    transport.reconnect();
  }

  close({ force = false, unsubscribe }: CloseOptions = {}): Promise<void> {
    this.#closing ??= this.#shutDown(new Promise((resolve) => (this.#forceClose = resolve)), unsubscribe);
    if (force) this.#forceClose();
    return this.#closing;
  }

  /** Closes gracefully, as far as the time allows it. Never rejects. When `aborted` resolves, it does not wait any longer. */
  async #shutDown(aborted: Promise<void>, unsubscribe = this.transport.keepsSession !== true): Promise<void> {
    // By `performance.now()`, which no change of the system's clock moves.
    const deadline = performance.now() + this.settings.closeTimeoutMs;
    const timeLeft = (): number => Math.max(deadline - performance.now(), 0);
    const wait = (work: Promise<unknown>): Promise<void> =>
      waitAtMost(Promise.race([work, aborted]), timeLeft());
    let closed = false;
    // Asynchronous, so that an exception of the transport's `close` is a rejection, too.
    const closeTransport = async (force: boolean): Promise<void> => {
      await this.transport.close({ force });
      closed = true;
    };
    const isOnline = (): boolean => this.connection !== undefined;
    this.subscriptions.keepsObserved = !unsubscribe;
    // Also of a client that has failed, so that nothing revives it.
    this.terminalError = { code: "closed", message: "the client is closed" };
    for (const request of this.inFlight.values()) if (request.longLived) request.end();
    if (isOnline() && !this.#isIdle()) await wait(new Promise<void>((resolve) => (this.#onIdle = resolve)));
    const graceful = isOnline() && this.#isIdle();
    this.closedOnline = isOnline();
    this.connection = undefined;
    this.#failAll("closed", "the client was closed");
    await wait(this.#release(graceful));
    for (const remove of this.#listeners) remove();
    // Also when the time is over: without DISCONNECT, the broker would publish the last will (MQTT 3.1.1 section 3.1.2.5).
    const closing = closeTransport(!this.closedOnline);
    await wait(closing);
    // One turn more, in which DISCONNECT is written.
    await waitAtMost(closing, 0);
    // A broker that does not take part must not keep the socket open, and with it the process alive.
    if (!closed) await waitAtMost(closeTransport(true), 0);
  }

  #transition(state: TransportState): void {
    if (state.kind === "connected") return this.#onConnected(state.sessionPresent);
    const wasConnected = this.connection !== undefined;
    this.connection = undefined;
    const cause = (this.lastError = this.redactCause(state.cause));
    if (state.kind === "disconnected" && wasConnected) {
      const processed = Math.max(this.#processed, state.processed ?? 0);
      for (const request of this.inFlight.values()) request.disconnected?.(processed, state.suspect ?? 0);
    }
    if (state.kind === "failed") this.#onFailed(cause);
    else if (!wasConnected) {
      this.#failedAttempts += 1;
      return this.events.emit("attempt-failed", { attempt: this.#failedAttempts, cause });
    }
    this.events.emit(state.kind, { cause });
  }

  #onConnected(sessionPresent: boolean): void {
    this.#connections += 1;
    this.#failedAttempts = 0;
    this.connection = this.#connections;
    if (this.terminalError?.code === "connection-refused") this.terminalError = undefined;
    this.subscriptions.restore(sessionPresent);
    for (const request of this.inFlight.values()) request.reconnected?.(sessionPresent);
    this.events.emit("connected", { sessionPresent });
  }

  #onFailed(cause: unknown): void {
    const code = "connection-refused";
    const message = "the connection was refused permanently";
    this.terminalError ??= { code, message, cause };
    this.#failAll(code, message, cause);
    void this.#release(false);
  }

  #failAll(code: ErrorCode, message: string, cause?: unknown): void {
    for (const request of this.inFlight.values()) request.fail(code, message, cause);
  }

  /** Stops all timers. Unsubscribes if `graceful`. */
  #release(graceful: boolean): Promise<void> {
    this.correlation.close();
    return this.subscriptions.close(graceful);
  }
}

function highestQos(resources: readonly Resource[]): QoS {
  return resources.reduce<QoS>((highest, { qos }) => (qos > highest ? qos : highest), 0);
}
