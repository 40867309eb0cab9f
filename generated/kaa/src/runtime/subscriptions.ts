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
 * | leaving      | (none)     | UNSUBACK, or the session was lost; only then is the same filter asked for again |
 *
 * No two overlap: a broker may deliver a message once for each subscription that matches (MQTT 5.0 section 3.3.4). Who
 * needs less than what is there shares it; who needs more gets a wider one in place of what is there.
 *
 * Past the budget users wait in the order of their coming, each for all that it needs. Who comes later does not overtake
 * them, except on what an observation holds anyway: sharing anything else could keep it in use for ever.
 */
import { Chain, type Link } from "./chain.js";
import type { QoS, Transport } from "./transport.js";

/** Who needs subscriptions. */
export interface Subscriber {
  /** What it has. */
  readonly uses: Use[];
  /** Its place among those who wait for room in the budget. */
  turn?: Link<Need> | undefined;
  /** Needs them until somebody ends it. */
  readonly lasting: boolean;
  /** One of them became ready, or there is room for them all. */
  advance(): void;
  /** One of them can not be had. */
  refused(message: string, cause?: unknown): void;
}

/** A subscription, and its user's place among all of its users. */
export interface Use {
  readonly subscription: Subscription;
  readonly link: Link<Subscriber>;
}

/** One topic filter at the broker. */
export interface Subscription {
  readonly filter: string;
  /** Filters of different groups can not overlap. */
  readonly group: string;
  readonly users: Chain<Subscriber>;
  ready: boolean;
  /** The connection that it was last asked for on; `undefined` where the broker has not got it. */
  askedOn: number | undefined;
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

/** What somebody needs, all of it or nothing. */
export interface Need {
  readonly filters: readonly string[];
  readonly group: string;
  readonly user: Subscriber;
  /** Waits for room in the budget, else it is refused. */
  readonly patient: boolean;
}

/** All subscriptions of a client; see the table above. */
export interface Subscriptions {
  size(): number;
  /** Makes `user` a user of subscriptions that cover its filters, now or in turn. */
  acquire(need: Need): void;
  /** It waits no more, and its subscriptions may go as far as this one is concerned. */
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
  /** What the broker may still have, with the connection on which it was asked to drop it. */
  const leaving = new Map<string, number | undefined>();
  /** Past the budget, in the order of their coming. */
  const waiting = new Chain<Need>();
  let scheduled = false;

  const overlapping = (group: string, filter: string): Subscription[] =>
    Array.from(groups.get(group) ?? []).filter((other) => overlap(other.filter, filter));

  /** The narrowest filter that takes in all that is there and overlaps; joining may reach further ones, so until nothing changes. */
  const widen = (group: string, filter: string): string => {
    if (all.has(filter)) return filter;
    const wider = overlapping(group, filter).reduce((joined, other) => join(joined, other.filter), filter);
    return wider === filter ? filter : widen(group, wider);
  };

  /** Makes room for all that somebody needs, if the budget allows: what is out of use goes, the oldest first. */
  const makeRoom = ({ filters, group }: Need): boolean => {
    const wanted = new Set(filters.map((filter) => widen(group, filter)));
    const added = Array.from(wanted).filter((filter) => !all.has(filter));
    if (added.length === 0) return true;
    const replaced = new Set(added.flatMap((filter) => overlapping(group, filter)));
    const surplus = all.size + added.length - replaced.size - maximum;
    const idle = Array.from(all.values()).filter(
      (other) => other.users.size === 0 && !wanted.has(other.filter) && !replaced.has(other),
    );
    if (surplus > idle.length) return false;
    idle.sort((one, other) => one.idleSince - other.idleSince);
    for (const other of idle.slice(0, Math.max(surplus, 0))) remove(other);
    return true;
  };

  /** Gives a user all that it needs if the budget allows. */
  const grant = (need: Need): boolean => {
    if (maximum < Infinity && !makeRoom(need)) return false;
    for (const filter of need.filters) use(add(need.group, widen(need.group, filter)), need.user);
    return true;
  };

