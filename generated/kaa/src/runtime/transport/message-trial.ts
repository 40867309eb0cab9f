/** A broker that answers no PINGREQ must not stop all messages. One that closes the connection because of a message does so at once. */
export const TRIAL_MS = 2_000;

/** Up to so many suspects are tried one by one after their second loss. More of them are tried in groups first, because each trial takes a round trip. */
const MAX_SINGLE = 16;
const GROUPS = 8;

/** The number of messages that may be on trial together: all after their first loss, and each alone in the end. */
function capacityOf(losses: number, suspects: number): number {
  if (losses === 1) return Infinity;
  return losses === 2 && suspects > MAX_SINGLE ? Math.ceil(suspects / GROUPS) : 1;
}

/**
 * The messages on trial, which may be the reason why connections were lost: nothing else is written until the broker has answered them, or a
 * PINGREQ after them. Messages are known by their positions, see `Delivery`.
 */
export class MessageTrial {
  /** The position up to which the broker has processed all messages. */
  processed = 0;
  /** The position of the message that was alone on trial when the last connection was lost, or 0. */
  suspect = 0;
  readonly #ping: () => void;
  readonly #onOver: () => void;
  /** The positions of the first and the last message on trial. */
  #first = 0;
  #last = 0;
  #size = 0;
  /** The number of connections that each of the messages has cost, and how many of them may be on trial together. */
  #losses = 0;
  #capacity = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `ping` sends a PINGREQ if there is a connection. */
  constructor(ping: () => void, onOver: () => void) {
    this.#ping = ping;
    this.#onOver = onOver;
  }

  /** The broker has not processed the messages on trial yet. */
  get active(): boolean {
    return this.#last > this.processed;
  }

  /** Whether a message that has cost so many connections may be written while others are on trial. */
  admits(losses: number): boolean {
    return losses === this.#losses && this.#size < this.#capacity;
  }

  /**
   * Puts a message on trial.
   *
   * @param suspects How many suspects there are, this one included.
   */
  add(position: number, losses: number, suspects: number): void {
    const { active } = this;
    if (!active) {
      this.#capacity = capacityOf(losses, suspects);
      this.#size = 0;
      this.#first = position;
    }
    this.#size += 1;
    this.#last = position;
    this.#losses = losses;
    if (active) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.end();
      this.#onOver();
    }, TRIAL_MS);
    // After the other messages on trial that are written in this turn.
    queueMicrotask(() => this.#sendPing());
  }

  /** The broker has processed all messages up to this position. */
  onProcessed(position: number): void {
    if (position > this.processed) this.processed = position;
    if (!this.active) this.end();
  }

  /** The broker has answered a PINGREQ. If messages are still on trial, more were put there since, or it was another PINGREQ. */
  onPingResponse(): void {
    this.#sendPing();
  }

  /** The connection was lost. Nobody is a suspect while the broker may still have been at earlier messages. */
  onLost(): void {
    const isNext = this.processed >= this.#first - 1;
    this.suspect = this.active && this.#size === 1 && isNext ? this.#last : 0;
    this.end();
  }

  end(): void {
    this.#last = 0;
    clearTimeout(this.#timer);
  }

  #sendPing(): void {
    if (this.active) this.#ping();
  }
}
