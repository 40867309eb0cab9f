import { Echoes } from "../client/echoes.js";
import { filterMatches, splitShared } from "../topics/topic-filter.js";
import type { IncomingMessage, Transport } from "../transport/transport.js";

/** Wraps a transport, and hides the messages that were published through the wrapper if the broker sends them back. */
export function echoFree(transport: Transport): Transport {
  const echoes = new Echoes();
  const filters = new Set<string>();
  const listeners = new Set<(message: IncomingMessage) => void>();
  let stopListening: (() => void) | undefined;
  let connections = 0;
  const isSubscribed = (topic: string): boolean =>
    Array.from(filters).some((filter) => filterMatches(splitShared(filter).filter, topic));
  // One listener for all, because an echo is recognized once.
  const receive = (message: IncomingMessage): void => {
    if (echoes.take(message.topic, message.payload)) return;
    for (const listener of listeners) listener(message);
  };
  return {
    publish(topic, payload, options) {
      // Without a subscription nothing comes back, except for a retained message, so an equal message is a client's.
      const subscribed = isSubscribed(topic);
      if (subscribed || options.retain) echoes.note(topic, payload, subscribed, connections);
      return transport.publish(topic, payload, options);
    },
    subscribe(wanted, qos) {
      for (const filter of wanted) filters.add(filter);
      return transport.subscribe(wanted, qos);
    },
    unsubscribe(unwanted) {
      for (const filter of unwanted) filters.delete(filter);
      return transport.unsubscribe(unwanted);
    },
    onMessage(listener) {
      listeners.add(listener);
      stopListening ??= transport.onMessage(receive);
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        stopListening?.();
        stopListening = undefined;
      };
    },
    onState: (listener) =>
      transport.onState((state) => {
        if (state.kind === "connected") connections += 1;
        listener(state);
      }),
    ...(transport.onResponse && { onResponse: (position: number) => transport.onResponse?.(position) }),
    ...(transport.reconnect && { reconnect: () => transport.reconnect?.() }),
    close: (options) => transport.close(options),
  };
}
