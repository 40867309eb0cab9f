/**
 * The traffic of Kaa's public clients, packet by packet: Node (N), Python (P), Node-RED (NR), Arduino (A), tutorials (T); and
 * rules (R) that take more than one response to test.
 */
import { connect, type CexCommand } from "kaa-device-client";
import { type Mock, type MockEvent, startMock } from "topicsmith/mock";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type KaaOptions, type RunningKaa, startKaa } from "../../examples/kaa-platform/platform.js";
import {
  CONNECT,
  type ReceivedMessage,
  publishPacket,
  type RawClient,
  rawClient,
} from "../support/raw-mqtt.js";

const T = { appVersion: "app-v1", endpointToken: "T" };
const B = "kp1/app-v1";
const closing: (() => unknown)[] = [];
let kaa: RunningKaa;

beforeEach(() => start());
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

async function start(options: KaaOptions = {}): Promise<void> {
  const started = await startKaa(options);
  kaa = started;
  closing.push(() => started.close());
}

const port = (): number => Number(new URL(kaa.url).port);

async function device(options?: { readonly hello?: boolean }): Promise<RawClient> {
  const client = await rawClient(port(), options);
  closing.push(() => client.close());
  return client;
}

/** Returns the messages before the response to a request that is sent now. Afterwards, no message is on its way. */
async function rest(client: RawClient, token = "T"): Promise<ReceivedMessage[]> {
  const received: ReceivedMessage[] = [];
  for (const id of [2_000_000_001, 2_000_000_002]) {
    const topic = `${B}/epmx/${token}/get/keys/${id}`;
    client.publish(topic);
    for (let answered = false; !answered;) {
      for (const each of await client.receive(1)) {
        if (each[0] === `${topic}/status`) answered = true;
        else received.push(each);
      }
    }
  }
  return received;
}

/** The paths and values of messages, sorted, because a response that waits for the disk may be overtaken. */
function read(received: readonly ReceivedMessage[]): unknown[] {
  return received
    .map(([topic, body]) => [topic.slice(B.length + 1), body === "" ? undefined : JSON.parse(body)] as const)
    .toSorted(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0));
}

async function samples(): Promise<unknown[]> {
  return (await kaa.samples.of(T)).map(({ value }) => value);
}

const refused = (statusCode: number): unknown => ({ statusCode, reasonPhrase: expect.any(String) });
const payload = (configId: string, config: unknown): unknown => ({
  configId,
  config,
  statusCode: 200,
  reasonPhrase: "OK",
});

