import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { type IConnectPacket, parser } from "mqtt-packet";
import { describe, expect, test } from "vitest";
import { connect, dcxJson, dcxPlain, epmxGet, lastWill, TopicsmithError } from "kaa-device-client";

const parameters = { appVersion: "v1", endpointToken: "t1" };

describe("a last will", () => {
  test("is a request of the API without an id", () => {
    const will = lastWill(dcxJson, parameters, { online: false });
    expect(will).toMatchObject({ topic: "kp1/v1/dcx/t1/json", qos: 1, retain: false });
    expect(new TextDecoder().decode(will.payload)).toBe('{"online":false}');
    expect(lastWill(dcxJson, parameters, {}, { qos: 0, retain: true })).toMatchObject({
      qos: 0,
      retain: true,
    });
  });

  test("has the types of its resource", () => {
    // @ts-expect-error -- the path needs a metric name
    expect(() => lastWill(dcxPlain, parameters, "21")).toThrow(TopicsmithError);
    // @ts-expect-error -- not a request of the resource
    expect(() => lastWill(epmxGet, parameters, { keys: 7 })).toThrow(
      expect.objectContaining({ code: "invalid-topic" }),
    );
  });

  test.each([
    [
      "a resource that needs a request id",
      () => lastWill(epmxGet, parameters, { keys: ["a"] }),
      "invalid-topic",
    ],
    [
      "an illegal parameter",
      () => lastWill(dcxJson, { ...parameters, endpointToken: "a/b" }, {}),
      "invalid-topic",
    ],
    ["an invalid request", () => lastWill(dcxJson, parameters, Number.NaN), "invalid-request"],
  ])("is refused for %s", (_name, create, code) => {
    expect(create).toThrow(expect.objectContaining({ code }));
  });

  test("is part of the CONNECT", async () => {
    const packets: IConnectPacket[] = [];
    const server = createServer((socket) => {
      const parse = parser();
      parse.on("packet", (packet) => {
        if (packet.cmd === "connect") packets.push(packet);
        socket.destroy();
      });
      socket.on("data", (data) => parse.parse(data));
      socket.on("error", () => undefined);
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const client = await connect(`mqtt://127.0.0.1:${port}`, {
      appVersion: "v1",
      lazy: true,
      will: lastWill(dcxJson, parameters, { online: false }),
    });
    await new Promise<void>((resolve) => client.on("attempt-failed", () => resolve()));
    expect(packets[0]?.will).toMatchObject({
      topic: "kp1/v1/dcx/t1/json",
      qos: 1,
      payload: Buffer.from('{"online":false}'),
    });
    await client.close({ force: true });
    server.close();
  });
});
