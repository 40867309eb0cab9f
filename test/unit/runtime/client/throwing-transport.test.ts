/** Transports of users whose methods throw instead of returning a rejected promise. */
import { expect, test } from "vitest";
import {
  type ClientOptions,
  connectTo,
  memoryBroker,
  type Transport,
} from "../../../../src/runtime/index.js";
import { api, type Unit } from "../greenhouse-api.js";

const fault = (): never => {
  throw new Error("synchronous");
};
const failure = (work: Promise<unknown>): Promise<unknown> => work.catch((error: unknown) => error);

async function connect(changes: Partial<Transport>) {
  const transport: Transport = { ...memoryBroker().transport(), ...changes };
  const client = await connectTo<Unit, string>(api, transport, {
    site: "north",
    timeoutMs: 200,
    subscriptionKeepMs: 1,
  } as ClientOptions);
  return { client, unit: client.endpoint("u").climate };
}

test("a `publish` that throws refuses the message", async () => {
  const { client, unit } = await connect({ publish: fault });
  for (const work of [unit.log.send("roof", "x"), unit.set({})])
    expect(await failure(work)).toMatchObject({ code: "publish-refused", cause: { message: "synchronous" } });
  expect(client.stats().inFlight).toBe(0);
  await client.close();
});

test("a `subscribe` that throws refuses the subscription", async () => {
  const { client, unit } = await connect({ subscribe: fault });
  expect(await failure(unit.read())).toMatchObject({
    code: "subscribe-refused",
    cause: { message: "synchronous" },
  });
  await client.close();
});

test("`unsubscribe` and `close` that throw do not keep a client from closing", async () => {
  const { client, unit } = await connect({ unsubscribe: fault, close: fault });
  expect(await failure(unit.read())).toMatchObject({ code: "timeout" });
  await client.close();
  expect(client.stats()).toMatchObject({ inFlight: 0, subscriptions: 0 });
});