describe("Rules of the protocol", () => {
  test("R2: a reused request id gets a response each time, even while it is in flight", async () => {
    const client = await device();
    const packets = [1, 2, 3].map((value) => publishPacket(`${B}/dcx/T/json/32`, value));
    client.send(...packets);
    const ack: ReceivedMessage = [`${B}/dcx/T/json/32/status`, ""];
    expect(await client.receive(3)).toEqual([ack, ack, ack]);
    expect(await samples()).toEqual([1, 2, 3]);
  });

  test("R13: a client executes a command once that is pushed twice and polled, and sends its result each time", async () => {
    const { id } = await kaa.commands.send(T, "reboot");
    const client = await connect(kaa.url, { appVersion: "app-v1" });
    closing.push(() => client.close({ force: true }));
    const endpoint = client.endpoint("T");
    const run = vi.fn<(command: CexCommand) => { statusCode: number }>(() => ({ statusCode: 200 }));
    const serving = await endpoint.cex.command.handle("reboot", run);
    await vi.waitFor(() => expect(kaa.commands.of(T)[0]?.result).toEqual({ id, statusCode: 200 }));

    const other = await device();
    other.publish(`${B}/cex/T/command/reboot/7`, {});
    expect(read(await other.receive(1))).toEqual([["cex/T/command/reboot/7/status", []]]);
    other.publish(`${B}/cex/T/result/reboot/8`, [{ id, statusCode: 500 }]);
    expect(read(await other.receive(1))).toEqual([["cex/T/result/reboot/8/status", undefined]]);
    // The first result counts.
    expect(kaa.commands.of(T)[0]?.result).toEqual({ id, statusCode: 200 });
    expect(run).toHaveBeenCalledTimes(1);
    await serving.stop();
  });

  test("R13: a command is sent on every connection and poll until it has a result or expires", async () => {
    const { id } = await kaa.commands.send(T, "reboot", { ttlMs: 3_600_000 });
    const brief = await kaa.commands.send(T, "reboot", { ttlMs: 40 });
    for (const _ of [1, 2]) {
      const client = await device();
      client.publish(`${B}/dcx/T/json`, 1);
      const [push] = read(await client.receive(1));
      expect(push).toEqual(["cex/T/command/reboot/status", expect.arrayContaining([{ id }])]);
      client.close();
    }
    await vi.waitFor(() => expect(kaa.commands.outstanding(T, "reboot")).toEqual([{ id }]));
    const client = await device();
    client.publish(`${B}/cex/T/result/reboot/1`, [
      { id: brief.id, statusCode: 200 },
      { id: 77, statusCode: 200 },
      { id, statusCode: 200 },
    ]);
    const received = read(await client.receive(1)).concat(read(await rest(client)));
    expect(received).toEqual([["cex/T/result/reboot/1/error", refused(404)]]);
    expect(kaa.commands.outstanding(T, "reboot")).toEqual([]);
  });

  test("R16: a full update keeps read-only keys, and hidden keys are not listed", async () => {
    await start({ metadata: { readOnly: ["serial"], hidden: ["owner"] } });
    await kaa.metadata.set(T, { serial: 7, owner: "me", name: "a" });
    const client = await device();
    client.publish(`${B}/epmx/T/update/1`, { place: "here" });
    client.publish(`${B}/epmx/T/get/keys/2`);
    client.publish(`${B}/epmx/T/update/3`, { serial: 8, name: "b" });
    client.publish(`${B}/epmx/T/get/4`);
    expect(read(await client.receive(4))).toEqual([
      ["epmx/T/get/4/status", { serial: 7, place: "here" }],
      ["epmx/T/get/keys/2/status", ["serial", "place"]],
      ["epmx/T/update/1/status", undefined],
      ["epmx/T/update/3/error", refused(403)],
    ]);
    expect(Object.fromEntries(kaa.metadata.of(T))).toEqual({ serial: 7, owner: "me", place: "here" });
  });

  describe("R18: a token", () => {
    beforeEach(() => start({ appVersion: "app-v1", tokens: ["T", "U"] }));

    test("R18: a token is inactive until a message or a subscription uses it", async () => {
      const U = { ...T, endpointToken: "U" };
      expect([kaa.endpoints.get(T)?.state, kaa.endpoints.get(U)?.state]).toEqual(["inactive", "inactive"]);
      const client = await device();
      client.publish(`${B}/dcx/T/json/1`, 1);
      await client.subscribe(`${B}/cex/U/command/reboot/+`);
      await client.receive(1);
      await vi.waitFor(() => expect(kaa.endpoints.get(U)?.state).toBe("active"));
      expect(kaa.endpoints.get(T)?.state).toBe("active");
    });

    test("R18: an unknown token is rejected with 401, with and without a request id", async () => {
      const client = await device();
      client.publish(`${B}/dcx/X/json/1`, 1);
      client.publish(`${B}/epmx/X/get`, "");
      expect(read(await client.receive(2))).toEqual([
        ["dcx/X/json/1/error", refused(401)],
        ["epmx/X/get/error", refused(401)],
      ]);
    });

    test("R18: a suspended token is rejected with 403 and gets no pushes until it is active again", async () => {
      const client = await device();
      client.publish(`${B}/dcx/T/json/1`, 1);
      await client.receive(1);
      await kaa.setState(T, "suspended");
      await kaa.commands.send(T, "reboot");
      client.publish(`${B}/dcx/T/json/2`, 2);
      client.publish(`${B}/dcx/U/json/3`, 3);
      expect(read(await client.receive(2))).toEqual([
        ["dcx/T/json/2/error", refused(403)],
        ["dcx/U/json/3/status", undefined],
      ]);
      await kaa.setState(T, "active");
      expect(read(await client.receive(1))).toEqual([["cex/T/command/reboot/status", [{ id: 1 }]]]);
      expect(await samples()).toEqual([1]);
    });

    test("R18: revoking a token closes its connection, and is final", async () => {
      const client = await device();
      client.publish(`${B}/dcx/T/json/1`, 1);
      await client.receive(1);
      await kaa.setState(T, "revoked");
      await client.closed;
      const again = await device();
      again.publish(`${B}/dcx/T/json/2`, 2);
      expect(read(await again.receive(1))).toEqual([["dcx/T/json/2/error", refused(403)]]);
      await expect(kaa.setState(T, "active")).rejects.toMatchObject({ payload: { statusCode: 409 } });
    });
  });

  test("R19: another application version moves the endpoint and its configuration; another application has another endpoint", async () => {
    await start({ appVersion: "app-v1", tokens: ["T"] });
    const id = await kaa.configuration.assign(T, { k: 1 });
    const client = await device();
    client.publish(`${B}/cmx/T/applied/json/1`, { configId: id });
    await client.receive(1);
    client.publish("kp1/app-v2/dcx/T/json/2", 2);
    const received = await client.receive(2);
    expect(received).toContainEqual(["kp1/app-v2/dcx/T/json/2/status", ""]);
    const [, pushed = ""] = received.find(([topic]) => topic === "kp1/app-v2/cmx/T/config/json/status") ?? [];
    expect(JSON.parse(pushed)).toEqual(payload(id, { k: 1 }));
    expect(kaa.endpoints.get(T)?.appVersion).toBe("app-v2");
    // Both versions belong to one endpoint.
    expect(await samples()).toEqual([2]);
    await kaa.commands.send(T, "reboot");
    expect(await client.receive(1)).toEqual([["kp1/app-v2/cex/T/command/reboot/status", '[{"id":1}]']]);
    client.publish("kp1/other-v1/dcx/T/json/3", 3);
    const [[topic, body] = ["", ""]] = await client.receive(1);
    expect([topic, JSON.parse(body)]).toEqual(["kp1/other-v1/dcx/T/json/3/error", refused(404)]);
  });
});

