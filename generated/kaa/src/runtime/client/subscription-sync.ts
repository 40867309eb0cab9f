import { TopicsmithError } from "../errors.js";
import { chunks } from "../internal/chunks.js";
import type { QoS, Transport } from "../transport/transport.js";
import type { ManagedSubscription } from "./subscription.js";
import type { SubscriptionTable } from "./subscription-table.js";

/** The lowest return code of a SUBACK that refuses the filter (MQTT 3.1.1 section 3.9.3, MQTT 5.0 section 3.9.3). */
const FAILURE = 128;

/**
 * Milliseconds to wait for a SUBACK or UNSUBACK before the packet is sent again: several times what slow brokers take, and well below the
 * default timeout of a call. The pause doubles each time, up to the longest one, because a busy broker must not get busier.
 */
const MIN_ACK_MS = 3_000;
const MAX_ACK_MS = 30_000;

/** Two losses in a row without a SUBACK make suspects of the filters, some of which a broker may not allow. One may be chance. */
const SUSPECT_LOSSES = 2;
/** Suspects are sent in this number of packets, one after the other, so that a further loss concerns an eighth of them. */
const SUSPECT_PACKETS = 8;
/** A filter is refused after so many losses with a SUBSCRIBE of its own. */
const MAX_TRIALS = 2;

/** The collaborators of a {@link SubscriptionSync}. */
export interface SubscriptionSyncOptions {
  readonly transport: Transport;
  readonly qos: QoS;
  readonly table: SubscriptionTable;
  /** The number of the current connection, counted from 1; `undefined` while offline. */
  readonly connection: () => number | undefined;
  /** Called for each subscription that the broker granted or refused, if it is still wanted. `cause` is the transport's error, if any. */
  readonly onSettled: (subscription: ManagedSubscription, returnCode: number, cause: unknown) => void;
}

/**
 * Keeps the broker's subscriptions in line with a table: sends SUBSCRIBE and UNSUBSCRIBE, and repeats on the next connection what
 * the last one did not acknowledge. Changes of one tick share a packet. A filter for which the broker closes the connection instead of
 * refusing it is found and taken for refused, because it would cost every further connection, too.
 */
export class SubscriptionSync {
  readonly #options: SubscriptionSyncOptions;
  readonly #toSubscribe = new Set<ManagedSubscription>();
  /** Filters that the broker may have, for the next UNSUBSCRIBE. */
  readonly #toUnsubscribe = new Set<string>();
  /** Filters whose UNSUBSCRIBE the broker has not acknowledged. */
  readonly #unsubscribing = new Set<string>();
  /** Those of them that were not answered in time. What needs one again does not wait for it any longer. */
  readonly #overdue = new Set<string>();
  /** Those of the last connection, which was lost before UNSUBACK. */
  #lostUnsubscribes = new Set<string>();
  #scheduled = false;
  /** The most filters of a packet. Falls with lost suspects, because the broker may not take larger packets. */
  #maxFilters = Infinity;
  /** One for each packet without an acknowledgement. */
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();

  constructor(options: SubscriptionSyncOptions) {
    this.#options = options;
  }

  /** Subscribes in the next microtask, or on the next connection. */
  subscribe(subscription: ManagedSubscription): void {
    this.#toSubscribe.add(subscription);
    this.#schedule();
  }

  /** Unsubscribes in the next microtask, or on the next connection, unless the broker does not have the subscription. */
  unsubscribe(subscription: ManagedSubscription): void {
    this.#toSubscribe.delete(subscription);
    if (subscription.subscribedOnConnection === undefined) return;
    this.#toUnsubscribe.add(subscription.filter);
    this.#schedule();
  }

