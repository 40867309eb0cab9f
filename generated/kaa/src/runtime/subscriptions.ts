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
  refused(message: string, cause?: unknown): void;
}

/** One topic filter at the broker. */
export interface Subscription {
  readonly filter: string;
  /** Filters of different groups can not overlap. */
  readonly group: string;
  readonly users: Set<Subscriber>;
  ready: boolean;
  /** The connection that it was last asked for on. */
  askedOn?: number;
  /** When its last user left, by the clock. */
  idleSince: number;
  timer?: ReturnType<typeof setTimeout> | undefined;
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

/** All subscriptions of a client; see the table above. */
export interface Subscriptions {
  size(): number;
  /** Makes `user` a user of a subscription that covers `filter`; refuses past the budget. */
  acquire(filter: string, group: string, user: Subscriber): void;
  /** Its subscriptions may go as far as this one is concerned. */
  release(user: Subscriber): void;
  /** There is a connection. */
  restore(sessionPresent: boolean): void;
  /** Ends all timers and, if `orderly`, all subscriptions. */
  close(orderly: boolean): Promise<void>;
}

/** Subscriptions of a client that has none yet. */
export function subscriptions({
  transport,
  qos,
  keepMs,
  maximum,
  connection,
}: SubscriptionSettings): Subscriptions {
  const all = new Map<string, Subscription>();
  const groups = new Map<string, Set<Subscription>>();
  const missing = new Set<Subscription>();
  let flushing = false;

  const add = (filter: string, group: string): Subscription | undefined => {
    const neighbours = groups.get(group) ?? new Set();
    let wanted = filter;
    let replaced: Subscription[] = [];
    // Joining may reach further ones, so until nothing changes.
    for (let before = ""; before !== wanted;) {
      before = wanted;
      replaced = Array.from(neighbours).filter((other) => overlap(other.filter, before));
      for (const other of replaced) wanted = join(wanted, other.filter);
    }
    const there = all.get(wanted);
    if (there) return there;
    if (all.size - replaced.length >= maximum) {
      const idle = Array.from(all.values()).filter(
        (other) => other.users.size === 0 && !replaced.includes(other),
      );
      if (idle.length === 0) return undefined;
      remove(idle.reduce((oldest, other) => (other.idleSince < oldest.idleSince ? other : oldest)));
    }
    const added: Subscription = { filter: wanted, group, users: new Set(), ready: false, idleSince: 0 };
    for (const other of replaced) {
      remove(other);
      for (const user of other.users) {
        user.subscriptions.delete(other);
        use(added, user);
      }
    }
    groups.set(group, neighbours.add(added));
    all.set(wanted, added);
    missing.add(added);
    flush();
    return added;
  };

  const use = (subscription: Subscription, user: Subscriber): void => {
    subscription.users.add(user);
    user.subscriptions.add(subscription);
  };

  const remove = (subscription: Subscription): void => {
    clearTimeout(subscription.timer);
    all.delete(subscription.filter);
    missing.delete(subscription);
    const neighbours = groups.get(subscription.group);
    neighbours?.delete(subscription);
    if (neighbours?.size === 0) groups.delete(subscription.group);
    // Nobody waits for it, and a lost connection unsubscribes as well.
    if (connection() !== undefined && subscription.askedOn !== undefined) {
      transport.unsubscribe([subscription.filter]).catch(() => undefined);
    }
  };

  /** One timer, however often a subscription comes and goes out of use meanwhile. */
  const keep = (subscription: Subscription, ms: number): void => {
    subscription.timer ??= setTimeout(
      () => {
        subscription.timer = undefined;
        if (subscription.users.size > 0) return;
        const left = subscription.idleSince + keepMs - Date.now();
        if (left > 0) keep(subscription, left);
        else remove(subscription);
      },
      Math.min(ms, 2 ** 31 - 1),
    );
  };

  const flush = (): void => {
    if (!flushing) queueMicrotask(() => void subscribe());
    flushing = true;
  };

  const subscribe = async (): Promise<void> => {
    flushing = false;
    const now = connection();
    const asked = Array.from(missing).filter(({ askedOn }) => askedOn !== now);
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
      if (!missing.has(subscription)) continue;
      const answer = granted[index] ?? 128;
      subscription.ready = answer < 128;
      if (subscription.ready) missing.delete(subscription);
      else remove(subscription);
      for (const user of subscription.users) {
        if (subscription.ready) user.advance();
        else user.refused(`the broker refused a subscription (${answer})`, cause);
      }
    }
  };

  return {
    size: () => all.size,
    acquire(filter, group, user) {
      const subscription = all.get(filter) ?? add(filter, group);
      if (subscription) use(subscription, user);
      else user.refused(`all ${maximum} subscriptions are in use`);
    },
    release(user) {
      for (const subscription of user.subscriptions) {
        subscription.users.delete(user);
        if (subscription.users.size > 0 || all.get(subscription.filter) !== subscription) continue;
        subscription.idleSince = Date.now();
        keep(subscription, keepMs);
      }
      user.subscriptions.clear();
    },
    restore(sessionPresent) {
      for (const subscription of sessionPresent ? [] : all.values()) {
        subscription.ready = false;
        missing.add(subscription);
      }
      flush();
    },
    async close(orderly) {
      const filters = Array.from(all.keys());
      for (const { timer } of all.values()) clearTimeout(timer);
      all.clear();
      if (orderly && filters.length > 0) await transport.unsubscribe(filters);
    },
  };
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