describe("Rules for clients", () => {
  let mock: Mock;
  const events: MockEvent[] = [];

  beforeEach(async () => {
    events.length = 0;
    mock = await startMock("spec/kaa/kaa.yaml", { handlers: false, onEvent: (event) => events.push(event) });
    closing.push(() => mock.close());
  });

  test("R25: a client subscribes to success and error topics before it publishes, and times out without a response", async () => {
    const client = await connect(mock.url, { appVersion: "app-v1", timeoutMs: 100 });
    closing.push(() => client.close({ force: true }));
    await expect(client.endpoint("T").dcx.json(1)).rejects.toMatchObject({ code: "timeout" });
    const received = events.flatMap((event) =>
      event.kind === "subscribed"
        ? [event.filter]
        : event.kind === "received"
          ? [event.topic.replace(/[0-9]+$/u, "n")]
          : [],
    );
    expect(received.toSorted()).toEqual(
      [`${B}/dcx/T/json/+/status`, `${B}/dcx/T/json/+/error`, `${B}/dcx/T/json/n`].toSorted(),
    );
    expect(received.at(-1)).toBe(`${B}/dcx/T/json/n`);
  });

  test("R26: a client matches responses by their whole topic, not by a prefix or suffix", async () => {
    const client = await connect(mock.url, { appVersion: "app-v1" });
    closing.push(() => client.close({ force: true }));
    const platform = mock.transport();
    const asked = new Promise<string>((resolve) => platform.onMessage(({ topic }) => resolve(topic)));
    await platform.subscribe([`${B}/dcx/+/json/+`], 1);
    let settled = false;
    const call = client
      .endpoint("T")
      .dcx.json(1)
      .finally(() => (settled = true));
    const topic = await asked;
    const response = async (on: string): Promise<void> => platform.publish(on, new Uint8Array(), { qos: 1 });
    for (const other of [
      `${topic}0/status`,
      `${topic.slice(0, topic.lastIndexOf("/"))}/status`,
      `${topic.replace("/T/", "/TT/")}/status`,
      `${topic.replace("/dcx/", "/epmx/")}/status`,
      `${topic}/x/status`,
    ])
      await response(other);
    // The response to a later request proves that the earlier ones have arrived.
    const second = client.endpoint("T").dcx.json(2);
    await vi.waitFor(() => expect(events.filter(({ kind }) => kind === "received")).toHaveLength(2));
    const last = events.findLast((event) => event.kind === "received");
    await response(`${last?.kind === "received" ? last.topic : ""}/status`);
    await second;
    expect(settled).toBe(false);
    await response(`${topic}/status`);
    await call;
  });
});

