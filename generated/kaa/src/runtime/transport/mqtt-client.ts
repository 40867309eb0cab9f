// mqtt.js has a default export in every build; its browser build has nothing else.
import mqttjs, { type MqttClient } from "mqtt";
import { MAX_TIMER_MS } from "../internal/timers.js";
import { checkConnect } from "./check-connect.js";
import { keepaliveTimer } from "./keepalive-timer.js";
import type { MqttTransportOptions } from "./mqtt-options.js";
import { PacketIds } from "./packet-ids.js";

/** Host and port of a URL. Not by `URL`, which is not complete in React Native. */
const AUTHORITY = /^[^/]+\/\/(?:[^/?#]*@)?(?:\[[\da-f:.%]+\]|[^\s:/?#@,[\]]+)(?::(\d+))?(?:[/?#]|$)/i;
/** User and password of a URL. */
const USER = /^[^/]+\/\/([^:/?#]*)(?::([^/?#]*))?@/;

/** A session that does not expire (MQTT 5.0 section 3.1.2.11.2). */
const NEVER = 0xffff_ffff;

/**
 * Creates an mqtt.js client, which does not connect by itself. Throws an Error if it is not a URL of `mqtt`, `mqtts`, `ws` or `wss`, and a
 * TopicsmithError `invalid-option`.
 */
export function createClient(
  url: string,
  { mqtt, clientId, credentials, mqttOptions }: MqttTransportOptions,
): MqttClient {
  // mqtt.js takes `localhost:1883` for a scheme and connects to the host "1883".
  if (!/^(?:mqtt|ws)s?:\/\//i.test(url))
    throw new Error("the URL of the broker has to begin with mqtt://, mqtts://, ws:// or wss://");
  // It takes the default port for one that it cannot read.
  const authority = AUTHORITY.exec(url);
  const port = Number(authority?.[1] ?? 1);
  if (!authority || port < 1 || port > 65_535)
    throw new Error("the URL of the broker has to have a host, and a port from 1 to 65,535 if it has one");
  const packetIds = new PacketIds();
  const client = mqttjs.connect(url, {
    protocolVersion: mqtt === "5" ? 5 : 4,
    ...(clientId !== undefined && { clientId }),
    timerVariant: keepaliveTimer,
    messageIdProvider: packetIds,
    ...mqttOptions,
    // The transport connects by itself, and its user subscribes again.
    manualConnect: true,
    resubscribe: false,
    // mqtt.js must never reconnect by itself. With 0 it would also drop the messages to retransmit.
    reconnectPeriod: MAX_TIMER_MS,
  });
  packetIds.outgoing = client.outgoing;
  const { options } = client;
  // As in MQTT 3.1.1. In MQTT 5, a session otherwise ends with its connection (section 3.1.2.11.2).
  if (options.protocolVersion === 5 && options.clean === false)
    options.properties = { sessionExpiryInterval: NEVER, ...options.properties };
  // mqtt.js decodes them first, and so splits them at a colon of the password.
  const [, username, password] = (USER.exec(url) ?? []).map((text) => text && decodeURIComponent(text));
  if (username !== undefined)
    Object.assign(options, { username, ...(password !== undefined && { password }) });
  checkConnect({
    ...options,
    ...(clientId !== undefined && { clientId }),
    // A function may return the user name of this password.
    ...(typeof credentials === "function" ? { password: undefined } : credentials),
  });
  return client;
}
