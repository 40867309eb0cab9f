/**
 * The subscriptions of a client, shared by its in-flight requests.
 *
 * | subscription  | becomes       | when |
 * |---------------|---------------|------|
 * | (none)        | subscribing   | a subscriber needs it; filters of one tick share a SUBSCRIBE |
 * | subscribing   | ready         | SUBACK: its subscribers go on |
 * | subscribing   | (none)        | refused: its subscribers fail |
 * | ready         | subscribing   | the session was lost |
 * | ready         | idle          | its last subscriber released it |
 * | idle          | ready         | a subscriber needs it again |
 * | idle          | unsubscribing | `keepMs` have passed, or the limit needs room: UNSUBSCRIBE |
 * | unsubscribing | (none)        | UNSUBACK; only then is the same filter subscribed to again. Without one, UNSUBSCRIBE is repeated on the next connection |
 *
 * When values of a resource's path have `SHARE_FROM` filters, the next value gets one with `+` in their place, which replaces them. If the
 * broker refuses it, each value has a filter of its own again, and the resource's filters are not shared any more.
 *
 * Beyond the limit, requests wait in the order of arrival, each for all of its filters. A later request does not overtake
 * them unless observations hold all that it needs: sharing any other subscription could keep it in use for ever.
 */
import { LinkedList } from "../internal/linked-list.js";
import { MAX_TIMER_MS } from "../internal/timers.js";
import type { ManagedSubscription, Subscriber, SubscriptionRequest } from "./subscription.js";
import { SubscriptionSync, type SubscriptionSyncOptions } from "./subscription-sync.js";
import { SubscriptionTable } from "./subscription-table.js";

/**
 * Below this number, each value of a path has a filter of its own, so that the broker sends nothing that nobody needs. From here on, one
 * filter serves all: a program that requests hundreds of chunks of a file does not collect hundreds of filters.
 */
const SHARE_FROM = 4;

/** Options of a {@link SubscriptionManager}. */
export interface SubscriptionManagerOptions extends Pick<
  SubscriptionSyncOptions,
  "transport" | "qos" | "connection"
> {
  /** The time that an idle subscription is kept, in milliseconds. */
  readonly keepMs: number;
  /** The most subscriptions that the client may have at once. */
  readonly maximum: number;
}