describe("Kaa's Node client", () => {
  test("N1: a client that publishes before it subscribes gets its responses", async () => {
    const id = await kaa.configuration.assign(T, { k: 1 });
    const client = await device();
    client.publish(`${B}/dcx/T/json/42`, { a: 1 });
    client.publish(`${B}/cmx/T/config/json`, {});
    client.publish(`${B}/dcx/T/plain/temperature`, "21");
    client.publish(`${B}/cmx/T/applied/json/7`, { configId: id });
    await client.subscribe(`${B}/dcx/T/json/42/+`, `${B}/cmx/T/config/json/+`, `${B}/cmx/T/applied/json/7/+`);
    const received = read([...(await client.receive(3)), ...(await rest(client))]);
    expect(received.filter((each) => JSON.stringify(each).includes("json/42"))).toEqual([
      ["dcx/T/json/42/status", undefined],
    ]);
    expect(received).toContainEqual(["cmx/T/config/json/status", payload(id, { k: 1 })]);
    expect(received).toContainEqual(["cmx/T/applied/json/7/status", undefined]);
  });

  test("N2: a client without request ids gets configurations and pushes on one topic, and reports without a request id", async () => {
    const client = await device();
    for (const extension of ["cmx", "cmx_ota"]) {
      client.publish(`${B}/${extension}/T/config/json`, {});
      await client.subscribe(`${B}/${extension}/T/config/json/+`);
    }
    expect(read(await client.receive(2))).toEqual([
      ["cmx/T/config/json/status", { configId: "", config: null }],
      ["cmx_ota/T/config/json/status", {}],
    ]);
    const id = await kaa.configuration.assign(T, { k: 1 });
    await kaa.software.release("0.0.2", { link: "http://x" });
    expect(read(await client.receive(2))).toEqual([
      ["cmx/T/config/json/status", payload(id, { k: 1 })],
      ["cmx_ota/T/config/json/status", payload("0.0.2", { link: "http://x" })],
    ]);
    client.publish(`${B}/cmx/T/applied/json`, { configId: id, statusCode: 200, reasonPhrase: "ok" });
    client.publish(`${B}/cmx_ota/T/applied/json`, { configId: "0.0.2" });
    expect(await rest(client)).toEqual([]);
    expect(kaa.configuration.reportOf(T)).toEqual({ configId: id, statusCode: 200, reasonPhrase: "ok" });
    expect(kaa.software.reportOf(T)).toEqual({ configId: "0.0.2", statusCode: 200 });
  });

  test("N3: a client that only subscribes is pushed commands, and its results may contain the command", async () => {
    await kaa.commands.send(T, "reboot", { payload: { delay: 5 } });
    const client = await device();
    await client.subscribe(`${B}/cex/T/command/reboot/+`);
    expect(read(await client.receive(1))).toEqual([
      ["cex/T/command/reboot/status", [{ id: 1, payload: { delay: 5 } }]],
    ]);
    client.publish(`${B}/cex/T/result/reboot`, [{ id: 1, payload: { delay: 5 }, statusCode: 200 }]);
    expect(await rest(client)).toEqual([]);
    expect(kaa.commands.of(T)[0]?.result).toEqual({ id: 1, payload: { delay: 5 }, statusCode: 200 });
    await kaa.commands.send(T, "reboot");
    expect(read(await client.receive(1))).toEqual([["cex/T/command/reboot/status", [{ id: 2 }]]]);
  });

  test("N4: a client gets keys and metadata for the request ids 1 to 99 and an empty body", async () => {
    const client = await device();
    client.publish(`${B}/epmx/T/get/1`);
    client.publish(`${B}/epmx/T/get/keys/99`);
    expect(read(await client.receive(2))).toEqual([
      ["epmx/T/get/1/status", {}],
      ["epmx/T/get/keys/99/status", []],
    ]);
  });

  test("N5: a client receives errors with code and reason, on topics with and without its request id", async () => {
    const client = await device();
    await client.subscribe(`${B}/dcx/T/json/+`, `${B}/dcx/T/json/5/+`);
    client.publish(`${B}/dcx/T/json`, "{");
    client.publish(`${B}/dcx/T/json/5`, "{");
    expect(read(await client.receive(2))).toEqual([
      ["dcx/T/json/5/error", refused(400)],
      ["dcx/T/json/error", refused(400)],
    ]);
  });

  test("N6: an UNSUBSCRIBE of an unknown filter is acknowledged before the client disconnects", async () => {
    const client = await device();
    await client.subscribe(`${B}/dcx/T/json/+`);
    client.send({
      cmd: "unsubscribe",
      messageId: 900,
      unsubscriptions: [`${B}/dcx/T/json`, `${B}/cmx/T/config/json`],
    });
    expect(await client.packet("unsuback")).toMatchObject({ messageId: 900 });
    client.send({ cmd: "disconnect" });
    await client.closed;
  });

  test("N7: a report without the id of a configuration is rejected", async () => {
    const id = await kaa.configuration.assign(T, { k: 1 });
    const client = await device();
    client.publish(`${B}/cmx/T/applied/json`, { configId: id });
    client.publish(`${B}/cmx/T/config/json`, { configId: id });
    client.publish(`${B}/cmx/T/applied/json`, {});
    expect(read(await client.receive(2))).toEqual([
      ["cmx/T/applied/json/error", refused(400)],
      ["cmx/T/config/json/status", {}],
    ]);
    expect(kaa.configuration.reportOf(T)).toEqual({ configId: id, statusCode: 200 });
  });
});

