import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Subscriber } from "../../../../src/runtime/client/subscription.js";
import {
  SubscriptionManager,
  type SubscriptionManagerOptions,
} from "../../../../src/runtime/client/subscription-manager.js";
import { recordingTransport, summary } from "./subscription-setup.js";

const KEEP_MS = 1_000;
let recording: ReturnType<typeof recordingTransport>;
let connection: number | undefined;

beforeEach(() => {
  vi.useFakeTimers();
  [recording, connection] = [recordingTransport(), 1];
});

afterEach(() => void vi.useRealTimers());

function managerOf(options: Partial<SubscriptionManagerOptions> = {}): SubscriptionManager {
  return new SubscriptionManager({
    transport: recording.transport,
    qos: 1,
    keepMs: KEEP_MS,
    maximum: Infinity,
    connection: () => connection,
    ...options,
  });
}

interface TestSubscriber extends Subscriber {
  /** The calls of `onReady` and `onRefused`. */
  readonly calls: string[];
}

function subscriberOf(longLived = false): TestSubscriber {
  const calls: string[] = [];
  return {
    subscriptionRefs: [],
    longLived,
    calls,
    onReady: () => void calls.push("ready"),
    onRefused: (message) => void calls.push(message),
    onUnshared: () => void calls.push("unshared"),
  };
}

/** A subscriber that has acquired these filters, or waits for them. */
function acquire(
  manager: SubscriptionManager,
  filters: readonly string[],
  { longLived = false, waitForCapacity = true } = {},
): TestSubscriber {
  const subscriber = subscriberOf(longLived);
  manager.acquire({ filters, subscriber, waitForCapacity });
  return subscriber;
}

const held = ({ subscriptionRefs }: Subscriber): string[] =>
  subscriptionRefs.map(({ subscription }) => subscription.filter);

const sent = async (): Promise<string[]> => summary(await recording.packets());

async function acknowledgeAll(returnCodes?: readonly number[]): Promise<void> {
  for (const packet of await recording.packets()) await packet.acknowledge(returnCodes);
}

describe("SubscriptionManager: references", () => {
  test("subscribers of one filter share its subscription, and are all called when it is ready", async () => {
    const manager = managerOf();
    const [one, other] = [acquire(manager, ["a", "b"]), acquire(manager, ["b"])];
    await acknowledgeAll();
    expect([held(one), held(other), manager.size()]).toEqual([["a", "b"], ["b"], 2]);
    expect([one.calls, other.calls]).toEqual([["ready", "ready"], ["ready"]]);
    expect(held(acquire(manager, ["a"]))).toEqual(["a"]);
    expect(await sent()).toEqual([]);
  });

  test("a refused subscription fails its subscribers, and the next one subscribes anew", async () => {
    const manager = managerOf();
    const subscriber = acquire(manager, ["a"]);
    await acknowledgeAll([135]);
    expect(subscriber.calls).toEqual(["the broker refused a subscription (135)"]);
    manager.release(subscriber);
    expect(manager.size()).toBe(0);
    acquire(manager, ["a"]);
    expect(await sent()).toEqual(["subscribe a"]);
  });

  test("a wider subscription takes over the subscribers of those that it replaces", async () => {
    const manager = managerOf();
    const [one, other] = [acquire(manager, ["a/b", "a/c"]), acquire(manager, ["a/c"])];
    await acknowledgeAll();
    const wide = acquire(manager, ["a/+"]);
    expect([one, other, wide].map(held)).toEqual([["a/+"], ["a/+"], ["a/+"]]);
    expect(await sent()).toEqual(["unsubscribe a/b a/c", "subscribe a/+"]);
    for (const subscriber of [one, other, wide]) manager.release(subscriber);
    vi.advanceTimersByTime(KEEP_MS);
    expect(manager.size()).toBe(0);
  });
});