  const add = (group: string, filter: string): Subscription => {
    const there = all.get(filter);
    if (there) return there;
    const added: Subscription = {
      filter,
      group,
      users: new Chain(),
      ready: false,
      askedOn: undefined,
      idleSince: 0,
    };
    for (const other of overlapping(group, filter)) {
      remove(other);
      for (const user of other.users.values()) {
        user.uses.splice(
          user.uses.findIndex(({ subscription }) => subscription === other),
          1,
        );
        use(added, user);
      }
    }
    groups.set(group, (groups.get(group) ?? new Set()).add(added));
    all.set(filter, added);
    missing.add(added);
    schedule();
    return added;
  };

  const use = (subscription: Subscription, user: Subscriber): void => {
    if (user.uses.some((other) => other.subscription === subscription)) return;
    user.uses.push({ subscription, link: subscription.users.add(user) });
  };

  const remove = (subscription: Subscription): void => {
    clearTimeout(subscription.timer);
    all.delete(subscription.filter);
    missing.delete(subscription);
    const neighbours = groups.get(subscription.group);
    neighbours?.delete(subscription);
    if (neighbours?.size === 0) groups.delete(subscription.group);
    if (subscription.askedOn === undefined) return;
    leaving.set(subscription.filter, undefined);
    schedule();
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

  const schedule = (): void => {
    if (!scheduled) queueMicrotask(synchronise);
    scheduled = true;
  };

  /** Tells the broker what has changed since the last time. */
  const synchronise = (): void => {
    scheduled = false;
    const now = connection();
    if (now === undefined) return;
    const left: string[] = [];
    for (const [filter, on] of leaving) {
      if (on === now) continue;
      // Wanted again before the broker heard of it.
      if (all.has(filter)) leaving.delete(filter);
      else left.push(filter);
    }
    for (const filter of left) leaving.set(filter, now);
    if (left.length > 0) void unsubscribe(left, now);
    const asked = Array.from(missing).filter(
      ({ askedOn, filter }) => askedOn !== now && !leaving.has(filter),
    );
    if (asked.length > 0) void subscribe(asked, now);
  };

  const unsubscribe = async (filters: readonly string[], now: number): Promise<void> => {
    await transport.unsubscribe(filters).catch(() => undefined);
    // Lost meanwhile: the session that goes on is told again.
    if (connection() !== now) return;
    for (const filter of filters) leaving.delete(filter);
    schedule();
  };

  const subscribe = async (asked: readonly Subscription[], now: number): Promise<void> => {
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
      else {
        subscription.askedOn = undefined;
        remove(subscription);
      }
      for (const user of subscription.users.values()) {
        if (subscription.ready) user.advance();
        else user.refused(`the broker refused a subscription (${answer})`, cause);
      }
    }
  };

  return {
    size: () => all.size,
    acquire(need) {
      const { filters, group, user, patient } = need;
      if (filters.length > maximum)
        return user.refused(`needs ${filters.length} subscriptions, and there may be ${maximum}`);
      const lasts = (filter: string): boolean =>
        all
          .get(widen(group, filter))
          ?.users.values()
          .some(({ lasting }) => lasting) === true;
      if ((waiting.size === 0 || filters.every(lasts)) && grant(need)) return;
      if (patient) user.turn = waiting.add(need);
      else user.refused(`all ${maximum} subscriptions are in use`);
    },
    release(user) {
      waiting.remove(user.turn);
      for (const { subscription, link } of user.uses.splice(0)) {
        subscription.users.remove(link);
        if (subscription.users.size > 0 || all.get(subscription.filter) !== subscription) continue;
        subscription.idleSince = Date.now();
        keep(subscription, keepMs);
      }
      for (let first = waiting.first(); first && grant(first.value); first = waiting.first()) {
        waiting.remove(first);
        first.value.user.advance();
      }
    },
    restore(sessionPresent) {
      if (!sessionPresent) {
        leaving.clear();
        for (const subscription of all.values()) {
          subscription.ready = false;
          subscription.askedOn = undefined;
          missing.add(subscription);
        }
      }
      schedule();
    },
    async close(orderly) {
      const filters = Array.from(all.keys());
      for (const { timer } of all.values()) clearTimeout(timer);
      all.clear();
      missing.clear();
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
