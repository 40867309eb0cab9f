import { MAX_TIMER_MS } from "../internal/timers.js";

/** Bounds of the pause between attempts to connect, in milliseconds. */
export interface Backoff {
  readonly minMs?: number | undefined;
  readonly maxMs?: number | undefined;
}

/** Reason codes of a CONNACK or DISCONNECT that concern who the client is, so that an attempt soon after meets the same answer: MQTT 3.1.1 section 3.2.2.3, MQTT 5.0 section 3.2.2.2. */
const REFUSAL_CODES = new Set<unknown>([
  // Protocol version, client id, user name or password, not authorized.
  1, 2, 4, 5,
  // The same in MQTT 5; banned; bad authentication method.
  132, 133, 134, 135, 138, 140,
  // Session taken over: two clients with one client id take it from one another.
  142,
]);

/** True for the reason code of a refusal: the broker does not accept this client. */
export function isRefusal(reasonCode: unknown): boolean {
  return REFUSAL_CODES.has(reasonCode);
}

/**
 * Schedules attempts to connect. The pause doubles with each attempt from `minMs` (default: 500) to `maxMs` (default: 30,000, or `minMs` if that is more). It is
 * shortened at random by up to one half, so that clients that lost their connections together do not come back together.
 */
export class Reconnector {
  readonly #attempt: () => void;
  readonly #minMs: number;
  readonly #maxMs: number;
  #attempts = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(attempt: () => void, { minMs = 500, maxMs = Math.max(minMs, 30_000) }: Backoff = {}) {
    this.#attempt = attempt;
    // Without a pause, the pauses would not grow either.
    this.#minMs = minMs || 1;
    this.#maxMs = maxMs;
  }

  /** Attempts once more after a pause; with `longest`, after the longest one. Without `grow`, the next pause will not be longer. */
  schedule({
    longest = false,
    grow = true,
  }: { readonly longest?: boolean; readonly grow?: boolean } = {}): void {
    const grown = longest ? Infinity : this.#minMs * 2 ** this.#attempts;
    const pause = Math.min(this.#maxMs, grown, MAX_TIMER_MS);
    if (grow) this.#attempts += 1;
    this.stop();
    this.#timer = setTimeout(this.#attempt, pause / 2 + (Math.random() * pause) / 2);
  }

  /** Starts over with the shortest pause, because a connection has lasted. */
  reset(): void {
    this.#attempts = 0;
  }

  /** Cancels the scheduled attempt. */
  stop(): void {
    clearTimeout(this.#timer);
  }
}
