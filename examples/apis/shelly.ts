/**
 * Controls a simulated Shelly device. The device is the platform of this API, so the mock is a device for free.
 *
 * Run it with `npm run example shelly`.
 */
import { startMock } from "topicsmith/mock";
import { connect, RejectedError } from "../../generated/shelly/src/index.js";
import { Rejection, type ShellyPlatform } from "../../generated/shelly/src/platform.js";

let isOn = false;
const mock = await startMock<ShellyPlatform>("spec/shelly/shelly.yaml", {
  handlers: {
    switch: {
      set({ id, on }: { id: number; on: boolean }) {
        if (id > 0) throw new Rejection({ code: -105, message: `no such component: switch:${id}` });
        const was = isOn;
        isOn = on;
        return { was_on: was };
      },
    },
  },
});
const client = await connect(mock.url, { src: "my-app" });
const device = client.device("shellyplus1-a8032abe54dc");

const { model, ver } = await device.shelly.getDeviceInfo();
console.log(`${model}, firmware ${ver}`);

// Notifications share a topic, and the body tells them apart.
const changes = device.events.status.observe();
await changes.ready;
const { was_on: wasOn } = await device.switch.set({ id: 0, on: true });
console.log(`on: ${isOn}, before: ${wasOn}`);
await mock.platform
  ?.device({ src: "my-app", prefix: "shellyplus1-a8032abe54dc" })
  .events.status.send({ ts: 1_700_000_000, "switch:0": { output: isOn } });
for await (const change of changes) {
  console.log("changed:", JSON.stringify(change));
  break;
}

try {
  await device.switch.set({ id: 7, on: true });
} catch (error) {
  if (!(error instanceof RejectedError)) throw error;
  console.log("rejected:", JSON.stringify(error.payload));
}

await client.close();
await mock.close();
