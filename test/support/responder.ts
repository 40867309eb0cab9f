/** A platform in a process of its own that shares its requests with others: `responder.ts <port> <3.1.1|5> <name>`. */
import { mqttTransport } from "kaa-device-client";
import { createPlatform } from "kaa-device-client/platform";

const [port, mqtt, name = ""] = process.argv.slice(2);
const transport = mqttTransport(`mqtt://127.0.0.1:${port}`, { mqtt: mqtt === "5" ? "5" : "3.1.1" });
await createPlatform(
  transport,
  { epmx: { get: () => ({ name }) } },
  { unhandled: "reject", shareGroup: "platforms" },
);
console.log("ready");
