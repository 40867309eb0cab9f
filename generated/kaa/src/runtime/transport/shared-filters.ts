import { count } from "../internal/count.js";
import { uncheckedCast } from "../internal/unchecked-cast.js";

/** The counts of each connection. A global symbol, so that they are shared by the runtimes of several generated packages. */
const registry: unique symbol = Symbol.for("topicsmith.filters");

interface WithRegistry {
  [registry]?: WeakMap<object, Map<string, number>>;
}

/** Number of users of one connection that have subscribed to each filter, so that none unsubscribes from a filter of another. */
export class SharedFilters {
  readonly #users: Map<string, number>;
  readonly #mine = new Set<string>();

  /** `connection` is an mqtt.js client or a transport. */
  constructor(connection: object) {
    const registries = (uncheckedCast<WithRegistry>(globalThis)[registry] ??= new WeakMap());
    this.#users = registries.get(connection) ?? new Map();
    registries.set(connection, this.#users);
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
