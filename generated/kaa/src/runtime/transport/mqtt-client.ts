// mqtt.js has a default export in every build; its browser build has nothing else.
import mqttjs, { type MqttClient } from "mqtt";
import { MAX_TIMER_MS } from "../internal/timers.js";
import type { MqttTransportOptions } from "./mqtt-options.js";
import { PacketIds } from "./packet-ids.js";

/** Creates an mqtt.js client, which does not connect by itself. Throws an Error if it is not a URL of `mqtt`, `mqtts`, `ws` or `wss`. */
export function createClient(url: string, { mqtt, clientId, mqttOptions }: MqttTransportOptions): MqttClient {
  // mqtt.js takes `localhost:1883` for a scheme and connects to the host "1883".
  if (!/^(?:mqtt|ws)s?:\/\//i.test(url))
    throw new Error("the URL of the broker has to begin with mqtt://, mqtts://, ws:// or wss://");
  const packetIds = new PacketIds();
  const client = mqttjs.connect(url, {
    protocolVersion: mqtt === "5" ? 5 : 4,
    ...(clientId === undefined ? {} : { clientId }),
    // By default mqtt.js starts a worker from a blob URL in browsers. Without the keep-alive, if a `script-src` policy forbids that.
    timerVariant: "native",
    messageIdProvider: packetIds,
    ...mqttOptions,
    // The transport connects by itself, and its user subscribes again.
    manualConnect: true,
    resubscribe: false,
    // mqtt.js must never reconnect by itself. With 0 it would also drop the messages to retransmit.
    reconnectPeriod: MAX_TIMER_MS,
  });
  packetIds.outgoing = client.outgoing;
  return client;
}
