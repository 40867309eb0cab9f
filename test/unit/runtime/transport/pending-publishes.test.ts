import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { MqttPublisher } from "../../../../src/runtime/transport/pending-publish.js";
import { PendingPublishes } from "../../../../src/runtime/transport/pending-publishes.js";
import { countLoss, isGivenUp } from "../../../../src/runtime/transport/losses.js";
import type { Delivery, PublishOptions } from "../../../../src/runtime/transport/transport.js";

/** A message that mqtt.js has written, and its callback. */
interface Written {
  readonly name: string;
  readonly qos: number;
  readonly done: (error?: unknown) => void;
}

/** The messages that mqtt.js keeps, by packet id. */
let outgoing: Record<number, { readonly cb: () => void }>;
/** The messages on the current connection, with a PINGREQ as `ping`. */
let wire: Written[];
let pending: PendingPublishes;
let mqttClient: MqttPublisher;
/** How many connections were given up. */
let stalls: number;
/** For each time that the broker was seen to take messages, whether it was a suspect. */
let taken: boolean[];
let outcomes: Record<string, unknown>;
let lastId: number;
/** The replacements of messages in mqtt.js's store, by packet id. */
let stored: Record<number, unknown>;
let clean: boolean;

beforeEach(() => {
  vi.useFakeTimers();
  [outgoing, outcomes, wire, lastId, clean, stalls, taken, stored] = [{}, {}, [], 0, true, 0, [], {}];
  mqttClient = {
    options: {
      get clean() {
        return clean;
      },
    },
    outgoing,
    outgoingStore: {
      put(packet) {
        stored[Reflect.get(packet, "messageId")] = Reflect.get(packet, "payload");
      },
    },
    removeOutgoingMessage(packetId) {
      const { cb } = outgoing[packetId]!;
      delete outgoing[packetId];
      cb();
    },
    getLastMessageId: () => lastId,
    sendPing() {
      wire.push({ name: "ping", qos: 0, done: () => pending.onPingResponse() });
      pending.onPingRequest();
    },
    publish(name, _payload, { qos }, callback) {
      if (qos > 0) lastId += 1;
      const packetId = lastId;
      const done = (error?: unknown): void => {
        if (qos > 0) delete outgoing[packetId];
        callback(error);
      };
      if (qos > 0) outgoing[packetId] = { cb: callback };
      wire.push({ name, qos, done });
    },
  };
  pending = new PendingPublishes(mqttClient, {
    onStalled: () => (stalls += 1),
    onTaken: (wasSuspect) => taken.push(wasSuspect),
  });
  connect();
});

afterEach(() => void vi.useRealTimers());

function connect(limits = {}): void {
  wire = [];
  pending.onAccepted(limits);
  pending.onOnline();
}

function publish(name: string, options: PublishOptions, bytes = 1, by = pending): void {
  by.publish(name, new Uint8Array(bytes), options).then(
    () => (outcomes[name] = "resolved"),
    (error: unknown) => (outcomes[name] = error),
  );
}

const names = (): string[] => wire.map(({ name }) => name);
const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);
const lost = (cause: unknown) => expect.objectContaining({ code: "disconnected", cause });
const refused = (message: string) =>
  expect.objectContaining({ code: "publish-refused", message: expect.stringContaining(message) });

/** Acknowledges the messages of these names, or answers the PINGREQ. */
function acknowledge(...acknowledged: readonly string[]): void {
  for (const written of wire.filter(({ name }) => acknowledged.includes(name))) written.done();
}

