import * as fc from "fast-check";
import { expect, test } from "vitest";
import { devices, rpcs, shadows } from "../message-apis.js";
import { messageBroker, outcome, tick } from "../message-setup.js";

/** Bodies that resemble those of the APIs: some of their properties, with values of any type. */
const property = fc.oneof(fc.jsonValue({ maxDepth: 1 }), fc.constantFrom("me", "SUCCESS", "ok", 4, 999, "a"));
const names = [
  "id",
  "dst",
  "src",
  "result",
  "error",
  "token",
  "status",
  "device",
  "data",
  "method",
  "params",
];
const body = fc.oneof(
  fc.dictionary(fc.constantFrom(...names, "__proto__", "constructor"), property, { maxKeys: 6 }),
  fc.jsonValue({ maxDepth: 2 }),
  fc.string(),
);

const topics = [
  "me/rpc",
  "plug/events/rpc",
  "$cloud/things/t1/shadow/get/accepted",
  "$cloud/things/t1/shadow/get/rejected",
  "v1/me/attributes/response/7",
  "v1/me/rpc/request/7",
  "v1/gateway/rpc",
  "v1/gateway/attributes/response",
  "v1/me/attributes",
];

test("no message of a stranger settles a call, and none makes the client throw", async () => {
  const { connect, publish, published } = messageBroker();
  const [one, two, three] = [
    await connect(rpcs, { src: "me" }),
    await connect(shadows),
    await connect(devices),
  ];
  const options = { timeoutMs: Infinity };
  const calls = [
    outcome(one.client.endpoint("plug")["relay"]!["status"]!(options)),
    outcome(two.client.thing("t1")["shadow"]!["get"]!(options)),
    outcome(three.client["getAttributes"]!({}, options)),
    outcome(three.client.device("A")["gateway"]!["getAttributes"]!({}, options)),
  ];
  const observed = one.client.endpoint("plug")["events"]!["status"]!.observe();
  await three.client["rpc"]!.handle(() => ({ served: true }));
  await three.client.device("A")["gateway"]!["rpc"]!.handle(() => ({ served: true }));
  await Promise.all([observed.ready, tick()]);
  const idOf = (index: number): number =>
    Number((published[index]!.body as { id?: unknown }).id ?? /\d+$/.exec(published[index]!.topic)?.[0]);
  const own = new Set([0, 2, 3].map(idOf));
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...topics), body, async (topic, value) => {
      const id = (value as { readonly id?: unknown } | null)?.id;
      fc.pre(!own.has(Number(id)) && !own.has(7));
      await publish(topic, value);
      expect(calls.map(({ settled }) => settled)).toEqual([false, false, false, false]);
    }),
    { numRuns: 500 },
  );
  for (const { client } of [one, two, three])
    expect(client.stats()).toMatchObject({ late: 0, duplicate: 0, quarantined: 0 });
});
