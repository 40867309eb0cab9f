/**
 * Controls a simulated Zigbee network: asks the bridge, and switches a lamp.
 *
 * Run it with `npm run example zigbee2mqtt`.
 */
import { startMock } from "topicsmith/mock";
import { connect } from "../../generated/zigbee2mqtt/src/index.js";
import type { Zigbee2mqttPlatform } from "../../generated/zigbee2mqtt/src/platform.js";

const lamp = { base: "zigbee2mqtt", name: "kitchen_lamp" };
const mock = await startMock<Zigbee2mqttPlatform>("spec/zigbee2mqtt/zigbee2mqtt.yaml", {
  handlers: {
    bridge: { permitJoin: ({ time }: { time: number }) => ({ time }) },
    // A lamp that does what it is told, and reports it.
    set: async (state: object) => mock.platform?.device(lamp).state.send({ ...state, linkquality: 87 }),
  },
});
// Retained: every program that comes later receives it.
await mock.platform?.client({ base: "zigbee2mqtt" }).bridge.state.send({ state: "online" });

const client = await connect(mock.url, { base: "zigbee2mqtt" });
for await (const { state } of client.bridge.state.observe()) {
  console.log(`the bridge is ${state}`);
  break;
}

const { healthy } = await client.bridge.health();
console.log(`healthy: ${healthy}`);
const { time } = await client.bridge.permitJoin({ time: 60 });
console.log(`new devices may join for ${time} s`);

const states = client.device("kitchen_lamp").state.observe();
await states.ready;
await client.device("kitchen_lamp").set.send({ state: "ON", brightness: 128 });
for await (const state of states) {
  console.log("kitchen_lamp:", JSON.stringify(state));
  break;
}

await client.close();
await mock.close();