describe("Kaa's Python client", () => {
  /** Sends CONNECT and a request for a token together, before a CONNACK can arrive. */
  async function python(): Promise<RawClient> {
    const client = await device({ hello: false });
    client.send(CONNECT, publishPacket(`${B}/bcx/T/token`, undefined));
    await client.packet("connack");
    return client;
  }

  test("P1: a client that never subscribes gets its upload token, commands and configurations", async () => {
    const client = await python();
    expect(read(await client.receive(1))).toEqual([["bcx/T/token/status", { token: expect.any(String) }]]);
    await kaa.commands.send(T, "reboot", { payload: {} });
    const id = await kaa.configuration.assign(T, { k: 1 });
    expect(read(await client.receive(2))).toEqual([
      ["cex/T/command/reboot/status", [{ id: 1, payload: {} }]],
      ["cmx/T/config/json/status", payload(id, { k: 1 })],
    ]);
    expect(client.packets.some(({ cmd }) => cmd === "suback")).toBe(false);
  });

  test("P2: a client without a client id may publish before CONNACK", async () => {
    const client = await python();
    await client.receive(1);
    expect(client.packets.map(({ cmd }) => cmd)).toEqual(["connack", "publish"]);
    expect(client.packets[0]).toMatchObject({ returnCode: 0, sessionPresent: false });
    const [, response] = client.packets;
    expect(response).toMatchObject({ topic: `${B}/bcx/T/token/status`, qos: 0, retain: false });
  });

  test("P3: a sample and metadata with random request ids get responses without a body", async () => {
    const client = await device();
    client.publish(`${B}/dcx/T/json/17`, { temperature: 23, fan: null });
    client.publish(`${B}/epmx/T/update/keys/17`, { model: "BFG 9000", mac: "00-14-22-01-23-45" });
    expect(read(await client.receive(2))).toEqual([
      ["dcx/T/json/17/status", undefined],
      ["epmx/T/update/keys/17/status", undefined],
    ]);
    expect(await samples()).toEqual([{ temperature: 23, fan: null }]);
    expect(kaa.metadata.of(T).get("model")).toBe("BFG 9000");
  });

  test("P4: results without a request id and without optional properties are accepted, and failures with status 500", async () => {
    const client = await device();
    client.publish(`${B}/dcx/T/json`, 1);
    await rest(client);
    for (const type of ["zero", "zero", "broken"]) await kaa.commands.send(T, type, { payload: { x: 0 } });
    expect(read(await client.receive(3))).toEqual([
      ["cex/T/command/broken/status", [{ id: 1, payload: { x: 0 } }]],
      ["cex/T/command/zero/status", [{ id: 1, payload: { x: 0 } }]],
      ["cex/T/command/zero/status", [{ id: 2, payload: { x: 0 } }]],
    ]);
    client.publish(`${B}/cex/T/result/zero`, [
      { id: 1, statusCode: 200 },
      { id: 2, statusCode: 200, payload: { y: 1 } },
    ]);
    client.publish(`${B}/cex/T/result/broken`, [
      { id: 1, statusCode: 500, reasonPhrase: "division by zero" },
    ]);
    expect(await rest(client)).toEqual([]);
    expect(kaa.commands.of(T).map(({ result }) => result?.statusCode)).toEqual([200, 200, 500]);
  });

  test("P5: a client without a configuration is never pushed one", async () => {
    const client = await python();
    await client.receive(1);
    expect(await rest(client)).toEqual([]);
    const id = await kaa.configuration.assign(T, { k: 1 });
    expect(read(await client.receive(1))).toEqual([["cmx/T/config/json/status", payload(id, { k: 1 })]]);
    client.publish(`${B}/cmx/T/applied/json`, { configId: id, statusCode: 200, reasonPhrase: null });
    expect(await rest(client)).toEqual([]);
    client.close();
    // An endpoint that has the configuration is not pushed an "unchanged" response.
    const again = await python();
    expect(read([...(await again.receive(1)), ...(await rest(again))])).toEqual([
      ["bcx/T/token/status", { token: expect.any(String) }],
    ]);
  });

  test("P6: a configuration id that is reported as a software version is stored", async () => {
    const id = await kaa.configuration.assign(T, { k: 1 });
    const client = await device();
    client.publish(`${B}/cmx_ota/T/applied/json`, { configId: id });
    const received = read([...(await client.receive(1)), ...(await rest(client))]);
    expect(received).toEqual([["cmx/T/config/json/status", payload(id, { k: 1 })]]);
    expect(kaa.software.reportOf(T)).toEqual({ configId: id, statusCode: 200 });
  });

  test("P7: a report on the version at startup may have properties that are null", async () => {
    const client = await device();
    client.publish(`${B}/cmx_ota/T/applied/json`, {
      configId: "0.0.1",
      statusCode: null,
      reasonPhrase: null,
    });
    expect(await rest(client)).toEqual([]);
    expect(kaa.software.reportOf(T)).toEqual({ configId: "0.0.1", statusCode: 200 });
  });
});