describe("SubscriptionManager: idle subscriptions", () => {
  test("are dropped after keepMs, each in its time", async () => {
    const manager = managerOf();
    const [one, other] = [acquire(manager, ["a"]), acquire(manager, ["b"])];
    await acknowledgeAll();
    manager.release(one);
    vi.advanceTimersByTime(KEEP_MS - 1);
    manager.release(other);
    vi.advanceTimersByTime(1);
    const [first] = await recording.packets();
    expect(summary([first!])).toEqual(["unsubscribe a"]);
    await first!.acknowledge();
    vi.advanceTimersByTime(KEEP_MS - 1);
    const [second] = await recording.packets();
    expect(summary([second!])).toEqual(["unsubscribe b"]);
    await second!.acknowledge();
    expect([manager.size(), vi.getTimerCount()]).toEqual([0, 0]);
  });

  test("are used again without a packet", async () => {
    const manager = managerOf();
    manager.release(acquire(manager, ["a"]));
    await acknowledgeAll();
    const subscriber = acquire(manager, ["a"]);
    vi.advanceTimersByTime(2 * KEEP_MS);
    expect([held(subscriber), manager.size(), await sent()]).toEqual([["a"], 1, []]);
  });

  test("are kept for ever if keepMs is longer than a timer", () => {
    const manager = managerOf({ keepMs: Infinity });
    manager.release(acquire(manager, ["a"]));
    vi.advanceTimersByTime(2 ** 31);
    expect(manager.size()).toBe(1);
  });

  test("are evicted oldest first when the limit needs room, without those that the request needs", async () => {
    const manager = managerOf({ maximum: 3 });
    for (const filter of ["a", "b", "c"]) manager.release(acquire(manager, [filter]));
    await acknowledgeAll();
    expect(held(acquire(manager, ["a", "d"]))).toEqual(["a", "d"]);
    expect(await sent()).toEqual(["unsubscribe b", "subscribe d"]);
  });
});

describe("SubscriptionManager: the limit", () => {
  test("refuses a request for more filters than the limit", () => {
    expect(acquire(managerOf({ maximum: 1 }), ["a", "b"]).calls).toEqual([
      "needs 2 subscriptions, and there may be 1",
    ]);
  });

  test("refuses a request that does not wait", () => {
    const manager = managerOf({ maximum: 1 });
    acquire(manager, ["a"]);
    expect(acquire(manager, ["b"], { waitForCapacity: false }).calls).toEqual([
      "all 1 subscriptions are in use",
    ]);
  });

  test("grants a request that replaces as many subscriptions as it adds", () => {
    const manager = managerOf({ maximum: 2 });
    const subscriber = acquire(manager, ["a/b", "a/c"]);
    expect(held(acquire(manager, ["a/+"]))).toEqual(["a/+"]);
    expect(held(subscriber)).toEqual(["a/+"]);
  });

  test("serves waiting requests in the order of arrival, each for all of its filters", () => {
    const manager = managerOf({ maximum: 2 });
    const [one, other] = [acquire(manager, ["a"]), acquire(manager, ["b"])];
    const [both, single] = [acquire(manager, ["c", "d"]), acquire(manager, ["e"])];
    manager.release(one);
    expect([both, single].map(held)).toEqual([[], []]);
    manager.release(other);
    expect([held(both), both.calls]).toEqual([["c", "d"], ["ready"]]);
    expect(held(single)).toEqual([]);
    manager.release(both);
    expect(held(single)).toEqual(["e"]);
  });

  test("does not let a request overtake the queue, unless observations hold all that it needs", () => {
    const manager = managerOf({ maximum: 2 });
    acquire(manager, ["observed"], { longLived: true });
    acquire(manager, ["called"]);
    const waiting = acquire(manager, ["other"]);
    expect(held(acquire(manager, ["observed"]))).toEqual(["observed"]);
    expect(held(acquire(manager, ["called"]))).toEqual([]);
    expect(held(waiting)).toEqual([]);
  });

  test("a released request leaves the queue", () => {
    const manager = managerOf({ maximum: 1 });
    const first = acquire(manager, ["a"]);
    const [gone, next] = [acquire(manager, ["b"]), acquire(manager, ["c"])];
    manager.release(gone);
    manager.release(first);
    expect([held(gone), gone.calls, held(next)]).toEqual([[], [], ["c"]]);
  });
});

describe("SubscriptionManager.close", () => {
  test.each([
    { graceful: true, packets: ["unsubscribe a b"] },
    { graceful: false, packets: [] },
  ])("leaves no timer (graceful: $graceful)", async ({ graceful, packets }) => {
    const manager = managerOf();
    acquire(manager, ["a"]);
    manager.release(acquire(manager, ["b"]));
    await acknowledgeAll();
    const closing = manager.close(graceful);
    expect(await sent()).toEqual(packets);
    expect([manager.size(), vi.getTimerCount()]).toEqual([0, 0]);
    if (!graceful) await closing;
  });

  test("forgets what was idle, so that new subscriptions are kept and dropped as at first", async () => {
    const manager = managerOf({ maximum: 3 });
    for (const filter of ["a", "b"]) manager.release(acquire(manager, [filter]));
    await acknowledgeAll();
    await manager.close(false);
    const handler = acquire(manager, ["a"], { longLived: true });
    await acknowledgeAll();
    for (const filter of ["c", "d", "e"]) manager.release(acquire(manager, [filter]));
    expect(await sent()).toEqual(["subscribe d e"]);
    vi.advanceTimersByTime(KEEP_MS);
    expect([held(handler), manager.size()]).toEqual([["a"], 1]);
  });
});

