import { LinkedList } from "../internal/linked-list.js";
import { TopicFilterTrie } from "../topics/filter-trie.js";
import { widenFilters } from "../topics/topic-filter.js";
import type { ManagedSubscription } from "./subscription.js";

/**
 * The subscriptions of a client by topic filter. No two of them overlap, because a broker may deliver a message once for each
 * matching subscription (MQTT 5.0 section 3.3.4). A filter that an existing subscription covers shares it. Any other filter
 * is widened, and replaces the subscriptions that it overlaps. Pinned filters are the exception: the spec has chosen them, so they are
 * subscribed to as they are, beside all others.
 */
export class SubscriptionTable {
  readonly #byFilter = new Map<string, ManagedSubscription>();
  /** Of filters that are not pinned. */
  readonly #trie = new TopicFilterTrie<ManagedSubscription>();
  readonly #pinned = new Set<string>();

  get size(): number {
    return this.#byFilter.size;
  }

  /** Excludes a filter from `widen`, until its subscription is removed. */
  pin(filter: string): void {
    this.#pinned.add(filter);
    this.#trie.delete(filter);
  }

  get(filter: string): ManagedSubscription | undefined {
    return this.#byFilter.get(filter);
  }

  /** True unless the subscription was removed, or replaced by a wider one. */
  has(subscription: ManagedSubscription): boolean {
    return this.#byFilter.get(subscription.filter) === subscription;
  }

  values(): Iterable<ManagedSubscription> {
    return this.#byFilter.values();
  }

  /** The narrowest filter that covers `filter` and every subscription that it overlaps. */
  widen(filter: string): string {
    if (this.#byFilter.has(filter) || this.#pinned.has(filter)) return filter;
    const wider = this.overlapping(filter).reduce(
      (joined, other) => widenFilters(joined, other.filter),
      filter,
    );
    // A wider filter may overlap further subscriptions, so repeat until it is stable.
    return wider === filter ? filter : this.widen(wider);
  }

  /** The subscriptions that some topic shares with `filter`. */
  overlapping(filter: string): ManagedSubscription[] {
    return this.#pinned.has(filter) ? [] : this.#trie.match(filter);
  }

  /** Adds a subscription for a filter that `widen` returned, and removes the ones that it replaces. */
  add(filter: string): {
    readonly added: ManagedSubscription;
    readonly replaced: readonly ManagedSubscription[];
  } {
    const replaced = this.overlapping(filter);
    for (const other of replaced) this.remove(other);
    const added: ManagedSubscription = {
      filter,
      subscribers: new LinkedList(),
      ready: false,
      subscribedOnConnection: undefined,
      losses: 0,
      trials: 0,
      packetSize: 0,
      idleSince: 0,
    };
    this.#byFilter.set(filter, added);
    if (!this.#pinned.has(filter)) this.#trie.set(filter, added);
    return { added, replaced };
  }

  remove({ filter }: ManagedSubscription): void {
    this.#byFilter.delete(filter);
    this.#pinned.delete(filter);
    this.#trie.delete(filter);
  }

  clear(): void {
    this.#byFilter.clear();
    this.#pinned.clear();
    this.#trie.clear();
  }
}
