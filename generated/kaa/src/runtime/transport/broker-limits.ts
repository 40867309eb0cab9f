import { TopicsmithError } from "../errors.js";
import { isWithinTopicLimit } from "../topics/grammar.js";
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
  const size = packetSize(topic, 3 + (qos > 0 ? 2 : 0) + payload.length);
  if (size <= limit) return undefined;
  return new TopicsmithError(
    "publish-refused",
    `the message takes ${size} bytes, and the broker accepts at most ${limit}`,
    { size },
  );
}

/** The bytes of a packet with a text and so many others. */
function packetSize(text: string, others: number): number {
  const remaining = new TextEncoder().encode(text).length + others;
  // After the type comes the Remaining Length, which is encoded with 7 bits in each byte.
  return 1 + Math.ceil(Math.log2(remaining + 1) / 7) + remaining;
}

/** The QoS to publish with: at most what the broker supports. */
export function supportedQos(qos: QoS, { maximumQoS = 2 }: BrokerLimits): QoS {
  return qos <= maximumQoS ? qos : maximumQoS === 1 ? 1 : 0;
}

/** The reason code of a filter that the broker has announced not to support (MQTT 5.0 section 3.9.3); `undefined` if it may. */
export function unsupported(
  filter: string,
  {
    wildcardSubscriptionAvailable = true,
    sharedSubscriptionAvailable = true,
    maximumPacketSize = MAX_PACKET_BYTES,
  }: BrokerLimits,
): number | undefined {
  // mqtt.js throws for a filter that no packet can have (143), and leaves a promise behind that nobody awaits.
  if (!isWithinTopicLimit(filter)) return 143;
  // The packet is too large (149), with its id, no properties, and the filter's length and options.
  if (packetSize(filter, 2 + 1 + 2 + 1) > maximumPacketSize) return 149;
  if (!sharedSubscriptionAvailable && filter.startsWith("$share/")) return 158;
  return !wildcardSubscriptionAvailable && /[+#]/.test(filter) ? 162 : undefined;
}

/** The number of filters that fit into a packet. */
export function filtersPerPacket(
  filters: readonly string[],
  maximum: number,
  { maximumPacketSize = MAX_PACKET_BYTES }: BrokerLimits,
): number {
  // With its length and options, a filter takes at most this number of bytes.
  const longest = filters.reduce((most, { length }) => Math.max(most, length * 3 + 3), 1);
  return Math.max(1, Math.min(maximum, Math.floor((maximumPacketSize - MAX_HEADER_BYTES) / longest)));
}
