/** A resource that is only pushed: without a request and without a request id. */
import { expect, test } from "vitest";
import { type ClientOptions, connectTo, memoryBroker } from "../../../../src/runtime/index.js";
import { createPlatformFor } from "../../../../src/runtime/platform.js";
import { api, climate } from "../greenhouse-api.js";

const site = { site: "north" } as ClientOptions;

/** The greenhouse with its alarm only. */
const alarmOnly = {
  ...api,
  extensions: [{ ...climate, resources: { alarm: climate.resources["alarm"] ?? fail() } }],
};

function fail(): never {
  throw new Error("the greenhouse has no alarm");
}

test("a resource that is only pushed has observe and nothing to send, and needs no handler", async () => {
  const broker = memoryBroker();
  const platform = await createPlatformFor<Pushes, object>(alarmOnly, broker.transport(), {});
  const client = await connectTo<Unit, string>(alarmOnly, broker.transport(), site);
  const { alarm } = client.endpoint("s3cret").climate;
  expect(typeof alarm).toBe("object");
  expect(Object.keys(alarm)).toEqual(["observe"]);
  const alarms = alarm.observe();
  await alarms.ready;
  await platform.endpoint({ site: "north", unit: "s3cret" }).climate.alarm.push("fire");
  expect(await alarms.next()).toEqual({ done: false, value: "fire" });
  await client.close();
  await platform.stop();
});

interface Unit {
  readonly climate: {
    readonly alarm: { observe(): AsyncIterableIterator<string> & { readonly ready: Promise<void> } };
  };
}

interface Pushes {
  readonly climate: { readonly alarm: { push(payload: string): Promise<void> } };
}
