import { redactCause, redactTopics } from "../api/redact.js";
import { TopicsmithError } from "../errors.js";
import { uncheckedCast } from "../internal/unchecked-cast.js";
import type { MqttClientLike, MqttTransportOptions } from "./mqtt-options.js";
import { mqttTransport } from "./mqtt-transport.js";
import type { Transport } from "./transport.js";

/** Broker URL, an mqtt.js client (whose owner has to end it), or a transport (which is closed with the client). */
export type ConnectTarget = string | { readonly href: string } | MqttClientLike | Transport;

/** Whether a target is a transport already. */
export function isTransport(target: ConnectTarget): target is Transport {
  return typeof target === "object" && target !== null && "onState" in target;
}

/** The transport to a target. Throws `connection-refused` for one that no transport takes, and `invalid-option`. */
export function transportTo(target: ConnectTarget, options: MqttTransportOptions): Transport {
  if (isTransport(target)) return target;
  try {
    const { href }: { readonly href?: unknown } = Object(target);
    return mqttTransport(uncheckedCast(href ?? target), options);
  } catch (cause) {
    if (cause instanceof TopicsmithError) throw cause;
    throw new TopicsmithError("connection-refused", "cannot connect to the target", {
      cause: redactCause(cause, redactTopics([])),
    });
  }
}
