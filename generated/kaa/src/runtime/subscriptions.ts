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
 * | kept         | (none)     | `subscriptionKeepMs` are over, or the budget is needed: UNSUBSCRIBE |
 *
 * No two overlap: a broker may deliver a message once for each subscription that matches (MQTT 5.0 section 3.3.4). Who
 * needs less than what is there shares it; who needs more gets a wider one in place of what is there.
 */
import type { QoS, Transport } from "./transport.js";

/** Who needs subscriptions. */
export interface Subscriber {
  readonly subscriptions: Set<Subscription>;
  /** One of them became ready. */
  advance(): void;
  /** One of them can not be had. */
  refused(message: string, cause: unknown): void;
}

/** One topic filter at the broker. */
export interface Subscription {
  readonly filter: string;
  /** Filters of different groups can not overlap. */
  readonly group: string;
  readonly users: Set<Subscriber>;
  ready: boolean;
  /** The connection that it was last asked for on. */
  askedOn: number | undefined;
  /** When its last user left, by the clock. */
  idleSince: number;
  timer: ReturnType<typeof setTimeout> | undefined;
}

/** What {@link Subscriptions} work with. */
export interface SubscriptionSettings {
  readonly transport: Transport;
  readonly qos: QoS;
  readonly keepMs: number;
  readonly maximum: number;
  /** Which connection this is, counted; `undefined` while there is none. */
  readonly connection: () => number | undefined;
}

/** All subscriptions of a client; see the table above. */
export class Subscriptions {
  readonly #settings: SubscriptionSettings;
  readonly #byFilter = new Map<string, Subscription>();
  readonly #groups = new Map<string, Set<Subscription>>();
  /** Those that are not ready. */
  readonly #missing = new Set<Subscription>();
  #flushing = false;

  constructor(settings: SubscriptionSettings) {
    this.#settings = settings;
  }

  get size(): number {
    return this.#byFilter.size;
  }

  /** Makes `user` a user of a subscription that covers `filter`; refuses past the budget. */
  acquire(filter: string, group: string, user: Subscriber): void {
    const subscription = this.#byFilter.get(filter) ?? this.#add(filter, group);
    if (subscription === undefined) {
      user.refused(`all ${this.#settings.maximum} subscriptions are in use`, undefined);
      return;
    }
    subscription.users.add(user);
    user.subscriptions.add(subscription);
  }

  /** Its users may go on without it. */
  release(user: Subscriber): void {
    for (const subscription of user.subscriptions) {
      subscription.users.delete(user);
      if (subscription.users.size === 0) this.#keep(subscription);
    }
    user.subscriptions.clear();
  }

  /** There is a connection. */
  restore(sessionPresent: boolean): void {
    for (const subscription of sessionPresent ? [] : this.#byFilter.values()) {
      subscription.ready = false;
      this.#missing.add(subscription);
    }
    this.#flush();
  }

  /** Ends all timers. */
  close(): void {
    for (const { timer } of this.#byFilter.values()) clearTimeout(timer);
    this.#byFilter.clear();
    this.#groups.clear();
    this.#missing.clear();
  }

  #add(filter: string, group: string): Subscription | undefined {
    const neighbours = this.#groups.get(group) ?? new Set();
    let wanted = filter;
    let replaced: Subscription[] = [];
    // Joining may reach further ones, so until nothing changes.
    for (let before = ""; before !== wanted;) {
      before = wanted;
      replaced = [...neighbours].filter((other) => overlap(other.filter, before));
      wanted = replaced.reduce((joined, other) => join(joined, other.filter), wanted);
    }
    const there = this.#byFilter.get(wanted);
    if (there) return there;
    if (!this.#makeRoom(replaced)) return undefined;
    const added: Subscription = {
      filter: wanted,
      group,
      users: new Set(),
      ready: false,
      askedOn: undefined,
      idleSince: 0,
      timer: undefined,
    };
    for (const other of replaced) {
      for (const user of other.users) {
        user.subscriptions.delete(other);
        user.subscriptions.add(added);
        added.users.add(user);
      }
    }
    this.#groups.set(group, neighbours.add(added));
    this.#byFilter.set(wanted, added);
    this.#missing.add(added);
    this.#flush();
    return added;
  }

  /** Takes `replaced` away, and where the budget needs it the one that has been out of use for longest. */
  #makeRoom(replaced: readonly Subscription[]): boolean {
    const idle = [...this.#byFilter.values()].filter(
      (other) => other.users.size === 0 && !replaced.includes(other),
    );
    const oldest = idle.reduce<Subscription | undefined>(
      (found, other) => (found && found.idleSince <= other.idleSince ? found : other),
      undefined,
    );
    const full = this.#byFilter.size - replaced.length >= this.#settings.maximum;
    if (full && oldest === undefined) return false;
    for (const other of replaced) this.#remove(other);
    if (full && oldest) this.#remove(oldest);
    return true;
  }

  /** One timer, however often a subscription comes and goes out of use meanwhile. */
  #keep(subscription: Subscription): void {
    if (this.#byFilter.get(subscription.filter) !== subscription) return;
    subscription.idleSince = Date.now();
    subscription.timer ??= this.#wait(subscription, this.#settings.keepMs);
  }

  #wait(subscription: Subscription, ms: number): ReturnType<typeof setTimeout> {
    return setTimeout(
      () => {
        subscription.timer = undefined;
        if (subscription.users.size > 0) return;
        const left = subscription.idleSince + this.#settings.keepMs - Date.now();
        if (left > 0) subscription.timer = this.#wait(subscription, left);
        else this.#remove(subscription);
      },
      Math.min(ms, 2 ** 31 - 1),
    );
  }

  #remove(subscription: Subscription): void {
    const { filter, group, timer } = subscription;
    clearTimeout(timer);
    this.#byFilter.delete(filter);
    this.#missing.delete(subscription);
    const neighbours = this.#groups.get(group);
    neighbours?.delete(subscription);
    if (neighbours?.size === 0) this.#groups.delete(group);
    // Nobody waits for it, and a lost connection unsubscribes as well.
    if (this.#settings.connection() !== undefined && subscription.askedOn !== undefined)
      this.#settings.transport.unsubscribe([filter]).catch(() => undefined);
  }

  #flush(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    queueMicrotask(() => {
      this.#flushing = false;
      void this.#subscribe();
    });
  }

  async #subscribe(): Promise<void> {
    const { transport, qos, connection } = this.#settings;
    const now = connection();
    const asked = [...this.#missing].filter(({ askedOn }) => askedOn !== now);
    if (now === undefined || asked.length === 0) return;
    for (const subscription of asked) subscription.askedOn = now;
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
      if (!this.#missing.has(subscription)) continue;
      const answer = granted[index] ?? 128;
      if (answer < 128) {
        subscription.ready = true;
        this.#missing.delete(subscription);
        for (const user of subscription.users) user.advance();
      } else {
        this.#remove(subscription);
        const users = [...subscription.users];
        subscription.users.clear();
        for (const user of users) {
          user.subscriptions.delete(subscription);
          user.refused(`the broker refused a subscription (${answer})`, cause);
        }
      }
    }
  }
}

/** Whether a topic can match both filters. */
function overlap(one: string, other: string): boolean {
  const levels = one.split("/");
  const others = other.split("/");
  return (
    levels.length === others.length &&
    levels.every((level, index) => level === "+" || others[index] === "+" || level === others[index])
  );
}

/** A filter for what either of two overlapping ones matches. */
function join(one: string, other: string): string {
  const others = other.split("/");
  return one
    .split("/")
    .map((level, index) => (level === others[index] ? level : "+"))
    .join("/");
}
