import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { ManagedSubscription } from "../../../../src/runtime/client/subscription.js";
import { SubscriptionSync } from "../../../../src/runtime/client/subscription-sync.js";
import { SubscriptionTable } from "../../../../src/runtime/client/subscription-table.js";
import { recordingTransport, type SentPacket, summary } from "./subscription-setup.js";

let connection: number | undefined;
let table: SubscriptionTable;
let sync: SubscriptionSync;
let recording: ReturnType<typeof recordingTransport>;
/** What the sync reported. */
let reported: unknown[];

afterEach(() => void vi.useRealTimers());

beforeEach(() => {
  vi.useFakeTimers();
  [recording, connection, table, reported] = [recordingTransport(), 1, new SubscriptionTable(), []];
  sync = new SubscriptionSync({
    transport: recording.transport,
    qos: 1,
    table,
    connection: () => connection,
    onSettled(subscription, returnCode, cause) {
      if (!subscription.ready) table.remove(subscription);
      reported.push([subscription.ready ? "ready" : "refused", subscription.filter, returnCode, cause]);
    },
  });
});

const packets = async (): Promise<SentPacket[]> => recording.packets();

function add(filter: string): ManagedSubscription {
  const { added } = table.add(filter);
  sync.subscribe(added);
  return added;
}

function remove(subscription: ManagedSubscription): void {
  table.remove(subscription);
  sync.unsubscribe(subscription);
}

/** A subscription that the broker has acknowledged. */
async function ready(filter: string): Promise<ManagedSubscription> {
  const subscription = add(filter);
  for (const packet of await packets()) await packet.acknowledge();
  reported.length = 0;
  return subscription;
}

function reconnect(sessionPresent: boolean): void {
  connection = (connection ?? 0) + 1;
  sync.restore(sessionPresent);
}

describe("SubscriptionSync on one connection", () => {
  test("sends the filters of one tick in one SUBSCRIBE", async () => {
    const [one, other] = [add("a"), add("b")];
    const [packet, ...more] = await packets();
    expect(summary([packet!, ...more])).toEqual(["subscribe a b"]);
    expect([one.ready, one.subscribedOnConnection]).toEqual([false, 1]);
    await packet!.acknowledge();
    expect([one.ready, other.ready]).toEqual([true, true]);
    expect(reported).toEqual([
      ["ready", "a", 1, undefined],
      ["ready", "b", 1, undefined],
    ]);
  });

  test.each([
    { name: "a refused filter", returnCodes: [1, 128], code: 128 },
    { name: "a refused filter of MQTT 5", returnCodes: [2, 135], code: 135 },
    { name: "a SUBACK that is too short", returnCodes: [0], code: 128 },
  ])("reports $name, and the others as ready", async ({ returnCodes, code }) => {
    const [, other] = [add("a"), add("b")];
    const [packet] = await packets();
    await packet!.acknowledge(returnCodes);
    expect(reported).toEqual([
      ["ready", "a", returnCodes[0], undefined],
      ["refused", "b", code, undefined],
    ]);
    expect(other).toMatchObject({ ready: false, subscribedOnConnection: undefined });
  });

  test("reports the transport's error for every filter of the packet", async () => {
    add("a");
    add("b");
    const [packet] = await packets();
    await packet!.fail("quota");
    expect(reported).toEqual([
      ["refused", "a", 128, "quota"],
      ["refused", "b", 128, "quota"],
    ]);
  });

  test("reports nothing about a subscription that was removed before its SUBACK", async () => {
    const subscription = add("a");
    const [packet] = await packets();
    remove(subscription);
    await packet!.acknowledge();
    expect(reported).toEqual([]);
    expect(summary(await packets())).toEqual(["unsubscribe a"]);
  });

  test("sends nothing for a subscription that is added and removed in one tick", async () => {
    remove(add("a"));
    expect(await packets()).toEqual([]);
  });

  test("sends SUBSCRIBE again, and no UNSUBSCRIBE, for a filter that is removed and added in one tick", async () => {
    remove(await ready("a"));
    add("a");
    expect(summary(await packets())).toEqual(["subscribe a"]);
  });

  test.each(["acknowledge", "fail"] as const)(
    "waits for the UNSUBACK before it subscribes to the same filter again (%s)",
    async (outcome) => {
      remove(await ready("a"));
      const [unsubscribe] = await packets();
      add("a");
      add("b");
      expect(summary(await packets())).toEqual(["subscribe b"]);
      await (outcome === "fail" ? unsubscribe!.fail("timeout") : unsubscribe!.acknowledge());
      expect(summary(await packets())).toEqual(["subscribe a"]);
    },
  );

  test("close unsubscribes from the given filters, and sends nothing else", async () => {
    await ready("a");
    add("b");
    const closing = sync.close(["a"]);
    connection = undefined;
    const sent = await packets();
    expect(summary(sent)).toEqual(["unsubscribe a"]);
    await sent[0]!.acknowledge();
    await closing;
  });
});

