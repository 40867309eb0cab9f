import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { loadApi } from "../../../src/load-api.js";
import {
  connectTo,
  defineMessageTopic,
  defineProtocol,
  memoryBroker,
  TopicsmithError,
} from "../../../src/runtime/index.js";
import { checkParameter } from "../../../src/runtime/topics/topic.js";

const entity = fileURLToPath(new URL("../../support/entity.yaml", import.meta.url));

test("an endpoint parameter is optional if every message can lack it", async () => {
  const { model } = await loadApi(entity);
  const optional = model?.protocol.endpointParameters.map(({ name, optional: one }) => [name, one]);
  expect(optional).toEqual([
    ["component", false],
    ["nodeId", true],
    ["objectId", false],
  ]);
});

test("an endpoint can lack the value of an optional parameter, and of no other", async () => {
  const protocol = defineProtocol({
    name: "entities",
    mqtt: "3.1.1",
    clientParameters: [],
    endpointParameters: ["component", "nodeId"],
    parameters: { nodeId: { optional: true } },
  });
  const topic = defineMessageTopic<{ request: { component: string; nodeId?: string } }>(protocol, {
    resource: "config",
    template: "{component}[/{nodeId}]/config",
  });
  expect(topic({ component: "sensor" })).toBe("sensor/config");
  expect(() => checkParameter(protocol, "component", undefined)).toThrow("component is missing");
  expect(() => checkParameter(protocol, "nodeId", "a/b")).toThrow("nodeId must not contain");
  const client = await connectTo<object, object>(
    { protocol, extensions: [] },
    memoryBroker().transport(),
    {},
  );
  expect(client.endpoint({ component: "sensor" })).toEqual({});
  expect(() => client.endpoint({ nodeId: "garden" })).toThrow(TopicsmithError);
  await client.close();
});
