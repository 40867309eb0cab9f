/** A process ends by itself after `close`, and after a `connect` that failed: nothing of mqtt.js keeps it alive. */
import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, createServer, type Server } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { connack, type RawBroker, rawBroker } from "../support/raw-mqtt.js";

const root = join(import.meta.dirname, "../..");
const closing: (() => unknown)[] = [];
let folder: string;

beforeAll(async () => {
  // Inside the project, so that mqtt is found.
  folder = mkdtempSync(join(root, "node_modules/.topicsmith-exit-"));
  await build({
    entryPoints: [join(root, "test/support/exit-program.ts")],
    outfile: join(folder, "program.mjs"),
    bundle: true,
    platform: "node",
    format: "esm",
    external: ["mqtt"],
    logLevel: "error",
  });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

async function broker(): Promise<RawBroker> {
  const raw = await rawBroker();
  closing.push(() => raw.stop());
  return raw;
}

/** A server that accepts connections and says nothing. */
async function silent(): Promise<number> {
  const server: Server = createServer((socket) => {
    socket.on("error", () => undefined);
    closing.push(() => socket.destroy());
    socket.resume();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closing.unshift(() => server.close());
  return (server.address() as AddressInfo).port;
}

/** The output of the program. Rejects if it does not end within 20 seconds; mqtt.js's own timers last 30 seconds and longer. */
async function run(url: string, what: string, options: object = {}): Promise<string> {
  const args = [join(folder, "program.mjs"), url, JSON.stringify(options), what];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 20_000 });
  return stdout.trim();
}

const briefly = { connectTimeoutMs: 200, closeTimeoutMs: 1_000 };

test.each(["mqtt", "ws"])(
  "after a connect over %s that timed out, because the server says nothing",
  async (scheme) => {
    expect(await run(`${scheme}://127.0.0.1:${await silent()}/`, "connect", briefly)).toBe("timeout");
  },
);

test("after a connect that timed out, because packets to the host are lost", async () => {
  // Addresses of TEST-NET-1 (RFC 5737) are not routed.
  expect(await run("mqtt://192.0.2.1:1883", "connect", briefly)).toBe("timeout");
});

test("after a connect that timed out, because the port is closed", async () => {
  expect(await run("mqtt://127.0.0.1:1", "connect", briefly)).toBe("timeout");
});

test("after a connect that was refused", async () => {
  const raw = await broker();
  raw.onPacket = ({ cmd }) => (cmd === "connect" ? [connack(5)] : undefined);
  expect(await run(`mqtt://127.0.0.1:${raw.port}`, "connect", {})).toBe("connection-refused");
});

test("after a later refusal that `retryRefused` takes for final, without a close", async () => {
  const raw = await broker();
  raw.onPacket = ({ cmd }, connection) => {
    if (cmd === "connect" && connection === 2) return [connack(5)];
    if (cmd === "connect") setImmediate(() => raw.cut());
    return undefined;
  };
  expect(await run(`mqtt://127.0.0.1:${raw.port}`, "failed", { backoff: { minMs: 1 } })).toBe("closed");
});

test.each(["mqtt", "ws"])("after a close over %s before CONNACK", async (scheme) => {
  expect(await run(`${scheme}://127.0.0.1:${await silent()}/`, "transport")).toBe("closed");
});

test("after a close while the credentials function has not settled", async () => {
  expect(await run("mqtt://127.0.0.1:1", "hanging credentials")).toBe("closed");
});

test("after a close while waiting for the next attempt", async () => {
  expect(await run("mqtt://127.0.0.1:1", "transport", { backoff: { minMs: 60_000 } })).toBe("closed");
});

/** A broker that hangs after CONNACK: it neither reads DISCONNECT nor closes the connection. */
async function hanging(): Promise<number> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on("error", () => undefined);
    closing.push(() => socket.destroy());
    socket.once("data", () => socket.write(Buffer.from([0x20, 2, 0, 0])));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closing.unshift(() => server.close());
  return (server.address() as AddressInfo).port;
}

// Node cuts off the fractions of milliseconds, so a timer may fire before its time.
test.each([
  ["many closes", 100],
  ["close by force", 60_000],
  ["close, then by force", 60_000],
])("after %s on connections to a broker that hangs", async (what, closeTimeoutMs) => {
  expect(await run(`mqtt://127.0.0.1:${await hanging()}`, what, { closeTimeoutMs })).toBe("closed");
});

test.each(["close", "send"])("after %s on a connection", async (what) => {
  const raw = await broker();
  if (what === "send") raw.onPacket = ({ cmd }) => (cmd === "publish" ? "ignore" : undefined);
  expect(await run(`mqtt://127.0.0.1:${raw.port}`, what)).toBe("closed");
});