/** Grants subscriptions to subscribers within a limit, and drops them when they are no longer needed. */
export class SubscriptionManager {
  /** From now on, observations leave their subscriptions at the broker when they end. */
  keepsObserved = false;
  readonly #options: SubscriptionManagerOptions;
  readonly #table = new SubscriptionTable();
  readonly #sync: SubscriptionSync;
  /** Subscriptions without a subscriber, the one that has been idle for longest first. */
  readonly #idle = new LinkedList<ManagedSubscription>();
  /** Requests beyond the limit, in the order of arrival. */
  readonly #queue = new LinkedList<SubscriptionRequest>();
  /** The resources of which the broker has refused a shared filter. It may grant those of single values. */
  readonly #unshared = new Set<unknown>();
  #sweepTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: SubscriptionManagerOptions) {
    this.#options = options;
    this.#sync = new SubscriptionSync({
      ...options,
      table: this.#table,
      onSettled: (subscription, returnCode, cause) => {
        const { ready, shared } = subscription;
        const subscribers = subscription.subscribers.values();
        if (ready) return subscribers.forEach((subscriber) => subscriber.onReady());
        this.#remove(subscription);
        if (shared !== undefined) return this.#unshare(shared, subscribers);
        for (const subscriber of subscribers)
          subscriber.onRefused(`the broker refused a subscription (${returnCode})`, cause);
      },
    });
  }

  size(): number {
    return this.#table.size;
  }

  /** Gives the subscriber references to subscriptions that cover its filters, now or when the limit allows it. */
  acquire(request: SubscriptionRequest): void {
    const { filters, subscriber, waitForCapacity, again } = request;
    const maximum = this.#options.maximum;
    if (filters.length > maximum)
      return subscriber.onRefused(`needs ${filters.length} subscriptions, and there may be ${maximum}`);
    const mayOvertake =
      again || this.#queue.size === 0 || filters.every((filter) => this.#isHeldByObservation(filter));
    if (mayOvertake && this.#grant(request)) return;
    if (waitForCapacity) subscriber.queueEntry = this.#queue.add(request);
    else subscriber.onRefused(`all ${maximum} subscriptions are in use`);
  }

  /** Releases all references of the subscriber, and takes it out of the queue. */
  release(subscriber: Subscriber): void {
    this.#drop(subscriber);
    this.#grantQueued();
  }

  #drop(subscriber: Subscriber): void {
    this.#queue.remove(subscriber.queueEntry);
    for (const { subscription, node } of subscriber.subscriptionRefs.splice(0)) {
      subscription.subscribers.remove(node);
      subscription.kept ||= this.keepsObserved && subscriber.longLived;
      if (subscription.subscribers.size > 0 || !this.#table.has(subscription)) continue;
      subscription.idleSince = performance.now();
      subscription.idleEntry = this.#idle.add(subscription);
      this.#scheduleSweep(this.#options.keepMs);
    }
  }

  #grantQueued(): void {
    for (let first = this.#queue.first(); first && this.#grant(first.value); first = this.#queue.first()) {
      this.#queue.remove(first);
      first.value.subscriber.onReady();
    }
  }

  /** Subscribes again on a new connection, where the session has not kept the subscriptions. */
  restore(sessionPresent: boolean): void {
    this.#sync.restore(sessionPresent);
  }

  /**
   * Forgets all subscriptions; new ones may follow, because a client that has failed can be revived. If `graceful`, unsubscribes from
   * everything that is not kept; rejects if the transport does.
   */
  async close(graceful: boolean): Promise<void> {
    clearTimeout(this.#sweepTimer);
    this.#sweepTimer = undefined;
    this.#idle.drain();
    const dropped = graceful ? Array.from(this.#table.values()).filter(({ kept }) => !kept) : [];
    this.#table.clear();
    await this.#sync.close(dropped.map(({ filter }) => filter));
  }

  #isHeldByObservation(filter: string): boolean {
    const subscription = this.#table.get(this.#table.widen(filter));
    return subscription?.subscribers.values().some(({ longLived }) => longLived) === true;
  }

  /** Gives a subscriber all that it needs, or nothing if the limit does not allow it. */
  #grant(request: SubscriptionRequest): boolean {
    const { subscriber, retained } = request;
    for (const filter of request.pinned ?? []) this.#table.pin(filter);
    let filters = request.filters.map((filter) => this.#share(filter, request.target, SHARE_FROM));
    if (this.#options.maximum < Infinity && !this.#makeRoom(filters)) {
      // Shared earlier, they may fit.
      filters = request.filters.map((filter) => this.#share(filter, request.target, 1));
      if (!this.#makeRoom(filters)) return false;
    }
    for (const [index, filter] of filters.entries()) {
      const subscription = this.#cover(filter);
      if (filter !== request.filters[index]) subscription.shared = request.target?.resource;
      this.#addReference(subscription, subscriber);
      if (retained && subscription.subscribedOnConnection !== undefined) this.#sync.subscribe(subscription);
    }
    return true;
  }

  /** The filter itself, or the one that it shares with other values of its path, if these have at least so many. */
  #share(filter: string, target: SubscriptionRequest["target"], from: number): string {
    if (!target || this.#table.get(filter)) return filter;
    const shared =
      target.share?.(filter) ?? target.sharedTopicBase + filter.slice(target.responseTopicBase.length);
    if (shared === filter || this.#unshared.has(target.resource)) return filter;
    return this.#table.overlapping(shared).length < from ? filter : shared;
  }

  /** Lets subscribers acquire their own filters instead of a shared one. The oldest ones come first, before all that wait. */
  #unshare(resource: unknown, subscribers: readonly Subscriber[]): void {
    this.#unshared.add(resource);
    for (const subscriber of subscribers) this.#drop(subscriber);
    for (const subscriber of subscribers) subscriber.onUnshared();
    // After the other filters of the same SUBACK.
    queueMicrotask(() => this.#grantQueued());
  }

  /** Evicts idle subscriptions, oldest first, until `filters` fit within the limit. Returns false if they cannot. */
  #makeRoom(filters: readonly string[]): boolean {
    const table = this.#table;
    const needed = new Set(filters.map((filter) => table.widen(filter)));
    const added = Array.from(needed).filter((filter) => !table.get(filter));
    if (added.length === 0) return true;
    const replaced = new Set(added.flatMap((filter) => table.overlapping(filter)));
    const surplus = table.size + added.length - replaced.size - this.#options.maximum;
    const evicted: ManagedSubscription[] = [];
    for (let node = this.#idle.first(); node && evicted.length < surplus; node = this.#idle.next(node)) {
      if (!needed.has(node.value.filter) && !replaced.has(node.value)) evicted.push(node.value);
    }
    if (evicted.length < surplus) return false;
    for (const subscription of evicted) this.#remove(subscription);
    return true;
  }

  /** The subscription that covers a filter. A new one takes over the subscribers of those that it replaces. */
  #cover(filter: string): ManagedSubscription {
    const wider = this.#table.widen(filter);
    const existing = this.#table.get(wider);
    if (existing) return existing;
    const { added, replaced } = this.#table.add(wider);
    for (const old of replaced) {
      this.#forget(old);
      for (const subscriber of old.subscribers.values()) {
        const refs = subscriber.subscriptionRefs;
        refs.splice(
          refs.findIndex(({ subscription }) => subscription === old),
          1,
        );
        this.#addReference(added, subscriber);
      }
    }
    this.#sync.subscribe(added);
    return added;
  }

  #addReference(subscription: ManagedSubscription, subscriber: Subscriber): void {
    if (subscriber.subscriptionRefs.some((other) => other.subscription === subscription)) return;
    this.#idle.remove(subscription.idleEntry);
    subscriber.subscriptionRefs.push({ subscription, node: subscription.subscribers.add(subscriber) });
  }

  #remove(subscription: ManagedSubscription): void {
    this.#table.remove(subscription);
    this.#forget(subscription);
  }

  /** Completes the removal of a subscription that is no longer in the table. */
  #forget(subscription: ManagedSubscription): void {
    this.#idle.remove(subscription.idleEntry);
    this.#sync.unsubscribe(subscription);
  }

  /** Drops what has been idle for long enough. One timer serves all, because they are in the order in which they became idle. */
  #sweep(): void {
    this.#sweepTimer = undefined;
    for (let oldest = this.#idle.first(); oldest; oldest = this.#idle.first()) {
      const left = oldest.value.idleSince + this.#options.keepMs - performance.now();
      if (left > 0) return this.#scheduleSweep(left);
      this.#remove(oldest.value);
    }
  }

  #scheduleSweep(ms: number): void {
    this.#sweepTimer ??= setTimeout(() => this.#sweep(), Math.min(ms, MAX_TIMER_MS));
  }
}
