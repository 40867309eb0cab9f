/**
 * A device, and a gateway with a device behind it, against a mock of ThingsBoard.
 *
 * Run it with `npm run example thingsboard`.
 */
import { startMock } from "topicsmith/mock";
import { connect } from "../../generated/thingsboard/src/index.js";
import type { ThingsboardPlatform } from "../../generated/thingsboard/src/platform.js";

const firmware = new TextEncoder().encode("firmware 1.4.0");
const mock = await startMock<ThingsboardPlatform>("spec/thingsboard/thingsboard.yaml", {
  handlers: {
    ota: {
      firmware: (size = firmware.length, { parameters }: { parameters: { chunk: string } }) =>
        firmware.subarray(Number(parameters.chunk) * size, (Number(parameters.chunk) + 1) * size),
    },
  },
});
const client = await connect(mock.url);

await client.telemetry.send({ temperature: 21.5 });
const { shared } = await client.getAttributes({ sharedKeys: "interval" });
console.log("attributes:", JSON.stringify(shared));

// Calls go both ways, on the same topics.
await client.rpc.handle(({ method }) => ({ done: method }));
console.log(
  "the platform was told:",
  JSON.stringify(await mock.platform?.client({}).rpc({ method: "reboot" })),
);
console.log(
  "the device was told:",
  JSON.stringify(await client.call({ method: "getCurrentTime", params: {} })),
);

const chunks: string[] = [];
for (let chunk = 0; ; chunk += 1) {
  const bytes = await client.ota.firmware(String(chunk), 5);
  if (bytes.length === 0) break;
  chunks.push(new TextDecoder().decode(bytes));
}
console.log(`${chunks.length} chunks: ${chunks.join("")}`);

// The body names the device behind the gateway.
const boiler = client.device("Boiler");
await boiler.gateway.connect.send({ type: "thermostat" });
await boiler.gateway.rpc.handle(({ method }) => ({ boiler: method }));
const result = await mock.platform?.device({ device: "Boiler" }).gateway.rpc({ method: "heat" });
console.log("the boiler was told:", JSON.stringify(result));

await client.close();
await mock.close();
