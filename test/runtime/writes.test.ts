/** The number of writes that a client makes: each is a system call, and a packet of the network. */
import { Socket } from "node:net";
import { generate } from "mqtt-packet";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { mqttTransport, type Transport } from "../../src/runtime/index.js";
import { publishPacket, rawBroker } from "../support/raw-mqtt.js";

let broker: Awaited<ReturnType<typeof rawBroker>>;
let transport: Transport;
beforeEach(async () => {
  broker = await rawBroker();
  transport = mqttTransport(`mqtt://127.0.0.1:${broker.port}`);
  await new Promise<void>((resolve) => {
    transport.onState(({ kind }) => {
      if (kind === "connected") resolve();
    });
  });
});
afterEach(async () => {
  vi.restoreAllMocks();
  await transport.close({ force: true });
  await broker.stop();
});

/** Lets the broker answer the message `start` with some messages in one write. Returns, once all are acknowledged, how many writes the client has made. */
async function writesFor(count: number): Promise<() => number> {
  const messages = Array.from({ length: count }, (_, index) =>
    generate(publishPacket("a/b", "x", { qos: 1, messageId: index + 1 })),
  );
  let acknowledged = 0;
  broker.onPacket = (packet) => {
    if (packet.cmd === "puback") acknowledged += 1;
    return packet.cmd === "publish" && packet.topic === "start" ? [Buffer.concat(messages)] : undefined;
  };
  let writes = 0;
  for (const method of ["_write", "_writev"] as const) {
    const original = Socket.prototype[method]!;
    vi.spyOn(Socket.prototype, method).mockImplementation(function (
      this: Socket,
      ...parameters: Parameters<typeof original>
    ) {
      if (this.remotePort === broker.port) writes += 1;
      Reflect.apply(original, this, parameters);
    });
  }
  await transport.publish("start", new Uint8Array(), { qos: 0 });
  await vi.waitFor(() => expect(acknowledged).toBe(count));
  return () => writes;
}

test("a client acknowledges 50 messages in a few writes", async () => {
  // The message that starts it, the first acknowledgement, and the others; TCP may split the read.
  expect((await writesFor(50))()).toBeLessThan(5);
});

test("the acknowledgement of a single message does not wait for the request that follows", async () => {
  const followed = new Promise<void>((resolve) => {
    transport.onMessage(() => {
      const published = Promise.resolve().then(() => transport.publish("next", new Uint8Array(), { qos: 0 }));
      published.then(resolve, () => undefined);
    });
  });
  const writes = await writesFor(1);
  await followed;
  expect(writes()).toBe(3);
});
