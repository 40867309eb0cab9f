/**
 * A program that connects, closes as its arguments say, and has to end by itself: `exit-program.mjs <url> <options as JSON> <what>`.
 * Prints how `connect` ended.
 */
import { type ClientOptions, connectTo, mqttTransport } from "../../src/runtime/index.js";
import { api, type Unit } from "../unit/runtime/greenhouse-api.js";

const [url = "", options = "{}", what = "connect"] = process.argv.slice(2);
const given = {
  site: "north",
  retryRefused: () => false,
  ...(JSON.parse(options) as object),
} as ClientOptions;

if (what === "transport") {
  const transport = mqttTransport(url, given);
  setTimeout(() => {
    void transport.close({ force: true }).then(() => console.log("closed"));
  }, 50);
} else if (what === "hanging credentials") {
  const transport = mqttTransport(url, { credentials: () => new Promise(() => undefined) });
  await transport.close();
  console.log("closed");
} else {
  try {
    const client = await connectTo<Unit, string>(api, url, given);
    if (what === "send") {
      const sending = client
        .endpoint("u")
        .climate.log.send("roof", "x")
        .catch(() => undefined);
      await client.close({ force: true });
      await sending;
    } else if (what === "failed") await new Promise((resolve) => client.on("failed", resolve));
    else if (what === "many closes") {
      const others = Array.from({ length: 50 }, (_, index) =>
        connectTo<Unit, string>(api, url, { ...given, closeTimeoutMs: 100 + index }),
      );
      for (const each of [client, ...(await Promise.all(others))]) await each.close();
    } else if (what === "close by force") await client.close({ force: true });
    else if (what === "close, then by force") {
      void client.close();
      await client.close({ force: true });
    } else await client.close();
    console.log("closed");
  } catch (error) {
    console.log(Reflect.get(Object(error), "code"));
  }
}
