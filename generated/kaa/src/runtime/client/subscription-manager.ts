/**
 * Who needs which topic filter.
 *
 * | subscription | becomes    | when |
 * |--------------|------------|------|
 * | (none)       | asked for  | somebody needs it; filters of one tick share a SUBSCRIBE |
 * | asked for    | ready      | SUBACK: its users go on |
 * | asked for    | (none)     | refused: its users fail |
 * | ready        | asked for  | the session was lost |
 * | ready        | kept       | its last user is gone |
 * | kept         | ready      | somebody needs it again |
 * | kept         | leaving    | `subscriptionKeepMs` are over, or the budget is needed: UNSUBSCRIBE |
 * | leaving      | (none)     | UNSUBACK; only then is the same filter asked for again. Without one, it is told again on the next connection |
 *
 * No two overlap: a broker may deliver a message once for each subscription that matches (MQTT 5.0 section 3.3.4). Who
 * needs less than what is there shares it; who needs more gets a wider one in place of what is there.
 *
 * Past the budget users wait in the order of their coming, each for all that it needs. Who comes later does not overtake
 * them, except on what an observation holds anyway: sharing anything else could keep it in use for ever.
 */
import { LinkedList, type ListNode } from "../internal/linked-list.js";
import { MAX_TIMER_MS } from "../internal/timers.js";
import { TopicFilterTrie } from "../topics/filter-trie.js";
import type { QoS, Transport } from "../transport/transport.js";

/** Who needs subscriptions. */
export interface Subscriber {
  /** What it has. */
  readonly subscriptionRefs: SubscriptionRef[];
  /** Its place among those who wait for room in the budget. */
  queueEntry?: ListNode<SubscriptionRequest> | undefined;
  /** Needs them until somebody ends it. */
  readonly longLived: boolean;
  /** One of them became ready, or there is room for them all. */
  onReady(): void;
  /** One of them can not be had. */
  onRefused(message: string, cause?: unknown): void;
}

/** A subscription, and its user's place among all of its users. */
export interface SubscriptionRef {
  readonly subscription: ManagedSubscription;
  readonly node: ListNode<Subscriber>;
}

/** One topic filter at the broker. */
export interface ManagedSubscription {
  readonly filter: string;
  readonly subscribers: LinkedList<Subscriber>;
  ready: boolean;
  /** The connection that it was last asked for on; `undefined` where the broker has not got it. */
  subscribedOnConnection: number | undefined;
  /** Its place among those without a user, and since when, by the clock. */
  idleEntry?: ListNode<ManagedSubscription> | undefined;
  idleSince: number;
}

/** What subscriptions are made with. */
export interface SubscriptionSettings {
  readonly transport: Transport;
  readonly qos: QoS;
  readonly keepMs: number;
  readonly maximum: number;
  /** Which connection this is, counted; `undefined` while there is none. */
  readonly connection: () => number | undefined;
}

/** What somebody needs, all of it or nothing. */
export interface SubscriptionRequest {
  readonly filters: readonly string[];
  readonly subscriber: Subscriber;
  /** Waits for room in the budget, else it is refused. */
  readonly waitForCapacity: boolean;
}

/** All subscriptions of a client; see the table above. */
export interface SubscriptionManager {
  size(): number;
  /** Makes `user` a user of subscriptions that cover its filters, now or in turn. */
  acquire(need: SubscriptionRequest): void;
  /** It waits no more, and its subscriptions may go as far as this one is concerned. */
  release(user: Subscriber): void;
  /** There is a connection. */
  restore(sessionPresent: boolean): void;
  /** Ends the timer and, if `orderly`, all subscriptions. */
  close(orderly: boolean): Promise<void>;
}

