import { TopicsmithError } from "../errors.js";
import type { QoS } from "./transport.js";

/** The properties of a CONNACK that limit what a client may send (MQTT 5.0 section 3.2.2.3). */
export interface BrokerLimits {
  readonly receiveMaximum?: number | undefined;
  readonly maximumPacketSize?: number | undefined;
  readonly maximumQoS?: number | undefined;
  readonly wildcardSubscriptionAvailable?: boolean | undefined;
  readonly sharedSubscriptionAvailable?: boolean | undefined;
}

/** The largest packet of MQTT: a Remaining Length of 268,435,455 bytes after a fixed header of 5 (MQTT 3.1.1 section 2.2.3). */
const MAX_PACKET_BYTES = 268_435_460;

/** Fixed header, lengths, packet id and empty properties of a PUBLISH take at most this number of bytes. */
const MAX_HEADER_BYTES = 10;

/** The error of a PUBLISH that is too large for the broker or for MQTT; `undefined` if it is not. */
export function tooLarge(
  { topic, payload, qos }: { readonly topic: string; readonly payload: Uint8Array; readonly qos: QoS },
  { maximumPacketSize = MAX_PACKET_BYTES }: BrokerLimits,
): TopicsmithError | undefined {
  const limit = Math.min(maximumPacketSize, MAX_PACKET_BYTES);
  // A UTF-16 code unit takes at most 3 bytes of UTF-8. To encode every topic would cost more than this comparison.
  if (payload.length + topic.length * 3 + MAX_HEADER_BYTES <= limit) return undefined;
  // Topic length, packet id and properties, as of MQTT 5, because only its brokers announce a limit.
  const remaining = 3 + new TextEncoder().encode(topic).length + (qos > 0 ? 2 : 0) + payload.length;
  // The Remaining Length is encoded with 7 bits in each byte.
  const lengthBytes = Math.ceil(Math.log2(remaining + 1) / 7);
  const size = 1 + lengthBytes + remaining;
  if (size <= limit) return undefined;
  return new TopicsmithError(
    "publish-refused",
    `the message takes ${size} bytes, and the broker accepts at most ${limit}`,
    { size },
  );
}

/** The QoS to publish with: at most what the broker supports. */
export function supportedQos(qos: QoS, { maximumQoS = 2 }: BrokerLimits): QoS {
  return qos <= maximumQoS ? qos : maximumQoS === 1 ? 1 : 0;
}

/** Throws `subscribe-refused` if the broker has announced that it does not support one of these filters. */
export function checkFilters(
  filters: readonly string[],
  { wildcardSubscriptionAvailable = true, sharedSubscriptionAvailable = true }: BrokerLimits,
): void {
  for (const filter of filters) {
    const shared = !sharedSubscriptionAvailable && filter.startsWith("$share/");
    if (shared || (!wildcardSubscriptionAvailable && /[+#]/.test(filter))) {
      const kind = shared ? "shared subscriptions" : "wildcards in subscriptions";
      throw new TopicsmithError("subscribe-refused", `the broker does not support ${kind}`);
    }
  }
}
