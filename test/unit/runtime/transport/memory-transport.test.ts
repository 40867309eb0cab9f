import * as fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { memoryBroker } from "../../../../src/runtime/transport/memory-transport.js";
import { filterMatches, isTopicFilter, splitShared } from "../../../../src/runtime/topics/topic-filter.js";
import type {
  IncomingMessage,
  Transport,
  TransportState,
} from "../../../../src/runtime/transport/transport.js";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (payload: Uint8Array): string => new TextDecoder().decode(payload);

function inbox(transport: Transport): IncomingMessage[] {
  const messages: IncomingMessage[] = [];
  transport.onMessage((message) => messages.push(message));
  return messages;
}

/** Lets everything happen that waits for microtasks only. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
}

describe("topic filters", () => {
  test.each([
    ["a/b", "a/b", true],
    ["a/+", "a/b", true],
    ["a/+", "a", false],
    ["a/+", "a/", true],
    ["a/+", "a/b/c", false],
    ["+/+", "/b", true],
    ["+", "/b", false],
    ["a/#", "a", true],
    ["a/#", "a/b/c", true],
    ["#", "a/b", true],
    ["a/b", "a/b/c", false],
    ["a/b/c", "a/b", false],
    ["#", "$SYS/x", false],
    ["+/x", "$SYS/x", false],
    ["$SYS/#", "$SYS/x", true],
    ["$SYS/+", "$SYS/x", true],
    ["a/+", "a/$b", true],
  ])("%s matches %s: %s", (filter, topic, expected) => {
    expect(filterMatches(filter, topic)).toBe(expected);
  });

  const level = fc.stringMatching(/^[a-c]{0,2}$/u);
  const topics = fc.array(level, { minLength: 1, maxLength: 5 });

  test("a topic matches the filter made of it by replacing any levels with +, or any rest with #", () => {
    fc.assert(
      fc.property(topics, fc.array(fc.boolean()), fc.nat(5), (levels, wild, cut) => {
        const filter = levels.map((value, index) => (wild[index] ? "+" : value));
        expect(filterMatches(filter.join("/"), levels.join("/"))).toBe(true);
        expect(filterMatches([...filter.slice(0, cut), "#"].join("/"), levels.join("/"))).toBe(true);
      }),
    );
  });

  test("a filter matches what it matches as a regular expression", () => {
    const filters = fc.array(fc.oneof(level, fc.constant("+")), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(filters, fc.boolean(), topics, (filter, open, levels) => {
        const body = filter.map((value) => (value === "+" ? "[^/]*" : value)).join("/");
        const expected = new RegExp(`^${body}${open ? "(/.*)?" : ""}$`, "u").test(levels.join("/"));
        const written = open ? `${filter.join("/")}/#` : filter.join("/");
        expect(filterMatches(written, levels.join("/"))).toBe(expected);
      }),
    );
  });

  test("a filter is valid only if wildcards fill their level and # comes last", () => {
    for (const good of ["a/b", "#", "+", "a/+/b/#", "/", "$share/g/a/#"])
      expect(isTopicFilter(good), good).toBe(true);
    for (const bad of ["", "a+", "a/#/b", "a#", "a\0", `a/${"é".repeat(40_000)}`])
      expect(isTopicFilter(bad)).toBe(false);
  });

  test("a shared subscription is split into its group and its filter", () => {
    expect(splitShared("$share/g/a/#")).toEqual({ group: "g", filter: "a/#" });
    expect(splitShared("a/#")).toEqual({ filter: "a/#" });
  });
});

describe("memoryBroker", () => {
  test("delivers by microtask, also under fake clocks, with the lower of the two QoS", async () => {
    vi.useFakeTimers();
    const broker = memoryBroker();
    const [sender, receiver] = [broker.transport(), broker.transport()];
    const messages = inbox(receiver);
    expect(await receiver.subscribe(["a/+"], 1)).toEqual([1]);
    const sent = sender.publish("a/b", bytes("hello"), { qos: 2 });
    expect(messages).toEqual([]);
    await sent;
    await settle();
    expect(messages).toEqual([{ topic: "a/b", payload: bytes("hello"), qos: 1, retain: false }]);
    vi.useRealTimers();
  });

  test("sends one copy to a connection with several matching filters, with the highest of their QoS", async () => {
    const broker = memoryBroker();
    const transport = broker.transport();
    const messages = inbox(transport);
    await transport.subscribe(["a/#"], 0);
    await transport.subscribe(["a/b"], 1);
    await transport.publish("a/b", bytes("x"), { qos: 2 });
    await settle();
    expect(messages.map(({ qos }) => qos)).toEqual([1]);
  });

  test("keeps the order of one sender, and shares no bytes between sender and receivers", async () => {
    const broker = memoryBroker();
    const [sender, receiver] = [broker.transport(), broker.transport()];
    const messages = inbox(receiver);
    await receiver.subscribe(["#"], 2);
    const payload = bytes("1");
    const first = sender.publish("t", payload, { qos: 1 });
    payload[0] = 50;
    await Promise.all([first, sender.publish("t", payload, { qos: 0 })]);
    await settle();
    expect(messages.map((message) => text(message.payload))).toEqual(["1", "2"]);
  });

  test("stops delivering after unsubscribe and close", async () => {
    const broker = memoryBroker();
    const [sender, receiver] = [broker.transport(), broker.transport()];
    const messages = inbox(receiver);
    await receiver.subscribe(["a", "b"], 0);
    await receiver.unsubscribe(["a"]);
    await sender.publish("a", bytes(""), { qos: 0 });
    await sender.publish("b", bytes(""), { qos: 0 });
    await settle();
    expect(messages.map(({ topic }) => topic)).toEqual(["b"]);
    await receiver.close();
    await sender.publish("b", bytes(""), { qos: 1 });
    await settle();
    expect(messages).toHaveLength(1);
    await expect(receiver.publish("b", bytes(""), { qos: 0 })).rejects.toThrow("closed");
  });

  test("delivers to the members of a group in turn, and to an ordinary subscription everything", async () => {
    const broker = memoryBroker();
    const sender = broker.transport();
    const [first, second, plain] = [broker.transport(), broker.transport(), broker.transport()];
    const boxes = [first, second, plain].map(inbox);
    await first.subscribe(["$share/g/a/#"], 1);
    await second.subscribe(["$share/g/a/#"], 1);
    await plain.subscribe(["a/#"], 1);
    for (let index = 0; index < 4; index += 1) await sender.publish("a/b", bytes("x"), { qos: 1 });
    await settle();
    expect(boxes.map((box) => box.length)).toEqual([2, 2, 4]);
  });

  test("a connection with origins delivers one copy to an origin, whether it subscribed or not", async () => {
    const broker = memoryBroker();
    const platform = broker.transport({ origins: true });
    const [device, other] = [broker.transport(), broker.transport()];
    const [requests, responses, others] = [inbox(platform), inbox(device), inbox(other)];
    await platform.subscribe(["#"], 1);
    await device.publish("q", bytes("x"), { qos: 1 });
    await settle();
    const { origin } = requests[0]!;
    expect(origin).toBeDefined();
    await platform.publish("q/status", bytes(""), { qos: 1, to: origin });
    await device.subscribe(["q/+", "#"], 0);
    await platform.publish("q/status", bytes(""), { qos: 1, to: origin });
    await settle();
    expect(responses.map(({ topic, qos, origin: seen }) => [topic, qos, seen])).toEqual([
      ["q/status", 1, undefined],
      ["q/status", 1, undefined],
    ]);
    expect(others).toEqual([]);
  });

  test("a connection without origins gets none, and its `to` is ignored", async () => {
    const broker = memoryBroker();
    const [platform, device] = [broker.transport(), broker.transport()];
    const [requests, responses] = [inbox(platform), inbox(device)];
    await platform.subscribe(["#"], 0);
    await device.publish("q", bytes(""), { qos: 0 });
    await settle();
    expect(requests[0]).not.toHaveProperty("origin");
    await platform.publish("q/status", bytes(""), { qos: 0, to: requests[0]!.origin });
    await settle();
    expect(responses).toEqual([]);
  });

  test("a session that is present keeps subscriptions and QoS 1 messages, a lost one keeps nothing", async () => {
    const broker = memoryBroker();
    const [sender, receiver] = [broker.transport(), broker.transport()];
    const messages = inbox(receiver);
    const states: TransportState[] = [];
    receiver.onState((state) => states.push(state));
    await receiver.subscribe(["t"], 1);

    receiver.drop("cable");
    await expect(receiver.publish("t", bytes(""), { qos: 0 })).rejects.toThrow("no connection");
    await sender.publish("t", bytes("lost"), { qos: 0 });
    await sender.publish("t", bytes("kept"), { qos: 1 });
    receiver.restore({ sessionPresent: true });
    await settle();
    expect(messages.map((message) => text(message.payload))).toEqual(["kept"]);

    receiver.drop();
    await sender.publish("t", bytes("gone"), { qos: 1 });
    receiver.restore();
    await sender.publish("t", bytes("also gone"), { qos: 1 });
    await settle();
    expect(messages).toHaveLength(1);
    expect(
      states.map((state) => [state.kind, "sessionPresent" in state ? state.sessionPresent : state.cause]),
    ).toEqual([
      ["connected", false],
      ["disconnected", "cable"],
      ["connected", true],
      ["disconnected", expect.any(Error)],
      ["connected", false],
    ]);
  });

  test("a publish rejects if the connection is lost before its PUBACK, though the broker has the message", async () => {
    const broker = memoryBroker();
    const [sender, receiver] = [broker.transport(), broker.transport()];
    const messages = inbox(receiver);
    await receiver.subscribe(["t"], 1);
    const sent = sender.publish("t", bytes("x"), { qos: 1 });
    sender.drop();
    await expect(sent).rejects.toThrow("no connection");
    await settle();
    expect(messages).toHaveLength(1);
  });

  test("giveUp enters the state failed, and restore does not leave it", async () => {
    const broker = memoryBroker();
    const transport = broker.transport({ connected: false });
    const states: TransportState[] = [];
    const remove = transport.onState((state) => states.push(state));
    expect(states).toEqual([]);
    transport.giveUp("not authorized");
    transport.restore();
    expect(states).toEqual([{ kind: "failed", cause: "not authorized" }]);
    remove();
    transport.onState((state) => states.push(state));
    expect(states).toHaveLength(2);
  });

  test("hooks refuse filters and messages, and delay acknowledgements", async () => {
    let release: (() => void) | undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const broker = memoryBroker({ onSubscribe: (filter, qos) => (filter === "no" ? 128 : qos) });
    const transport = broker.transport();
    const messages = inbox(transport);
    expect(await transport.subscribe(["no", "yes", "a/#/b"], 1)).toEqual([128, 1, 128]);
    await transport.publish("no", bytes(""), { qos: 0 });
    await settle();
    expect(messages).toEqual([]);

    broker.onPublish = () => held;
    let acknowledged = false;
    const sent = transport.publish("yes", bytes(""), { qos: 1 }).then(() => (acknowledged = true));
    await settle();
    expect([acknowledged, messages.length]).toEqual([false, 0]);
    release?.();
    await sent;
    expect(messages).toHaveLength(1);

    broker.onPublish = () => {
      throw new Error("quota");
    };
    await expect(transport.publish("yes", bytes(""), { qos: 1 })).rejects.toThrow("quota");
    await expect(transport.publish("a/+", bytes(""), { qos: 0 })).rejects.toThrow("not a valid topic name");
  });
});
