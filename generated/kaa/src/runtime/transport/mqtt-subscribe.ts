/** SUBSCRIBE packets of an mqtt.js client. */
import type { MqttClient } from "mqtt";
import { uncheckedCast } from "../internal/unchecked-cast.js";
import type { QoS } from "./transport.js";

/** Filters in packets of at most 500, because brokers limit the length of a packet, and some the number of its filters. */
export function batchesOf({ options }: MqttClient, filters: readonly string[]): string[][] {
  const size = options.subscribeBatchSize ?? 500;
  return Array.from({ length: Math.ceil(filters.length / size) }, (_, index) =>
    filters.slice(index * size, (index + 1) * size),
  );
}

/** Subscribes to filters with one packet. Resolves with the return code of each filter. */
export async function subscribeOnce(
  client: MqttClient,
  filters: readonly string[],
  qos: QoS,
): Promise<readonly number[]> {
  try {
    const subscriptions = {
      ...Object.fromEntries(filters.map((filter) => [filter, { qos }])),
      // Otherwise mqtt.js skips filters that it took for subscribed before the session was lost.
      resubscribe: true,
    };
    const grants = await client.subscribeAsync(uncheckedCast<Record<string, { qos: QoS }>>(subscriptions));
    const qosOf = new Map(grants.map((grant) => [grant.topic, grant.qos]));
    return filters.map((filter) => qosOf.get(filter) ?? qos);
  } catch (error) {
    // `subscribeAsync` rejects if any filter is refused; recover the individual return codes.
    const { granted } =
      uncheckedCast<{ readonly packet?: { readonly granted?: readonly number[] } }>(error).packet ?? {};
    if (granted?.length === filters.length) return granted;
    throw error;
  }
}