describe("Kaa's Node-RED client", () => {
  const tokens = ["T", "U", "V"];

  test("NR1: a client may observe every token when it connects, without a request id and without a subscription", async () => {
    const client = await device();
    client.send(...tokens.map((token) => publishPacket(`${B}/cex/${token}/command/ping`, { observe: true })));
    const received = read(await client.receive(3));
    expect(received).toEqual(tokens.map((token) => [`cex/${token}/command/ping/status`, []]));
    await kaa.commands.send({ ...T, endpointToken: "U" }, "ping");
    expect(read(await client.receive(1))).toEqual([["cex/U/command/ping/status", [{ id: 1 }]]]);
  });

  test("NR2: no message of cex without a request id has an empty body", async () => {
    await kaa.commands.send(T, "ping");
    const client = await device();
    client.publish(`${B}/cex/T/command/ping`, { observe: true });
    // Only once, because this client takes a response without an id for a push.
    const received = [...(await client.receive(1)), ...(await rest(client))];
    expect(received).toHaveLength(1);
    client.publish(`${B}/cex/T/result/ping`, [{ id: 1, statusCode: 200, payload: "pong" }]);
    received.push(...(await rest(client)));
    for (const [topic, body] of received) {
      expect(topic.split("/")[5]).toBe("ping");
      expect(JSON.parse(body)).toEqual([{ id: 1 }]);
    }
    expect(kaa.commands.of(T)[0]?.result?.payload).toBe("pong");
  });

  test("NR3: lists with request ids from 0 to 999 are accepted for many tokens over one connection", async () => {
    const client = await device();
    const ids = [0, 42, 999];
    client.send(
      ...tokens.flatMap((token, index) => [
        publishPacket(`${B}/dcx/${token}/json/${ids[index]}`, [{ token }]),
        publishPacket(`${B}/epmx/${token}/update/keys/${ids[index]}`, { token }),
      ]),
    );
    expect((await client.receive(6)).map(([topic]) => topic).toSorted()).toEqual(
      tokens
        .flatMap((token, index) => [
          `${B}/dcx/${token}/json/${ids[index]}/status`,
          `${B}/epmx/${token}/update/keys/${ids[index]}/status`,
        ])
        .toSorted(),
    );
    expect(await samples()).toEqual([{ token: "T" }]);
  });
});