/** Subscriptions of a client that has none yet. */
export function subscriptions({
  transport,
  qos,
  keepMs,
  maximum,
  connection,
}: SubscriptionSettings): SubscriptionManager {
  const all = new Map<string, ManagedSubscription>();
  /** The same, found by what overlaps. */
  const tree = new TopicFilterTrie<ManagedSubscription>();
  /** Those without a user, the one that is so for longest first. */
  const idle = new LinkedList<ManagedSubscription>();
  /** To be asked for. */
  const missing = new Set<ManagedSubscription>();
  /** The broker may have them, and is to drop them. */
  const unwanted = new Set<string>();
  /** The broker was told so, and has not answered. */
  const leaving = new Set<string>();
  /** Past the budget, in the order of their coming. */
  const waiting = new LinkedList<SubscriptionRequest>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let scheduled = false;

  /** The narrowest filter that takes in all that is there and overlaps; joining may reach further ones, so until nothing changes. */
  const widen = (filter: string): string => {
    if (all.has(filter)) return filter;
    const wider = tree.matching(filter).reduce((joined, other) => join(joined, other.filter), filter);
    return wider === filter ? filter : widen(wider);
  };

  /** Makes room for all that somebody needs, if the budget allows: what is out of use goes, the oldest first. */
  const makeRoom = (filters: readonly string[]): boolean => {
    const wanted = new Set(filters.map(widen));
    const added = Array.from(wanted).filter((filter) => !all.has(filter));
    const replaced = new Set(added.flatMap((filter) => tree.matching(filter)));
    const surplus = all.size + added.length - replaced.size - maximum;
    const gone: ManagedSubscription[] = [];
    for (let link = idle.first(); link && gone.length < surplus; link = idle.next(link)) {
      if (!wanted.has(link.value.filter) && !replaced.has(link.value)) gone.push(link.value);
    }
    if (added.length > 0 && gone.length < surplus) return false;
    for (const other of gone) remove(other);
    return true;
  };

  /** Gives a user all that it needs if the budget allows. */
  const grant = ({ filters, subscriber: user }: SubscriptionRequest): boolean => {
    if (maximum < Infinity && !makeRoom(filters)) return false;
    for (const filter of filters) use(add(widen(filter)), user);
    return true;
  };

  const add = (filter: string): ManagedSubscription => {
    const there = all.get(filter);
    if (there) return there;
    const added: ManagedSubscription = {
      filter,
      subscribers: new LinkedList(),
      ready: false,
      subscribedOnConnection: undefined,
      idleSince: 0,
    };
    for (const other of tree.matching(filter)) {
      remove(other);
      for (const user of other.subscribers.values()) {
        user.subscriptionRefs.splice(
          user.subscriptionRefs.findIndex(({ subscription }) => subscription === other),
          1,
        );
        use(added, user);
      }
    }
    all.set(filter, added);
    tree.set(filter, added);
    missing.add(added);
    schedule();
    return added;
  };

  const use = (subscription: ManagedSubscription, user: Subscriber): void => {
    if (user.subscriptionRefs.some((other) => other.subscription === subscription)) return;
    idle.remove(subscription.idleEntry);
    user.subscriptionRefs.push({ subscription, node: subscription.subscribers.add(user) });
  };

  const remove = (subscription: ManagedSubscription): void => {
    const { filter } = subscription;
    all.delete(filter);
    tree.delete(filter);
    missing.delete(subscription);
    idle.remove(subscription.idleEntry);
    if (subscription.subscribedOnConnection === undefined) return;
    unwanted.add(filter);
    schedule();
  };

  /** Lets go of what has been out of use for long enough; one timer for all, since they went out of use in this order. */
  const sweep = (): void => {
    timer = undefined;
    for (let oldest = idle.first(); oldest; oldest = idle.first()) {
      const left = oldest.value.idleSince + keepMs - Date.now();
      if (left > 0) return wake(left);
      remove(oldest.value);
    }
  };

  const wake = (ms: number): void => {
    timer ??= setTimeout(sweep, Math.min(ms, MAX_TIMER_MS));
  };

  const schedule = (): void => {
    if (!scheduled) queueMicrotask(synchronise);
    scheduled = true;
  };

  /** Tells the broker what has changed since the last time. */
  const synchronise = (): void => {
    scheduled = false;
    const now = connection();
    if (now === undefined) return;
    // What is wanted again before the broker heard of it stays.
    const left = Array.from(unwanted).filter((filter) => !all.has(filter));
    unwanted.clear();
    for (const filter of left) leaving.add(filter);
    if (left.length > 0) void unsubscribe(left, now);
    const asked = Array.from(missing).filter(({ filter }) => !leaving.has(filter));
    for (const subscription of asked) missing.delete(subscription);
    if (asked.length > 0) void subscribe(asked, now);
  };

  const unsubscribe = async (filters: readonly string[], now: number): Promise<void> => {
    await transport.unsubscribe(filters).catch(() => undefined);
    // Lost meanwhile: the next connection is told again.
    if (connection() !== now) return;
    for (const filter of filters) leaving.delete(filter);
    schedule();
  };

  const subscribe = async (asked: readonly ManagedSubscription[], now: number): Promise<void> => {
    for (const subscription of asked) subscription.subscribedOnConnection = now;
    let granted: readonly number[] = [];
    let cause: unknown;
    try {
      granted = await transport.subscribe(
        asked.map(({ filter }) => filter),
        qos,
      );
    } catch (error) {
      cause = error;
    }
    // Lost meanwhile: the next connection asks again.
    if (connection() !== now) return;
    for (const [index, subscription] of asked.entries()) {
      if (all.get(subscription.filter) !== subscription) continue;
      const answer = granted[index] ?? 128;
      subscription.ready = answer < 128;
      if (!subscription.ready) {
        subscription.subscribedOnConnection = undefined;
        remove(subscription);
      }
      for (const user of subscription.subscribers.values()) {
        if (subscription.ready) user.onReady();
        else user.onRefused(`the broker refused a subscription (${answer})`, cause);
      }
    }
  };

  return {
    size: () => all.size,
    acquire(need) {
      const { filters, subscriber: user, waitForCapacity: patient } = need;
      if (filters.length > maximum)
        return user.onRefused(`needs ${filters.length} subscriptions, and there may be ${maximum}`);
      const lasts = (filter: string): boolean =>
        all
          .get(widen(filter))
          ?.subscribers.values()
          .some(({ longLived: lasting }) => lasting) === true;
      if ((waiting.size === 0 || filters.every(lasts)) && grant(need)) return;
      if (patient) user.queueEntry = waiting.add(need);
      else user.onRefused(`all ${maximum} subscriptions are in use`);
    },
    release(user) {
      waiting.remove(user.queueEntry);
      for (const { subscription, node: link } of user.subscriptionRefs.splice(0)) {
        subscription.subscribers.remove(link);
        if (subscription.subscribers.size > 0 || all.get(subscription.filter) !== subscription) continue;
        subscription.idleSince = Date.now();
        subscription.idleEntry = idle.add(subscription);
        wake(keepMs);
      }
      for (let first = waiting.first(); first && grant(first.value); first = waiting.first()) {
        waiting.remove(first);
        first.value.subscriber.onReady();
      }
    },
    restore(sessionPresent) {
      for (const filter of leaving) unwanted.add(filter);
      leaving.clear();
      for (const subscription of all.values()) {
        if (!sessionPresent) {
          subscription.ready = false;
          subscription.subscribedOnConnection = undefined;
        }
        if (!subscription.ready) missing.add(subscription);
      }
      schedule();
    },
    async close(orderly) {
      clearTimeout(timer);
      const filters = Array.from(all.keys());
      all.clear();
      tree.clear();
      missing.clear();
      if (orderly && filters.length > 0) await transport.unsubscribe(filters);
    },
  };
}

/** A filter for what either of two overlapping ones matches. */
function join(one: string, other: string): string {
  const others = other.split("/");
  return one
    .split("/")
    .map((level, index) => (level === others[index] ? level : "+"))
    .join("/");
}
