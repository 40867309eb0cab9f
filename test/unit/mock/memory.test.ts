import type { Client, PublishPacket } from "aedes";
import { expect, test } from "vitest";
import { createAedes } from "../../../src/mock/aedes-broker.js";
import { MemoryBudget } from "../../../src/mock/memory-budget.js";

test("a memory budget refuses what exceeds it in all, and accepts it once others have freed theirs", () => {
  const budget = new MemoryBudget<string>(100);
  expect(budget.set("a", 60)).toBe(true);
  expect(budget.set("b", 41)).toBe(false);
  expect(budget.of("b")).toBe(0);
  expect(budget.set("b", 40)).toBe(true);
  expect(budget.set("a", 61)).toBe(false);
  expect(budget.set("a", 10)).toBe(true);
  expect(budget.set("b", 90)).toBe(true);
});

test("a broker keeps the id of a QoS 2 message until PUBREL, and neither its topic nor its payload", async () => {
  const aedes = await createAedes();
  const client = { id: "two" } as Client;
  const packet = {
    cmd: "publish",
    topic: "a/b",
    payload: Buffer.alloc(1000),
    qos: 2,
    messageId: 7,
  } as PublishPacket;
  await aedes.persistence.incomingStorePacket(client, packet);
  const persistence = aedes.persistence as unknown as {
    incomingGetPacket(client: Client, packet: PublishPacket): Promise<PublishPacket>;
  };
  expect(await persistence.incomingGetPacket(client, packet)).toMatchObject({
    messageId: 7,
    topic: "",
    payload: Buffer.alloc(0),
  });
  await new Promise<void>((resolve) => aedes.close(resolve));
});
