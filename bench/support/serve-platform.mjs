// A platform on a broker of somebody's: `node serve-platform.mjs <port> <what becomes of what it has no handler for>`. Says "ready" when it serves.
import { mqttTransport } from "kaa-device-client";
import { createPlatform } from "kaa-device-client/platform";

await createPlatform(
  mqttTransport(`mqtt://127.0.0.1:${process.argv[2]}`),
  { epmx: { get: () => ({ name: "Boiler room" }) } },
  { unhandled: process.argv[3] },
);
console.log("ready");