describe("PendingPublishes", () => {
  test("settles a message as mqtt.js does", async () => {
    publish("acknowledged", { qos: 1 });
    publish("refused", { qos: 1 });
    wire[0]!.done();
    wire[1]!.done("quota exceeded");
    pending.rejectAll("cable");
    await settle();
    expect(outcomes).toEqual({ acknowledged: "resolved", refused: "quota exceeded" });
  });

  test.each([
    { options: { qos: 0 }, again: false },
    { options: { qos: 0, noRetransmit: true }, again: false },
    { options: { qos: 1 }, again: true },
    { options: { qos: 1, noRetransmit: false }, again: true },
    { options: { qos: 1, noRetransmit: true }, again: false },
    { options: { qos: 2 }, again: true },
    { options: { qos: 2, noRetransmit: true }, again: false },
    { options: { qos: 1, delivery: { abandoned: true, losses: 0, trials: 0, position: 0 } }, again: false },
  ] as const)("publishes $options again after a lost connection: $again", async ({ options, again }) => {
    publish("message", options);
    pending.onLost("cable");
    expect(outgoing).toEqual({});
    connect();
    await settle();
    expect(names().includes("message")).toBe(again);
    expect(outcomes).toEqual(again ? {} : { message: lost("cable") });
  });

  test("reports what the broker takes on this connection, and whether it was a suspect", async () => {
    publish("lost", { qos: 1 });
    pending.onLost("cable");
    connect();
    expect(taken).toEqual([]);
    acknowledge("lost");
    expect(taken).toEqual([false]);
    publish("suspect", { qos: 1 });
    for (let losses = 0; losses < 2; losses += 1) {
      pending.onLost("cable");
      connect();
    }
    acknowledge("suspect");
    publish("unacknowledged", { qos: 0 });
    mqttClient.sendPing();
    acknowledge("ping");
    expect(taken).toEqual([false, true, false]);
  });

  test.each([true, false])(
    "blames a message after others if the broker has shown that it has passed those: %s",
    async (hasShown) => {
      publish("fresh", { qos: 0 });
      const delivery = { abandoned: false, losses: 2, trials: 0, position: 0 };
      publish("call", { qos: 0, noRetransmit: true, delivery });
      await settle();
      expect(names()).toEqual(["fresh", "ping", "call", "ping"]);
      if (hasShown) wire[1]!.done();
      pending.onLost("cable");
      expect(pending.trial.suspect).toBe(hasShown ? 2 : 0);
    },
  );

  test("keeps no payload of a message that its caller has given up, when the broker shows that it lives", async () => {
    const delivery = { abandoned: false, losses: 0, trials: 0, position: 0 };
    publish("given up", { qos: 1, delivery }, 5_000);
    publish("waits", { qos: 1 }, 5_000);
    Object.assign(delivery, { abandoned: true });
    mqttClient.sendPing();
    acknowledge("ping");
    await settle();
    expect([stored, outcomes]).toEqual([{ 1: "" }, { "given up": "resolved" }]);
    acknowledge("given up", "waits");
    await settle();
    expect(outcomes["waits"]).toBe("resolved");
    expect(outgoing).toEqual({});
  });

  test("leaves the messages of other users of the mqtt.js client alone", () => {
    const theirs = { cb: (): void => undefined };
    outgoing[1_000] = theirs;
    publish("ours", { qos: 1, noRetransmit: true });
    pending.onLost("cable");
    expect(outgoing).toEqual({ 1000: theirs });
  });

  test("publishes again in the order of the first time, before later messages", async () => {
    for (const name of ["a", "b", "c"]) publish(name, { qos: 1 });
    acknowledge("a");
    pending.onLost("cable");
    connect();
    publish("d", { qos: 1 });
    await settle();
    expect(names()).toEqual(["b", "c", "ping"]);
    acknowledge("b", "c");
    acknowledge("d");
    await settle();
    expect(names()).toEqual(["b", "c", "ping", "d"]);
    expect(outcomes).toEqual({ a: "resolved", b: "resolved", c: "resolved", d: "resolved" });
  });

  test("ignores the acknowledgement of an earlier attempt", async () => {
    publish("message", { qos: 1 });
    const { done } = wire[0]!;
    pending.onLost("cable");
    connect();
    done();
    await settle();
    expect(outcomes).toEqual({});
  });

  test("does not publish again what its caller gave up while offline", async () => {
    const delivery = { abandoned: false, losses: 0, trials: 0, position: undefined };
    publish("message", { qos: 1, delivery });
    pending.onLost("cable");
    delivery.abandoned = true;
    connect();
    await settle();
    expect(names()).toEqual([]);
  });

  /** Connects until a connection survives; `guilty` are the messages that make the broker close it. */
  async function survive(guilty: readonly string[]): Promise<number> {
    for (let losses = 0; losses < 100; losses += 1) {
      let killed = false;
      for (let index = 0; index < wire.length && !killed; index += 1) {
        killed = guilty.includes(wire[index]!.name);
        if (!killed) wire[index]!.done();
        await settle();
      }
      if (!killed) return losses;
      pending.onLost("closed");
      connect();
      await settle();
    }
    throw new Error("no connection survives");
  }

  test("refuses a message that costs connections, and delivers all others once", async () => {
    const all = Array.from({ length: 20 }, (_, index) => `m${index}`);
    for (const name of all) publish(name, { qos: 1 }, 5);
    expect(await survive(["m7"])).toBe(4);
    expect(outcomes).toEqual({
      ...Object.fromEntries(all.map((name) => [name, "resolved"])),
      m7: refused("closed 4 connections after it had received this message of 5 bytes"),
    });
  });

  test("refuses a message after three connections if it was the only one", async () => {
    publish("message", { qos: 1 });
    expect(await survive(["message"])).toBe(3);
    expect(outcomes).toEqual({ message: refused("closed 3 connections") });
  });

  test("does not refuse a message because connections are lost by chance, also while it is on trial alone", async () => {
    const all = Array.from({ length: 300 }, (_, index) => `m${index}`);
    for (const name of all) publish(name, { qos: 1 });
    for (let losses = 0; losses < 12; losses += 1) {
      // The broker has answered everything up to the loss, at least the first message.
      for (let index = 0; index < wire.length && index < 3 + (losses % 4); index += 1) {
        wire[index]!.done();
        await settle();
      }
      pending.onLost("cable");
      connect();
      await settle();
    }
    await survive([]);
    expect(Object.values(outcomes).filter((outcome) => outcome === "resolved")).toHaveLength(300);
  });

  test("finds several messages that cost connections", async () => {
    const all = Array.from({ length: 20 }, (_, index) => `m${index}`);
    for (const name of all) publish(name, { qos: 1 });
    expect(await survive(["m3", "m4", "m19"])).toBeLessThanOrEqual(12);
    const fates = Object.entries(outcomes).filter(([, outcome]) => outcome !== "resolved");
    expect(fates.map(([name]) => name).toSorted()).toEqual(["m19", "m3", "m4"]);
    expect(Object.keys(outcomes)).toHaveLength(20);
  });

  test.each([
    { name: "soon after it was written", age: 4_000, refusedAfter: 8 },
    { name: "long after it was written", age: 6_000, refusedAfter: Infinity },
  ])(
    "refuses a message that the broker passes over, if eight connections are lost $name",
    async ({ age, refusedAfter }) => {
      publish("unanswered", { qos: 1 }, 5);
      for (let losses = 1; losses <= 12; losses += 1) {
        publish(`later ${losses}`, { qos: 1 });
        await settle();
        acknowledge("ping");
        acknowledge(`later ${losses}`);
        await vi.advanceTimersByTimeAsync(age);
        pending.onLost("closed");
        connect();
        await settle();
        expect([losses, outcomes["unanswered"] === undefined]).toEqual([losses, losses < refusedAfter]);
      }
      if (refusedAfter < Infinity) expect(outcomes["unanswered"]).toEqual(refused("closed 8 connections"));
      else expect(names()).toContain("unanswered");
    },
  );

  test("tries many suspects in groups after two losses, so that they do not take a round trip each", async () => {
    const all = Array.from({ length: 100 }, (_, index) => `m${index}`);
    for (const name of all) publish(name, { qos: 1 });
    for (let losses = 0; losses < 2; losses += 1) {
      pending.onLost("cable");
      connect();
    }
    let trips = 0;
    for (; Object.keys(outcomes).length < 100; trips += 1) {
      acknowledge(...names().slice(-20));
      await settle();
    }
    expect(trips).toBeLessThan(30);
    expect(new Set(Object.values(outcomes))).toEqual(new Set(["resolved"]));
  });

  test("finds the guilty one of many suspects", async () => {
    const all = Array.from({ length: 100 }, (_, index) => `m${index}`);
    for (const name of all) publish(name, { qos: 1 }, 5);
    expect(await survive(["m50"])).toBe(5);
    expect(outcomes).toEqual({
      ...Object.fromEntries(all.map((name) => [name, "resolved"])),
      m50: refused("closed 5 connections"),
    });
  });

  test("sends SUBSCRIBE after the current trial, and before the next one", async () => {
    for (const name of ["one", "other"]) publish(name, { qos: 1 });
    for (let losses = 0; losses < 2; losses += 1) {
      pending.onLost("cable");
      connect();
    }
    let acknowledgeSubscribe = (): void => undefined;
    const subscribe = vi.fn(() => new Promise<void>((resolve) => (acknowledgeSubscribe = resolve)));
    const subscribed = pending.subscribe(subscribe);
    const written = () => names().filter((name) => name !== "ping");
    await settle();
    expect([written(), subscribe.mock.calls.length]).toEqual([["one"], 0]);
    acknowledge("one");
    await settle();
    expect([written(), subscribe.mock.calls.length]).toEqual([["one"], 1]);
    acknowledgeSubscribe();
    await subscribed;
    expect(names()).toContain("other");
  });

  test("is slow to blame a call at QoS 0, which nobody acknowledges", () => {
    const delivery: Delivery = {
      abandoned: false,
      losses: 0,
      trials: 0,
      position: 1,
      writtenAt: 0,
      writtenQos: 0,
    };
    for (let losses = 1; losses <= 20; losses += 1) {
      countLoss(delivery, 1, 0);
      expect([losses, isGivenUp(delivery)]).toEqual([losses, losses >= 20]);
      if (losses === 15) {
        vi.advanceTimersByTime(1_001);
        countLoss(delivery, 1, 0);
        expect(delivery.quickLosses).toBe(0);
        Object.assign(delivery, { quickLosses: 15, writtenAt: performance.now() });
      }
    }
  });

  test("blames nobody on trial while the broker may be at an earlier message", async () => {
    const delivery = { abandoned: false, losses: 2, trials: 0, position: undefined };
    publish("guilty", { qos: 0 });
    publish("innocent", { qos: 1, delivery });
    pending.onLost("closed");
    expect(delivery).toMatchObject({ losses: 3, trials: 0 });
    connect();
    pending.onLost("closed");
    expect(delivery).toMatchObject({ losses: 4, trials: 1 });
  });

  test("tries a suspected call at QoS 0 alone, with a PINGREQ after it", async () => {
    publish("guilty", { qos: 0, delivery: { abandoned: false, losses: 2, trials: 0, position: undefined } });
    publish("other", { qos: 0 });
    publish("next", { qos: 1 });
    await settle();
    expect(names()).toEqual(["guilty", "ping"]);
    acknowledge("guilty", "ping");
    await settle();
    expect(names()).toEqual(["guilty", "ping", "other", "next"]);
  });

  test("goes on after two seconds if the broker answers no PINGREQ", async () => {
    publish("suspect", { qos: 0, delivery: { abandoned: false, losses: 1, trials: 0, position: undefined } });
    publish("other", { qos: 0 });
    await vi.advanceTimersByTimeAsync(1_999);
    expect(names()).toEqual(["suspect", "ping"]);
    await vi.advanceTimersByTimeAsync(1);
    expect(names()).toEqual(["suspect", "ping", "other"]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("sends SUBSCRIBE after the messages on trial, and these after SUBACK, so that the guilty one is known", async () => {
    publish("suspect", { qos: 1 });
    pending.onLost("cable");
    connect();
    let acknowledgeSubscribe = (): void => undefined;
    const subscribe = vi.fn(() => new Promise<void>((resolve) => (acknowledgeSubscribe = resolve)));
    const subscribed = pending.subscribe(subscribe);
    await settle();
    expect(subscribe).not.toHaveBeenCalled();
    acknowledge("suspect");
    await settle();
    expect(subscribe).toHaveBeenCalledTimes(1);
    publish("other suspect", {
      qos: 0,
      delivery: { abandoned: false, losses: 1, trials: 0, position: undefined },
    });
    expect(names()).not.toContain("other suspect");
    acknowledgeSubscribe();
    await subscribed;
    expect(names()).toContain("other suspect");
  });

  test("rejects a SUBSCRIBE that the connection was lost before, and says that it was not sent", async () => {
    publish("suspect", { qos: 1 });
    pending.onLost("cable");
    connect();
    const subscribed = pending.subscribe(() => Promise.resolve());
    pending.onLost("cable");
    await expect(subscribed).rejects.toMatchObject({ code: "disconnected", sent: false });
  });

  test("keeps within the broker's Receive Maximum, first in first out, and lets QoS 0 pass", () => {
    pending.onLost("cable");
    connect({ receiveMaximum: 2 });
    for (const name of ["a", "b", "c", "d"]) publish(name, { qos: 1 });
    publish("quick", { qos: 0 });
    expect(names()).toEqual(["a", "b", "quick"]);
    acknowledge("b");
    expect(names()).toEqual(["a", "b", "quick", "c"]);
    acknowledge("a", "c");
    expect(names()).toEqual(["a", "b", "quick", "c", "d"]);
  });

  test("gives a connection up that answers PINGREQ, but acknowledges nothing for 30 s while messages wait", () => {
    pending.onLost("cable");
    connect({ receiveMaximum: 2 });
    const pingAfter = (ms: number): number => {
      vi.advanceTimersByTime(ms);
      pending.onPingResponse();
      return stalls;
    };
    for (const name of ["a", "b"]) publish(name, { qos: 1 });
    // Nothing waits.
    expect(pingAfter(60_000)).toBe(0);
    publish("c", { qos: 1 });
    acknowledge("b");
    publish("d", { qos: 1 });
    expect(pingAfter(29_000)).toBe(0);
    // A further message does not prolong the wait.
    publish("e", { qos: 1 });
    expect(pingAfter(2_000)).toBe(1);
  });

  test("shares the broker's Receive Maximum among the transports over one mqtt.js client", async () => {
    const other = new PendingPublishes(mqttClient, { onStalled: () => undefined, onTaken: () => undefined });
    for (const each of [pending, other]) {
      each.onAccepted({ receiveMaximum: 2 });
      each.onOnline();
    }
    publish("a", { qos: 1 });
    publish("b", { qos: 1 }, 1, other);
    publish("c", { qos: 1 });
    publish("d", { qos: 1 }, 1, other);
    expect(names()).toEqual(["a", "b"]);
    acknowledge("b");
    expect(names()).toEqual(["a", "b", "d"]);
    acknowledge("d");
    expect(names()).toEqual(["a", "b", "d", "c"]);
    for (const each of [pending, other]) each.rejectAll("closed");
    await settle();
  });

  test("asks for a PINGRESP itself, because there may be no keepalive", async () => {
    pending.onLost("cable");
    connect({ receiveMaximum: 1 });
    publish("silent", { qos: 1 });
    publish("next", { qos: 1 });
    await vi.advanceTimersByTimeAsync(30_000);
    expect(names()).toEqual(["silent", "ping"]);
    await vi.advanceTimersByTimeAsync(1);
    acknowledge("ping");
    expect(stalls).toBe(1);
    pending.onLost("the broker acknowledges no messages");
    expect(vi.getTimerCount()).toBe(0);
  });

  test("counts the connections of an owner who leaves a stalled one open, and not its pings", async () => {
    publish("silent", { qos: 1 });
    pending.onLost("cable");
    connect({ receiveMaximum: 1 });
    publish("next", { qos: 1 });
    await vi.advanceTimersByTimeAsync(31_000);
    for (let pings = 0; pings < 5; pings += 1) pending.onPingResponse();
    pending.onLost("cable");
    connect();
    await settle();
    expect(outcomes).toEqual({});
    expect(names()).toContain("silent");
  });

  test("knows which PINGREQ a broker has answered", async () => {
    pending.onPingRequest();
    const suspects = ["one", "other"].map((name) => ({ name, losses: 2 }));
    for (const { name, losses } of suspects)
      publish(name, { qos: 0, delivery: { abandoned: false, losses, trials: 0, position: undefined } });
    await settle();
    expect(names()).toEqual(["one", "ping"]);
    // The answer to the first one, which was sent before the message.
    pending.onPingResponse();
    await settle();
    expect(names()).not.toContain("other");
    pending.onPingResponse();
    await settle();
    expect(names()).toContain("other");
  });

  test("refuses a message that took the place of others on three connections, so that these go on", async () => {
    publish("silent", { qos: 1 });
    for (let connection = 1; connection <= 3; connection += 1) {
      pending.onLost("cable");
      connect({ receiveMaximum: 1 });
      publish(`next ${connection}`, { qos: 1 });
      expect(outcomes["silent"]).toBeUndefined();
      await vi.advanceTimersByTimeAsync(31_000);
      pending.onPingResponse();
      expect(stalls).toBe(connection);
    }
    pending.onLost("the broker acknowledges no messages");
    await settle();
    expect(outcomes["silent"]).toEqual(
      refused("acknowledged this message of 1 bytes on none of 3 connections"),
    );
    connect({ receiveMaximum: 1 });
    expect(names()).toEqual(["next 1"]);
  });

  test("does not blame the messages of one transport for those of another over the same mqtt.js client", async () => {
    const other = new PendingPublishes(mqttClient, { onStalled: () => undefined, onTaken: () => undefined });
    other.onOnline();
    publish("poison", { qos: 1 });
    publish("innocent", { qos: 1 }, 1, other);
    let connections = 0;
    for (; connections < 10 && outcomes["poison"] === undefined; connections += 1) {
      if (!names().includes("poison")) {
        acknowledge("innocent");
        for (const each of [pending, other]) each.onPingResponse();
        await settle();
      }
      // The innocent message was acknowledged, and now it is the turn of the other one.
      expect(names()).toContain("poison");
      for (const each of [other, pending]) each.onLost("closed");
      wire = [];
      for (const each of [other, pending]) {
        each.onAccepted({});
        each.onOnline();
      }
      await settle();
    }
    expect(connections).toBe(3);
    expect(outcomes).toEqual({ poison: refused("closed 3 connections"), innocent: "resolved" });
    other.rejectAll("closed");
  });

  test("has at most 60,000 messages in flight, because there are 65,535 packet ids", () => {
    for (let index = 0; index < 60_001; index += 1) publish(`m${index}`, { qos: 1 });
    expect(wire).toHaveLength(60_000);
    acknowledge("m5");
    expect(wire.at(-1)?.name).toBe("m60000");
  });

  test("refuses what is larger than the broker accepts, to the byte, and gives both sizes", async () => {
    pending.onLost("cable");
    connect({ maximumPacketSize: 100 });
    // Fixed header 2, topic length 2, topic 1, packet id 2, properties 1.
    publish("a", { qos: 1 }, 92);
    publish("b", { qos: 1 }, 93);
    publish("é", { qos: 0 }, 93);
    publish("ü", { qos: 0 }, 94);
    await settle();
    expect(names()).toEqual(["a", "é"]);
    expect(outcomes["b"]).toEqual(refused("takes 101 bytes, and the broker accepts at most 100"));
    expect(outcomes["ü"]).toEqual(refused("takes 101 bytes"));
  });

  test("refuses what is larger than a packet of MQTT can be", async () => {
    publish("a", { qos: 0 }, 268_435_455);
    await settle();
    expect(names()).toEqual([]);
    expect(outcomes["a"]).toEqual(refused("at most 268435460"));
  });

  test("lowers the QoS to what the broker supports", () => {
    pending.onLost("cable");
    connect({ maximumQoS: 0 });
    publish("a", { qos: 2 });
    expect(wire).toMatchObject([{ name: "a", qos: 0 }]);
  });

  test("leaves QoS 2 in a persistent session to mqtt.js, until it cost three connections", async () => {
    clean = false;
    publish("first", { qos: 2 });
    publish("second", { qos: 2 });
    for (const kept of [2, 2, 1]) {
      pending.onLost("closed");
      expect(Object.keys(outgoing)).toHaveLength(kept);
      // mqtt.js retransmits before it reports the connection. An attempt without a CONNACK costs nothing.
      pending.onLost("no CONNACK");
      pending.onAccepted({});
    }
    await settle();
    expect(outcomes).toEqual({ first: refused("closed 3 connections") });
  });

  test("gives up QoS 2 in a persistent session if the broker does not go on with it, so that the client connects", async () => {
    clean = false;
    for (const name of ["slow", "silent", "waiting"]) publish(name, { qos: 2 }, 5);
    const [slow] = wire;
    pending.onLost("closed");
    pending.onAccepted({ receiveMaximum: 3 });
    await vi.advanceTimersByTimeAsync(4_000);
    slow!.done();
    await vi.advanceTimersByTimeAsync(4_999);
    expect(Object.keys(outcomes)).toEqual(["slow"]);
    await vi.advanceTimersByTimeAsync(1);
    const unanswered = refused("acknowledged this message of 5 bytes on none of 2 connections");
    expect(outcomes).toEqual({ slow: "resolved", silent: unanswered, waiting: unanswered });
    expect(outgoing).toEqual({});
    pending.onOnline();
    for (const name of ["a", "b", "c"]) publish(name, { qos: 1 });
    expect(names().slice(-3)).toEqual(["a", "b", "c"]);
  });

  test("takes QoS 2 back from mqtt.js on the next connection if its caller has given it up", async () => {
    clean = false;
    const delivery = { abandoned: false, losses: 0, trials: 0, position: undefined };
    publish("given up", { qos: 2, delivery });
    pending.onLost("closed");
    delivery.abandoned = true;
    pending.onAccepted({});
    await settle();
    expect([outgoing, outcomes]).toMatchObject([{}, { "given up": { code: "disconnected" } }]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("begins QoS 2 anew, and before later messages, if the broker has lost the persistent session", async () => {
    clean = false;
    for (const name of ["a", "b"]) publish(name, { qos: 2 });
    publish("c", { qos: 1 });
    pending.onLost("closed");
    wire = [];
    pending.onAccepted({}, true);
    expect(outgoing).toEqual({});
    pending.onOnline();
    for (let round = 0; round < 4; round += 1) {
      for (const { done } of wire) done();
      await settle();
    }
    expect(names().filter((name) => name !== "ping")).toEqual(["a", "b", "c"]);
    expect(outcomes).toEqual({ a: "resolved", b: "resolved", c: "resolved" });
  });

  test("takes PUBCOMP without a known packet id for the end of QoS 2", async () => {
    publish("completed", { qos: 2 });
    publish("refused", { qos: 1 });
    for (const { done } of wire) done(Object.assign(new Error("Packet Identifier not found"), { code: 146 }));
    await settle();
    expect(outcomes).toEqual({ completed: "resolved", refused: expect.any(Error) });
  });

  test("takes a Receive Maximum of 0 for none", () => {
    pending.onLost("cable");
    connect({ receiveMaximum: 0 });
    publish("message", { qos: 1 });
    expect(names()).toEqual(["message"]);
  });

  test("rejectAll rejects every message once, and takes it back from mqtt.js", async () => {
    for (const [index, qos] of ([0, 1, 2] as const).entries()) publish(`message ${index}`, { qos });
    pending.rejectAll("closed");
    await settle();
    const expected = {
      "message 0": lost("closed"),
      "message 1": lost("closed"),
      "message 2": lost("closed"),
    };
    expect(outcomes).toEqual(expected);
    expect(outgoing).toEqual({});
    pending.rejectAll("again");
    await settle();
    expect(outcomes).toEqual(expected);
  });
});