describe("SubscriptionSync across connections", () => {
  test("waits for a connection", async () => {
    connection = undefined;
    add("a");
    expect(await packets()).toEqual([]);
    reconnect(false);
    expect(summary(await packets())).toEqual(["subscribe a"]);
  });

  test.each([
    { sessionPresent: true, sent: ["subscribe pending"] },
    { sessionPresent: false, sent: ["subscribe ready pending"] },
  ])(
    "sends SUBSCRIBE again where the session has not kept it (session present: $sessionPresent)",
    async ({ sessionPresent, sent }) => {
      const kept = await ready("ready");
      add("pending");
      await packets();
      reconnect(sessionPresent);
      expect(kept.ready).toBe(sessionPresent);
      expect(summary(await packets())).toEqual(sent);
    },
  );

  test("ignores a SUBACK of an earlier connection", async () => {
    const subscription = add("a");
    const [first] = await packets();
    reconnect(false);
    const [second] = await packets();
    await first!.acknowledge();
    expect([subscription.ready, reported]).toEqual([false, []]);
    await second!.acknowledge();
    expect([subscription.ready, reported]).toEqual([true, [["ready", "a", 1, undefined]]]);
  });

  test("repeats an UNSUBSCRIBE that the last connection did not acknowledge", async () => {
    remove(await ready("a"));
    const [first] = await packets();
    reconnect(true);
    expect(summary(await packets())).toEqual(["unsubscribe a"]);
    await first!.acknowledge();
    add("a");
    expect(await packets()).toEqual([]);
  });

  test("repeats a lost UNSUBSCRIBE once, in smaller packets, because the broker may close the connection for it", async () => {
    const filters = Array.from({ length: 16 }, (_, index) => `f${index}`);
    const subscriptions = filters.map(add);
    for (const packet of await packets()) await packet.acknowledge();
    subscriptions.forEach(remove);
    expect(summary(await packets())).toEqual([`unsubscribe ${filters.join(" ")}`]);
    reconnect(true);
    const again = await packets();
    expect(again.map(({ kind, filters: { length } }) => [kind, length])).toEqual(
      Array.from({ length: 8 }, () => ["unsubscribe", 2]),
    );
    await again[0]!.acknowledge();
    reconnect(true);
    expect(await packets()).toEqual([]);
    add("f9");
    expect(summary(await packets())).toEqual(["subscribe f9"]);
  });

  test("repeats a lost UNSUBSCRIBE of a filter again after an earlier one was acknowledged", async () => {
    for (let round = 0; round < 2; round += 1) {
      remove(await ready("a"));
      await packets();
      reconnect(true);
      const [again] = await packets();
      expect([round, summary([again!])]).toEqual([round, ["unsubscribe a"]]);
      await again!.acknowledge();
    }
  });

  test("does not repeat an UNSUBSCRIBE if the broker has not kept the session", async () => {
    remove(await ready("a"));
    await packets();
    reconnect(false);
    expect(await packets()).toEqual([]);
  });

  test("does not unsubscribe from a filter for which the broker closed all connections", async () => {
    const subscription = add("a");
    subscription.losses = 3;
    subscription.trials = 1;
    await packets();
    reconnect(true);
    expect(reported).toMatchObject([["refused", "a", 128, {}]]);
    sync.unsubscribe(subscription);
    expect(await packets()).toEqual([]);
  });

  test("unsubscribes on the next connection from what was removed while offline", async () => {
    const subscription = await ready("a");
    connection = undefined;
    remove(subscription);
    expect(await packets()).toEqual([]);
    connection = 1;
    reconnect(true);
    expect(summary(await packets())).toEqual(["unsubscribe a"]);
  });
});

