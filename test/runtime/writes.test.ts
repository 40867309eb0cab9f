/** The number of writes that a client makes: each is a system call, and a packet of the network. */
import { Socket } from "node:net";
import { generate } from "mqtt-packet";
import { afterEach, expect, test, vi } from "vitest";
import { mqttTransport } from "../../src/runtime/index.js";
import { publishPacket, rawBroker } from "../support/raw-mqtt.js";

afterEach(() => vi.restoreAllMocks());

test("a client acknowledges the messages of one read in one write", async () => {
  const broker = await rawBroker();
  const transport = mqttTransport(`mqtt://127.0.0.1:${broker.port}`);
  try {
    await new Promise<void>((resolve) => {
      transport.onState(({ kind }) => {
        if (kind === "connected") resolve();
      });
    });
    let acknowledged = 0;
    const messages = Array.from({ length: 50 }, (_, index) =>
      generate(publishPacket("a/b", "x", { qos: 1, messageId: index + 1 })),
    );
    broker.onPacket = ({ cmd }) => {
      if (cmd === "puback") acknowledged += 1;
      return cmd === "publish" ? [Buffer.concat(messages)] : undefined;
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
    await vi.waitFor(() => expect(acknowledged).toBe(50));
    // The message that starts it, and the acknowledgements.
    expect(writes).toBeLessThan(5);
  } finally {
    await transport.close({ force: true });
    await broker.stop();
  }
});