describe("Kaa's Arduino client", () => {
  test("A1: a client that subscribes to configurations only is pushed commands once it has published", async () => {
    const client = await device();
    await client.subscribe(`${B}/cmx/T/config/json`, `${B}/cmx/T/config/json/+/status`);
    client.publish(`${B}/epmx/T/update/keys/4711`, { name: "ESP8266" });
    expect(read(await client.receive(1))).toEqual([["epmx/T/update/keys/4711/status", undefined]]);
    await kaa.commands.send(T, "OUTPUT_SWITCH", { payload: { on: true } });
    expect(read(await client.receive(1))).toEqual([
      ["cex/T/command/OUTPUT_SWITCH/status", [{ id: 1, payload: { on: true } }]],
    ]);
  });

  test("A2: responses end with digits and pushes do not, and no other topics are used", async () => {
    const client = await device();
    await client.subscribe(`${B}/cmx/T/config/json`, `${B}/cmx/T/config/json/+/status`);
    const id = await kaa.configuration.assign(T, { k: 1 });
    client.publish(`${B}/cmx/T/config/json/31337`, { observe: true });
    client.publish(`${B}/cmx/T/config/json/8`, "{");
    await kaa.commands.send(T, "reboot");
    const received = read([...(await client.receive(4)), ...(await rest(client))]);
    expect(received).toHaveLength(4);
    expect(received).toEqual(
      expect.arrayContaining([
        ["cmx/T/config/json/status", payload(id, { k: 1 })],
        ["cmx/T/config/json/31337/status", payload(id, { k: 1 })],
        ["cmx/T/config/json/8/error", refused(400)],
        ["cex/T/command/reboot/status", [{ id: 1 }]],
      ]),
    );
  });

  test("A3: a client may observe with five-digit request ids and send results without one, and gets short messages", async () => {
    const client = await device();
    client.publish(`${B}/cmx/T/config/json/99999`, { observe: true });
    expect(read(await client.receive(1))).toEqual([
      ["cmx/T/config/json/99999/status", { configId: "", config: null }],
    ]);
    await kaa.configuration.assign(T, { k: 1 });
    await kaa.commands.send(T, "reboot", { payload: { delay: 5 } });
    for (const [topic, body] of await client.receive(2)) expect(topic.length + body.length).toBeLessThan(250);
    client.publish(`${B}/cex/T/result/reboot`, [{ id: 1, statusCode: 200, payload: "done" }]);
    expect(await rest(client)).toEqual([]);
    expect(kaa.commands.of(T)[0]?.result?.payload).toBe("done");
  });
});

