/**
 * Shadows, jobs and provisioning of a device, against a mock of AWS IoT Core.
 *
 * Run it with `npm run example aws-iot`.
 */
import { startMock } from "topicsmith/mock";
import { connect, RejectedError } from "../../generated/aws-iot/src/index.js";
import { type AwsIotPlatform, Rejection } from "../../generated/aws-iot/src/platform.js";

let version = 10;
const mock = await startMock<AwsIotPlatform>("spec/aws-iot/aws-iot.yaml", {
  handlers: {
    shadow: {
      update({ state, version: expected = version }: { state: object; version?: number }) {
        if (expected !== version) throw new Rejection({ code: 409, message: "Version conflict" });
        version += 1;
        return { state, version };
      },
    },
  },
});
// Programs for the same thing hear each other's responses; the client token tells them apart.
const [client, other] = [await connect(mock.url, {}), await connect(mock.url, {})];

const { thingName = "" } = await client.provisioning.register("fleet", { certificateOwnershipToken: "t1" });
console.log(`registered as ${thingName}`);
const thing = client.thing(thingName);

const updates = Array.from({ length: 10 }, () =>
  thing.shadow.update({ state: { reported: { power: "on" } } }),
);
const others = Array.from({ length: 10 }, () => other.thing(thingName).shadow.get({ shadowName: "config" }));
await Promise.all([...updates, ...others, other.thing(thingName).shadow.get()]);
console.log(`version ${version}`);
try {
  await thing.shadow.update({ state: { reported: {} }, version: 1 });
} catch (error) {
  if (!(error instanceof RejectedError)) throw error;
  console.log("rejected:", JSON.stringify(error.payload));
}

const { execution } = await thing.jobs.startNext();
console.log(`job ${execution?.jobId}: ${JSON.stringify(execution?.jobDocument)}`);
await thing.jobs.update(execution?.jobId ?? "$next", { status: "SUCCEEDED" });

const deltas = thing.shadow.delta.observe();
await deltas.ready;
await mock.platform?.thing({ thingName }).shadow.delta.send({ state: { power: "off" } });
for await (const delta of deltas) {
  console.log("wanted:", JSON.stringify(delta));
  break;
}

await Promise.all([client.close(), other.close()]);
await mock.close();
