/** Request ids that are texts. */
import type { IdSource } from "./request-ids.js";

/** Characters of an id: enough that two clients never choose the same beginning. Protocols with a lower limit get shorter ones. */
export const MAX_ID_LENGTH = 24;
/** Characters for the number of the request: 36^8 requests before an id occurs again. */
const COUNTER_LENGTH = 8;

const nothing = (): void => undefined;

/**
 * The ids of one client: a random text, which all of them begin with, and the number of the request. So a client recognizes its own ids
 * without a memory of them. No request waits for one.
 */
export class StringIds implements IdSource {
  readonly queued = 0;
  readonly #prefix: string;
  readonly #limit: number;
  #count = 0;

  constructor(maxLength = MAX_ID_LENGTH) {
    const length = Math.min(maxLength, MAX_ID_LENGTH);
    const counterLength = Math.min(COUNTER_LENGTH, Math.ceil(length / 2));
    this.#prefix = randomText(length - counterLength);
    this.#limit = 36 ** counterLength;
  }

  request(waiter: (id: string) => void): () => void {
    waiter(this.#prefix + this.#count.toString(36));
    this.#count = (this.#count + 1) % this.#limit;
    return nothing;
  }

  release(): void {
    // An id is not used again.
  }

  /** Whether this client has made an id. */
  isOwn(id: string): boolean {
    const count = parseInt(id.slice(this.#prefix.length), 36);
    return id === this.#prefix + count.toString(36) && count < this.#count;
  }
}

function randomText(length: number): string {
  let text = "";
  while (text.length < length) text += Math.random().toString(36).slice(2);
  return text.slice(0, length);
}