describe("Kaa's tutorials", () => {
  test("T1: a request for metadata with the request id 0 gets a response with that id", async () => {
    await kaa.metadata.set(T, { name: "a" });
    const client = await device();
    client.publish(`${B}/epmx/T/get`, {});
    client.publish(`${B}/epmx/T/get/0`, {});
    expect(read([...(await client.receive(1)), ...(await rest(client))])).toEqual([
      ["epmx/T/get/0/status", { name: "a" }],
    ]);
  });

  test("T2: a request for software with the request id 0 and no version gets a response, and later releases are pushed", async () => {
    const client = await device();
    client.publish(`${B}/cmx_ota/T/config/json/0`, { configId: "" });
    expect(read(await client.receive(1))).toEqual([["cmx_ota/T/config/json/0/status", {}]]);
    await kaa.software.release("0.0.2", { link: "http://x/2" });
    expect(read(await client.receive(1))).toEqual([
      ["cmx_ota/T/config/json/status", payload("0.0.2", { link: "http://x/2" })],
    ]);
  });

  test("T3: commands are pushed as lists, and results without a request id are accepted", async () => {
    const client = await device();
    client.publish(`${B}/dcx/T/json/32`, { fuel: 7 });
    await client.receive(1);
    for (const type of ["reboot", "zero"]) await kaa.commands.send(T, type);
    expect(read(await client.receive(2))).toEqual([
      ["cex/T/command/reboot/status", [{ id: 1 }]],
      ["cex/T/command/zero/status", [{ id: 1 }]],
    ]);
    for (const type of ["reboot", "zero"])
      client.publish(`${B}/cex/T/result/${type}`, [{ id: 1, statusCode: 200, payload: {} }]);
    expect(await rest(client)).toEqual([]);
    expect(kaa.commands.of(T).map(({ result }) => result?.statusCode)).toEqual([200, 200]);
  });

  test.each([
    ["empty", {}],
    ["304", { configId: "0.0.2", statusCode: 304, reasonPhrase: "Not changed" }],
    ["void", undefined],
  ] as const)(
    "T4: a sketch that has the version is received so with %s, whichever it was written for",
    async (unchanged, response) => {
      await start({ unchanged });
      await kaa.software.release("0.0.2", { link: "http://x/2" });
      const client = await device();
      const [question, report] = [`${B}/cmx_ota/T/config/json/98`, `${B}/cmx_ota/T/applied/json/98`];
      const request = async (topic: string, configId: string): Promise<unknown> => {
        client.publish(topic, { configId });
        const [answered] = await client.receive(1);
        return answered?.[1] ? JSON.parse(answered[1]) : undefined;
      };
      expect(await request(question, "0.0.1")).toEqual(payload("0.0.2", { link: "http://x/2" }));
      expect(await request(report, "0.0.2")).toBeUndefined();
      expect(await request(question, "0.0.2")).toEqual(response);
    },
  );
});
