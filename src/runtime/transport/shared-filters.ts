import type { MqttClient } from "mqtt";
import { count } from "../internal/count.js";

/** The registry of an mqtt.js client. A global symbol, so that it is shared by the runtimes of several generated packages. */
const registry: unique symbol = Symbol.for("topicsmith.filters");

/** Number of transports over one mqtt.js client that have subscribed to each filter, so that none unsubscribes from a filter of another. */
export class SharedFilters {
  readonly #users: Map<string, number>;
  readonly #mine = new Set<string>();

  constructor(client: MqttClient & { [registry]?: Map<string, number> }) {
    this.#users = client[registry] ??= new Map();
  }

  /** Records that this transport uses a filter. */
  add(filter: string): void {
    if (this.#mine.has(filter)) return;
    this.#mine.add(filter);
    count(this.#users, filter, 1);
  }

  /** Releases filters. Returns those that no transport uses any more. */
  release(filters: Iterable<string> = this.#mine): string[] {
    return [...filters].filter((filter) =>
      this.#mine.delete(filter) ? count(this.#users, filter, -1) <= 0 : !this.#users.has(filter),
    );
  }
}
