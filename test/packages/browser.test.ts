/** The generated client in a page: MQTT over WebSocket, under a policy that refuses code made at run time. */
import { join } from "node:path";
import { build } from "esbuild";
import { expect, test } from "vitest";
import { Rejection, startMock } from "../../src/mock/index.js";
import type { RequestContext } from "../../src/runtime/platform.js";
import { chromium, openPage } from "../support/chromium.js";

const root = join(import.meta.dirname, "../..");
const absent = chromium === undefined ? " (no Chromium on the PATH: apt-get install chromium)" : "";

/** What the page does, and tells of it. */
const script = (url: string): string => `
  import { connect, RejectedError } from "kaa-device-client";
  const kaa = await connect(${JSON.stringify(url)}, { appVersion: "demo-v1" });
  const device = kaa.endpoint("s3cret");
  const name = await device.epmx.get({ keys: ["name"] });
  const error = await device.epmx.update({ locked: 1 }).catch((reason) => reason);
  const seen = [];
  for await (const commands of device.cex.command.observe("reboot")) {
    seen.push(commands);
    if (seen.length === 2) break;
  }
  await kaa.close();
  const refused = { typed: error instanceof RejectedError, message: error.message, payload: error.payload };
  await fetch("/report", { method: "POST", body: JSON.stringify({ name, refused, seen, stats: kaa.stats() }) });
`;

/** Idles for three keep-alive intervals, and tells how often the connection was lost. */
const idling = (url: string): string => `
  import { connect } from "kaa-device-client";
  const kaa = await connect(${JSON.stringify(url)}, { appVersion: "demo-v1", mqttOptions: { keepalive: 1 } });
  let lost = 0;
  kaa.on("disconnected", () => (lost += 1));
  await new Promise((resolve) => setTimeout(resolve, 3_500));
  const name = await kaa.endpoint("s3cret").epmx.get({ keys: ["name"] });
  await kaa.close();
  await fetch("/report", { method: "POST", body: JSON.stringify({ lost, name }) });
`;

/** Bundles a script for a page. */
async function bundle(contents: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: root, loader: "js" },
    bundle: true,
    format: "esm",
    platform: "browser",
    write: false,
    logLevel: "error",
  });
  return outputFiles[0]?.text ?? "";
}

test.skipIf(chromium === undefined)(
  `the keep-alive runs in a browser under a policy that forbids workers from blob URLs${absent}`,
  async () => {
    // aedes closes a connection that is silent for one and a half keep-alive intervals.
    const mock = await startMock(join(root, "spec/kaa/kaa.yaml"), {
      ws: true,
      handlers: { epmx: { get: () => ({ name: "Boiler room" }) } },
    });
    try {
      const contentSecurityPolicy = `default-src 'none'; script-src 'self'; connect-src 'self' ${mock.ws}`;
      const page = { script: await bundle(idling(`${mock.ws}/ws`)), contentSecurityPolicy };
      const report: unknown = JSON.parse(await openPage(page));
      expect(report).toEqual({ lost: 0, name: { name: "Boiler room" } });
    } finally {
      await mock.close();
    }
  },
);

test.skipIf(chromium === undefined)(
  `the Kaa client works in a browser over WebSocket: calls, a rejection, an observation${absent}`,
  async () => {
    const mock = await startMock(join(root, "spec/kaa/kaa.yaml"), {
      ws: true,
      handlers: {
        epmx: {
          get: () => ({ name: "Boiler room" }),
          update: () => {
            throw new Rejection({ statusCode: 403, reasonPhrase: "locked is read-only" });
          },
        },
        cex: {
          command(_request: unknown, { endpoint }: RequestContext) {
            setTimeout(() => void endpoint["cex"]?.["command"]?.push("reboot", [{ id: 7 }]), 20);
            return [];
          },
        },
      },
    });
    try {
      const url = `${mock.ws}/ws`;
      const contentSecurityPolicy = `default-src 'none'; script-src 'self'; connect-src 'self' ${mock.ws}`;
      const report: unknown = JSON.parse(
        await openPage({ script: await bundle(script(url)), contentSecurityPolicy }),
      );
      expect(report).toEqual({
        name: { name: "Boiler room" },
        refused: {
          typed: true,
          message: expect.stringContaining("locked is read-only"),
          payload: { statusCode: 403, reasonPhrase: "locked is read-only" },
        },
        seen: [[], [{ id: 7 }]],
        stats: expect.objectContaining({ inFlight: 0, subscriptions: 0, late: 0, unmatched: 0 }),
      });
    } finally {
      await mock.close();
    }
  },
);
