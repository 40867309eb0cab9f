/** The number of messages in flight: within the broker's Receive Maximum (MQTT 5.0 section 4.9), and within the packet ids that there are. */

/** Of 65,535 packet ids, the others are left for SUBSCRIBE and UNSUBSCRIBE. Further messages wait. */
const MAX_IN_FLIGHT = 60_000;

/**
 * Milliseconds without an acknowledgement after which a PINGRESP shows that one never comes, if messages wait because too many are in
 * flight. Only a new connection frees the place of such a message.
 */
const STALL_MS = 30_000;

/** The places of all transports over one mqtt.js client, which have one connection. */
interface SharedPlaces {
  used: number;
  /** Time at which a place was last taken or freed, by `performance.now()`. */
  changedAt: number;
  /** One for each transport with messages that wait. */
  readonly waiting: Set<() => void>;
}

/** A global symbol, so that it is shared by the runtimes of several generated packages. */
const sharedPlaces: unique symbol = Symbol.for("topicsmith.places");

/** An mqtt.js client that shares its places. */
export interface FlowControlled {
  [sharedPlaces]?: SharedPlaces;
}

/** Counts the messages of one transport that are in flight. */
export class FlowControl {
  readonly #shared: SharedPlaces;
  readonly #flush: () => void;
  readonly #ping: () => void;
  #maximum = MAX_IN_FLIGHT;
  #used = 0;
  #stallTimer: ReturnType<typeof setTimeout> | undefined;

  /** `flush` writes what waits, as far as there are places. `ping` sends a PINGREQ. */
  constructor(client: FlowControlled, flush: () => void, ping: () => void) {
    this.#shared = client[sharedPlaces] ??= { used: 0, changedAt: 0, waiting: new Set() };
    this.#flush = flush;
    this.#ping = ping;
  }

  /** Sets the broker's Receive Maximum. It must not say 0 (MQTT 5.0 section 3.2.2.3.3), which counts as none. */
  limit(receiveMaximum: number | undefined): void {
    this.#maximum = Math.min(receiveMaximum || MAX_IN_FLIGHT, MAX_IN_FLIGHT);
  }

  get isFull(): boolean {
    return this.#shared.used >= this.#maximum;
  }

  /** An acknowledgement never comes, if the broker answers a PINGREQ now while messages wait. */
  get isStalled(): boolean {
    return this.isFull && performance.now() - this.#shared.changedAt > STALL_MS;
  }

  /** A message was written. `now` is the current time by `performance.now()`. */
  take(now: number): void {
    this.#change(1, now);
  }

  /** A message was acknowledged, or is given up. */
  free(): void {
    this.#change(-1);
  }

  /** The connection was lost. */
  reset(): void {
    this.#change(-this.#used);
    clearTimeout(this.#stallTimer);
    this.#stallTimer = undefined;
  }

  /** Says whether messages of this transport wait. Does not leave it to mqtt.js's keepalive, which may be off, to find a stall. */
  wait(isWaiting: boolean): void {
    if (!isWaiting) return void this.#shared.waiting.delete(this.#flush);
    this.#shared.waiting.add(this.#flush);
    if (!this.isFull) return;
    this.#stallTimer ??= setTimeout(() => {
      this.#stallTimer = undefined;
      this.#ping();
    }, STALL_MS);
  }

  /** Lets the other transports use a free place. */
  flushOthers(): void {
    for (const flush of this.#shared.waiting) if (flush !== this.#flush) flush();
  }

  #change(change: number, now = performance.now()): void {
    this.#used += change;
    this.#shared.used += change;
    this.#shared.changedAt = now;
  }
}
