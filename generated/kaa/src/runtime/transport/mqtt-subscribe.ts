/** SUBSCRIBE packets of an mqtt.js client. */
import type { MqttClient } from "mqtt";
import { chunks } from "../internal/chunks.js";
import { uncheckedCast } from "../internal/unchecked-cast.js";
import { type BrokerLimits, filtersPerPacket } from "./broker-limits.js";
import type { QoS } from "./transport.js";

/** Filters in packets of at most 500, because some brokers limit their number, and within the broker's Maximum Packet Size. */
export function batchesOf(
  { options }: MqttClient,
  filters: readonly string[],
  limits: BrokerLimits,
): string[][] {
  return chunks(filters, filtersPerPacket(filters, options.subscribeBatchSize ?? 500, limits));
}

/** Subscribes to filters with one packet. Resolves with the return code of each filter. */
export async function subscribeOnce(
  client: MqttClient,
  filters: readonly string[],
  qos: QoS,
): Promise<readonly (number | undefined)[]> {
  const subscriptions = Object.fromEntries(filters.map((filter) => [filter, { qos }]));
  const codes = await new Promise<readonly number[]>((resolve, reject) => {
    // Otherwise mqtt.js skips filters that it took for subscribed before the session was lost.
    const wanted = uncheckedCast<Record<string, { qos: QoS }>>({ ...subscriptions, resubscribe: true });
    client.subscribe(wanted, (error, _, packet) => {
      // There is a packet, too, if the broker has refused a filter.
      if (packet?.granted.length === filters.length) resolve(uncheckedCast<number[]>(packet.granted));
      else reject(error ?? new Error());
    });
  });
  // The order of keys, which is not that of the filters if a filter is a number.
  const order = new Map(Object.keys(subscriptions).map((filter, index) => [filter, codes[index]]));
  return filters.map((filter) => order.get(filter));
}
