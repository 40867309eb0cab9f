import { beforeEach, describe, expect, test } from "vitest";
import { PendingPublishes } from "../../../src/runtime/transport/pending-publishes.js";
import type { PublishOptions } from "../../../src/runtime/transport/transport.js";

/** The messages that the mqtt.js client keeps, by packet id. */
let outgoing: Record<number, { readonly cb: unknown }>;
let pending: PendingPublishes;
let outcomes: Record<string, unknown>;

beforeEach(() => {
  [outgoing, outcomes] = [{}, {}];
  pending = new PendingPublishes({
    outgoing,
    removeOutgoingMessage: (packetId) => delete outgoing[packetId],
  });
});

/** Publishes as mqtt.js does, which keeps messages at QoS 1 and 2. Returns the callback for their acknowledgement. */
function publish(name: string, options: PublishOptions): (error?: unknown) => void {
  const callback = pending.add(
    options,
    () => (outcomes[name] = "resolved"),
    (error) => (outcomes[name] = error),
  );
  if (options.qos > 0) outgoing[Object.keys(outgoing).length + 1] = { cb: callback };
  return callback;
}

const lost = (cause: unknown) => expect.objectContaining({ code: "disconnected", cause });

describe("PendingPublishes", () => {
  test("settles a message as mqtt.js does", () => {
    publish("acknowledged", { qos: 1 })();
    publish("refused", { qos: 1 })("quota exceeded");
    pending.rejectAll("cable");
    expect(outcomes).toEqual({ acknowledged: "resolved", refused: "quota exceeded" });
  });

  test.each([
    { options: { qos: 0 }, rejected: true },
    { options: { qos: 0, noRetransmit: true }, rejected: true },
    { options: { qos: 1 }, rejected: false },
    { options: { qos: 1, noRetransmit: false }, rejected: false },
    { options: { qos: 1, noRetransmit: true }, rejected: true },
    { options: { qos: 2 }, rejected: false },
    { options: { qos: 2, noRetransmit: true }, rejected: true },
  ] as const)(
    "rejectUnrepeatable rejects $options, and mqtt.js does not retransmit it: $rejected",
    ({ options, rejected }) => {
      const callback = publish("message", options);
      pending.rejectUnrepeatable("cable");
      expect(outcomes).toEqual(rejected ? { message: lost("cable") } : {});
      expect(Object.values(outgoing).map(({ cb }) => cb)).toEqual(
        options.qos > 0 && !rejected ? [callback] : [],
      );
    },
  );

  test("rejectUnrepeatable leaves the messages of other users of the mqtt.js client alone", () => {
    const theirs = { cb: (): void => undefined };
    outgoing[1] = theirs;
    publish("ours", { qos: 1, noRetransmit: true });
    pending.rejectUnrepeatable("cable");
    expect(outgoing).toEqual({ 1: theirs });
  });

  test("a message that was kept resolves with its acknowledgement on a later connection", () => {
    const callback = publish("message", { qos: 1 });
    pending.rejectUnrepeatable("cable");
    callback();
    expect(outcomes).toEqual({ message: "resolved" });
  });

  test("rejectAll rejects every message once", () => {
    for (const [index, qos] of ([0, 1, 2] as const).entries()) publish(`message ${index}`, { qos });
    pending.rejectAll("closed");
    const expected = {
      "message 0": lost("closed"),
      "message 1": lost("closed"),
      "message 2": lost("closed"),
    };
    expect(outcomes).toEqual(expected);
    expect(outgoing).toEqual({});
    pending.rejectAll("again");
    expect(outcomes).toEqual(expected);
  });
});