  /** Repeats on a new connection what the last one did not acknowledge. Without a session, that is every SUBSCRIBE. */
  restore(sessionPresent: boolean): void {
    this.#clearTimers();
    // A second time at most, because the broker may close the connection for it. Without the session, the broker has forgotten them.
    const lost = Array.from(this.#unsubscribing).filter((filter) => !this.#lostUnsubscribes.has(filter));
    this.#lostUnsubscribes = new Set(sessionPresent ? lost : []);
    for (const filter of this.#lostUnsubscribes) this.#toUnsubscribe.add(filter);
    this.#unsubscribing.clear();
    this.#overdue.clear();
    for (const subscription of Array.from(this.#options.table.values())) {
      if (this.#isRefusedByLoss(subscription)) continue;
      if (!sessionPresent) {
        subscription.ready = false;
        subscription.subscribedOnConnection = undefined;
      }
      if (!subscription.ready) this.#toSubscribe.add(subscription);
    }
    this.#schedule();
  }

  /** Counts the loss of a connection before SUBACK. Returns true if the filter is given up. */
  #isRefusedByLoss(subscription: ManagedSubscription): boolean {
    const { connection, onSettled } = this.#options;
    const { subscribedOnConnection, ready, packetSize, subscribers } = subscription;
    if (ready || subscribedOnConnection === undefined || subscribedOnConnection + 1 !== connection())
      return false;
    if (subscription.losses >= SUSPECT_LOSSES) {
      if (packetSize === 1) subscription.trials += 1;
      this.#maxFilters = Math.min(this.#maxFilters, Math.ceil(packetSize / SUSPECT_PACKETS));
    }
    subscription.losses += 1;
    const { losses, trials } = subscription;
    // One that is idle is not worth further connections.
    if (trials < MAX_TRIALS && (losses < SUSPECT_LOSSES || subscribers.size > 0)) return false;
    // It was this filter, and not the size of its packets.
    if (trials > 0) this.#maxFilters = Infinity;
    // The broker has never granted it.
    subscription.subscribedOnConnection = undefined;
    onSettled(
      subscription,
      FAILURE,
      new Error(`the broker closed ${losses} connections instead of a SUBACK`),
    );
    return true;
  }

  /** Drops what is not sent yet, and unsubscribes from these filters. */
  async close(filters: readonly string[]): Promise<void> {
    this.#clearTimers();
    this.#toSubscribe.clear();
    if (filters.length > 0) await this.#options.transport.unsubscribe(filters);
  }

  #schedule(): void {
    if (!this.#scheduled) queueMicrotask(() => this.#send());
    this.#scheduled = true;
  }

  #send(): void {
    this.#scheduled = false;
    const connection = this.#options.connection();
    if (connection === undefined) return;
    // A filter that was removed and added again in one tick keeps its subscription at the broker.
    const dropped = Array.from(this.#toUnsubscribe).filter((filter) => !this.#options.table.get(filter));
    this.#toUnsubscribe.clear();
    for (const filter of dropped) this.#unsubscribing.add(filter);
    const isSuspect = dropped.some((filter) => this.#lostUnsubscribes.has(filter));
    // A loss may have been for the size of the packet.
    for (const packet of chunks(dropped, isSuspect ? Math.ceil(dropped.length / SUSPECT_PACKETS) : Infinity))
      void this.#sendUnsubscribe(packet, connection);
    // MQTT orders PUBLISH packets only (3.1.1 section 4.6). A late UNSUBSCRIBE would end the new subscription, so wait for its UNSUBACK.
    const added = Array.from(this.#toSubscribe).filter(
      ({ filter }) => !this.#unsubscribing.has(filter) || this.#overdue.has(filter),
    );
    for (const subscription of added) {
      this.#toSubscribe.delete(subscription);
      this.#forget(subscription.filter);
    }
    void this.#sendByLosses(added, connection);
  }

  /** Sends those that cost the fewest connections first, so that those which cost more do not keep them from being acknowledged. */
  async #sendByLosses(added: readonly ManagedSubscription[], connection: number): Promise<void> {
    const byLosses: (ManagedSubscription[] | undefined)[] = [];
    for (const subscription of added)
      (byLosses[Math.max(subscription.losses, SUSPECT_LOSSES - 1)] ??= []).push(subscription);
    for (const [losses, group = []] of byLosses.entries()) {
      const isSuspect = losses >= SUSPECT_LOSSES;
      const size = isSuspect ? Math.ceil(group.length / SUSPECT_PACKETS) : Infinity;
      for (const packet of chunks(group, Math.min(this.#maxFilters, size))) {
        const wanted = packet.filter((each) => this.#options.table.has(each));
        const sending = wanted.length > 0 && this.#sendSubscribe(wanted, connection);
        if (isSuspect) await sending;
        if (this.#options.connection() !== connection) return;
      }
    }
  }

  #clearTimers(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  /**
   * Waits for an acknowledgement. If it does not come in time, calls `repeat` on the same connection, and resolves at the latest with
   * `undefined` when that is done.
   */
  async #awaitAck<T>(
    send: () => Promise<T>,
    connection: number,
    { ms, repeat }: { readonly ms: number; readonly repeat: (nextMs: number) => Promise<void> },
  ): Promise<T | undefined> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const repeated = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => {
        this.#timers.delete(timer!);
        if (this.#options.connection() !== connection) return;
        void repeat(Math.min(ms * 2, MAX_ACK_MS)).then(() => resolve(undefined));
      }, ms);
      this.#timers.add(timer);
    });
    try {
      return await Promise.race([send(), repeated]);
    } finally {
      clearTimeout(timer);
      this.#timers.delete(timer!);
    }
  }

  #forget(filter: string): void {
    this.#unsubscribing.delete(filter);
    this.#overdue.delete(filter);
  }

  async #sendUnsubscribe(filters: readonly string[], connection: number, ms = MIN_ACK_MS): Promise<void> {
    const repeat = async (nextMs: number): Promise<void> => {
      const missing = filters.filter((filter) => this.#unsubscribing.has(filter));
      for (const filter of missing) this.#overdue.add(filter);
      // After the UNSUBSCRIBE, what needs one of them again.
      this.#schedule();
      if (missing.length > 0) await this.#sendUnsubscribe(missing, connection, nextMs);
    };
    try {
      await this.#awaitAck(() => this.#options.transport.unsubscribe(filters), connection, { ms, repeat });
    } catch {
      // The connection was lost, or the transport is at fault. Nothing waits for the UNSUBACK but the same filter.
    }
    // After a reconnect, `restore` has scheduled these filters again.
    if (this.#options.connection() !== connection) return;
    for (const filter of filters) {
      this.#forget(filter);
      this.#lostUnsubscribes.delete(filter);
    }
    this.#schedule();
  }

  async #sendSubscribe(
    subscriptions: readonly ManagedSubscription[],
    connection: number,
    ms = MIN_ACK_MS,
  ): Promise<void> {
    const { transport, qos, table, onSettled } = this.#options;
    for (const subscription of subscriptions) {
      subscription.subscribedOnConnection = connection;
      subscription.packetSize = subscriptions.length;
    }
    let returnCodes: readonly number[] | undefined = [];
    let cause: unknown;
    const repeat = async (nextMs: number): Promise<void> => {
      const missing = subscriptions.filter((subscription) => table.has(subscription) && !subscription.ready);
      if (missing.length > 0) await this.#sendSubscribe(missing, connection, nextMs);
    };
    const filters = subscriptions.map(({ filter }) => filter);
    try {
      returnCodes = await this.#awaitAck(() => transport.subscribe(filters, qos), connection, { ms, repeat });
    } catch (error) {
      cause = error;
      if (error instanceof TopicsmithError && error.sent === false)
        for (const subscription of subscriptions) subscription.subscribedOnConnection = undefined;
    }
    // After a reconnect, `restore` has scheduled these subscriptions again. Without codes, the repetition was answered.
    if (!returnCodes || this.#options.connection() !== connection) return;
    for (const [index, subscription] of subscriptions.entries()) {
      // A late SUBACK of a packet that was sent again changes nothing.
      if (!table.has(subscription) || subscription.ready) continue;
      const returnCode = returnCodes[index] ?? FAILURE;
      subscription.losses = subscription.trials = 0;
      subscription.ready = returnCode < FAILURE;
      if (!subscription.ready) subscription.subscribedOnConnection = undefined;
      onSettled(subscription, returnCode, cause);
    }
  }
}