describe("SubscriptionSync without an acknowledgement", () => {
  test("sends SUBSCRIBE again, with growing pauses, until the SUBACK comes", async () => {
    const [lost, kept] = [add("a"), add("b")];
    expect(summary(await packets())).toEqual(["subscribe a b"]);
    remove(kept);
    for (const pause of [3_000, 6_000, 12_000, 24_000, 30_000, 30_000]) {
      await packets();
      vi.advanceTimersByTime(pause - 1);
      expect(summary(await packets()).filter((packet) => packet.startsWith("subscribe"))).toEqual([]);
      vi.advanceTimersByTime(1);
      const sent = (await packets()).filter(({ kind }) => kind === "subscribe");
      expect(summary(sent)).toEqual(["subscribe a"]);
      if (pause === 30_000) await sent[0]!.acknowledge();
      if (lost.ready) break;
    }
    expect(reported).toEqual([["ready", "a", 1, undefined]]);
  });

  test("takes the late SUBACK of an earlier packet, and ignores the second one", async () => {
    const subscription = add("a");
    const [first] = await packets();
    vi.advanceTimersByTime(3_000);
    const [second] = await packets();
    await first!.acknowledge();
    await second!.acknowledge([128]);
    expect([subscription.ready, reported]).toEqual([true, [["ready", "a", 1, undefined]]]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("goes on with the other suspects when the repetition is acknowledged instead", async () => {
    const [one, other] = [add("a"), add("b")];
    for (const suspect of [one, other]) suspect.losses = 2;
    const [first] = await packets();
    expect(summary([first!])).toEqual(["subscribe a"]);
    vi.advanceTimersByTime(3_000);
    const [again] = await packets();
    await again!.acknowledge();
    expect(summary(await packets())).toEqual(["subscribe b"]);
  });

  test("sends UNSUBSCRIBE again, and after it the SUBSCRIBE that has waited, though no UNSUBACK comes", async () => {
    remove(await ready("a"));
    await packets();
    add("a");
    expect(await packets()).toEqual([]);
    vi.advanceTimersByTime(3_000);
    const [again, subscribe] = await packets();
    expect(summary([again!, subscribe!])).toEqual(["unsubscribe a", "subscribe a"]);
    await subscribe!.acknowledge();
    vi.advanceTimersByTime(60_000);
    expect(await packets()).toEqual([]);
    await again!.acknowledge();
    expect([await packets(), vi.getTimerCount()]).toEqual([[], 0]);
  });

  test("does not wait for an UNSUBACK that is overdue", async () => {
    remove(await ready("a"));
    await packets();
    vi.advanceTimersByTime(3_000);
    expect(summary(await packets())).toEqual(["unsubscribe a"]);
    add("a");
    expect(summary(await packets())).toEqual(["subscribe a"]);
  });

  test.each(["a new connection", "close"])("leaves no timer of the last packet after %s", async (end) => {
    add("a");
    await packets();
    expect(vi.getTimerCount()).toBe(1);
    if (end === "close") await sync.close([]);
    else reconnect(true);
    expect(vi.getTimerCount()).toBe(0);
  });
});
