import { count } from "../internal/count.js";
import { uncheckedCast } from "../internal/unchecked-cast.js";

/** The registry of a connection. A global symbol, so that it is shared by the runtimes of several generated packages. */
const registry: unique symbol = Symbol.for("topicsmith.filters");

interface WithRegistry {
  [registry]?: Map<string, number>;
}

/** Number of users of one connection that have subscribed to each filter, so that none unsubscribes from a filter of another. */
export class SharedFilters {
  readonly #users: Map<string, number>;
  readonly #mine = new Set<string>();

  /** `connection` is an mqtt.js client or a transport. */
  constructor(connection: object) {
    this.#users = uncheckedCast<WithRegistry>(connection)[registry] ??= new Map();
  }

  /** Records that this user has subscribed to a filter. */
  add(filter: string): void {
    if (this.#mine.has(filter)) return;
    this.#mine.add(filter);
    count(this.#users, filter, 1);
  }

  /** Releases filters. Returns those that nobody uses any more. */
  release(filters: Iterable<string> = this.#mine): string[] {
    return [...filters].filter((filter) =>
      this.#mine.delete(filter) ? count(this.#users, filter, -1) <= 0 : !this.#users.has(filter),
    );
  }
}
