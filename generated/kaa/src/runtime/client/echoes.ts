/** Recognizes messages that the client itself has published. */

/** Milliseconds for which the client waits for its own message: several times a slow round trip. A later one counts as another's. */
const ECHO_MS = 5_000;
/** The same on a connection on which one came back: the program may have been busy for long. */
const KNOWN_ECHO_MS = 60_000;
/** The number of messages to wait for at once, so that memory stays limited. The oldest of more are forgotten. */
const MAX_PENDING = 20_000;
/** After so many messages that did not come back, a broker does not send messages back, and equal ones are another's. */
const MAX_UNHEARD = 3;

interface Published {
  readonly topic: string;
  readonly body: Uint8Array;
  /** By `performance.now()`. */
  readonly publishedAt: number;
}

/**
 * The messages of one client that a broker may send back to it, because MQTT 3.1.1 delivers a message to its publisher too if that has
 * subscribed. A message counts as sent back if its topic and body are those of one that was published shortly before. Brokers that do
 * not do it are noticed, because there an equal message is the platform's.
 */
export class Echoes {
  /** Messages on topics that the client had subscribed to, and on others. */
  #pending: Published[] = [];
  #others: Published[] = [];
  #unheard = 0;
  #connection: number | undefined;

  /** Notes a message that is published. `connection` is the number of the current one: each may lead to another broker. */
  note(topic: string, body: Uint8Array, subscribed: boolean, connection: number | undefined): void {
    if (connection !== this.#connection) {
      this.#pending = [];
      this.#others = [];
      this.#unheard = 0;
      this.#connection = connection;
    }
    this.#expire();
    const list = subscribed ? this.#pending : this.#others;
    list.push({ topic, body: new Uint8Array(body), publishedAt: performance.now() });
    if (list.length > MAX_PENDING) list.shift();
  }

  /** Whether an incoming message is one that was noted, and came back for the first time. */
  take(topic: string, body: Uint8Array): boolean {
    this.#expire();
    if (this.#unheard >= MAX_UNHEARD) return false;
    if (!takeFrom(this.#pending, topic, body) && !takeFrom(this.#others, topic, body)) return false;
    // One that was heard shows that this broker sends messages back.
    this.#unheard = -Infinity;
    return true;
  }

  #expire(): void {
    const now = performance.now();
    dropUntil(this.#others, now - ECHO_MS);
    const unheard = dropUntil(this.#pending, now - (this.#unheard < 0 ? KNOWN_ECHO_MS : ECHO_MS));
    this.#unheard += unheard;
  }
}

/** Removes a message from a list. Returns false if it is not there. */
function takeFrom(list: Published[], topic: string, body: Uint8Array): boolean {
  const index = list.findIndex((published) => published.topic === topic && isEqual(published.body, body));
  if (index >= 0) list.splice(index, 1);
  return index >= 0;
}

/** Removes what was published before a time, and returns the number. */
function dropUntil(list: Published[], oldest: number): number {
  let count = 0;
  while (list[count] && list[count]!.publishedAt < oldest) count += 1;
  list.splice(0, count);
  return count;
}

function isEqual(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}