describe("SubscriptionManager: filters of many values of a path", () => {
  const chunk = (index: number) => ({
    filters: [`ota/${index}/+/ok`, `ota/${index}/+/failed`],
    target: { resource: "ota", responseTopicBase: `ota/${index}`, sharedTopicBase: "ota/+" },
    waitForCapacity: true,
  });
  const shared = ["ota/+/+/ok", "ota/+/+/failed"];

  function take(manager: SubscriptionManager, index: number): TestSubscriber {
    const subscriber = subscriberOf();
    manager.acquire({ ...chunk(index), subscriber });
    return subscriber;
  }

  test("are shared from the fifth value on, one after another", async () => {
    const manager = managerOf();
    for (let index = 0; index < 200; index += 1) {
      const subscriber = take(manager, index);
      await acknowledgeAll();
      await acknowledgeAll();
      expect(subscriber.subscriptionRefs.map(({ subscription }) => subscription.ready)).toEqual([true, true]);
      expect(manager.size()).toBe(index < 4 ? 2 * (index + 1) : 2);
      expect(held(subscriber)).toEqual(index < 4 ? chunk(index).filters : shared);
      manager.release(subscriber);
    }
    await manager.close(false);
  });

  test("are shared by values that begin in one tick, and the earlier ones move over", async () => {
    const manager = managerOf();
    const subscribers = Array.from({ length: 200 }, (_, index) => take(manager, index));
    expect(await sent()).toEqual([`subscribe ${shared.join(" ")}`]);
    for (const subscriber of subscribers) expect(held(subscriber)).toEqual(shared);
    await manager.close(false);
  });

  test.each([2, 3, 4, 8])(
    "are shared as early as a limit of %d needs it, by observations",
    async (maximum) => {
      const manager = managerOf({ maximum });
      const observers = Array.from({ length: 10 }, (_, index) => {
        const subscriber = subscriberOf(true);
        manager.acquire({ ...chunk(index), subscriber });
        return subscriber;
      });
      await acknowledgeAll();
      await acknowledgeAll();
      for (const observer of observers) expect(held(observer)).toEqual(shared);
      expect(manager.size()).toBe(2);
      await manager.close(false);
    },
  );

  test("are acquired anew by the oldest subscribers first if the broker refuses to share, for all of the resource", async () => {
    const manager = managerOf({ maximum: 8 });
    const subscribers: TestSubscriber[] = [];
    const acquireAgain = (subscriber: TestSubscriber, index: number): void =>
      manager.acquire({ ...chunk(index), subscriber, again: true, waitForCapacity: false });
    for (let index = 0; index < 6; index += 1) {
      const subscriber = subscriberOf(true);
      subscribers.push({ ...subscriber, onUnshared: () => acquireAgain(subscribers[index]!, index) });
      manager.acquire({ ...chunk(index), subscriber: subscribers[index]! });
      if (index === 3) await acknowledgeAll();
    }
    const waiting = acquire(manager, ["a", "b", "c", "d", "e", "f", "g"]);
    expect(held(waiting)).toEqual([]);
    for (const packet of await recording.packets())
      await packet.acknowledge(packet.filters.map((filter) => (filter.startsWith("ota/+") ? 128 : 1)));
    await acknowledgeAll();
    expect(subscribers.map(held)).toEqual([0, 1, 2, 3].map((index) => chunk(index).filters).concat([[], []]));
    for (const refused of subscribers.slice(4))
      expect(refused.calls).toContain("all 8 subscriptions are in use");
    expect(held(waiting)).toEqual([]);
    for (const subscriber of subscribers) manager.release(subscriber);
    expect(held(waiting)).toHaveLength(7);
    await manager.close(false);
  });

  test("stay within the limit, and are narrow again after the shared ones were dropped", async () => {
    const manager = managerOf({ maximum: 9 });
    for (let index = 0; index < 50; index += 1) {
      const subscriber = take(manager, index);
      await acknowledgeAll();
      await acknowledgeAll();
      expect(manager.size()).toBeLessThanOrEqual(9);
      manager.release(subscriber);
    }
    vi.advanceTimersByTime(KEEP_MS);
    await acknowledgeAll();
    expect(manager.size()).toBe(0);
    expect(held(take(manager, 7))).toEqual(chunk(7).filters);
    await manager.close(false);
  });
});
