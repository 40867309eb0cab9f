import { TopicsmithError } from "../errors.js";
import type { QoS, Transport } from "./transport.js";

/** Filters that stay subscribed until `stop`. */
export interface PersistentSubscription {
  /** Settles when the filters are granted for the first time; rejects if one is refused or the connection is. */
  readonly ready: Promise<void>;
  /** Unsubscribes. */
  stop(): Promise<void>;
}

/** What {@link subscribePersistently} keeps. */
export interface Subscription {
  readonly filters: readonly string[];
  readonly qos: QoS;
  /** Told what goes wrong after `ready`: a filter refused, the connection lost for good. */
  readonly onError: (error: unknown) => void;
}

/** Subscribes, now and after each lost session. */
export function subscribePersistently(
  transport: Transport,
  { filters, qos, onError }: Subscription,
): PersistentSubscription {
  let remove: (() => void) | undefined;
  let fail = onError;
  const ready = new Promise<void>((resolve, reject) => {
    /** Attempts before the last one failed because the connection did, and have no say any more. */
    let attempts = 0;
    let connected = false;
    let granted = false;
    fail = reject;

    const subscribe = async (): Promise<void> => {
      attempts += 1;
      const attempt = attempts;
      try {
        const answers = await transport.subscribe(filters, qos);
        const refused = filters.filter((_, index) => (answers[index] ?? 128) >= 128);
        if (refused.length > 0)
          throw new TopicsmithError("subscribe-refused", `the broker refused ${refused.join(", ")}`);
        granted = true;
        fail = onError;
        resolve();
      } catch (error) {
        if (connected && attempt === attempts) fail(error);
      }
    };

    remove = transport.onState((state) => {
      connected = state.kind === "connected";
      if (state.kind === "failed") {
        fail(
          new TopicsmithError("connection-refused", "the connection was lost for good", {
            cause: state.cause,
          }),
        );
      }
      if (state.kind === "connected" && !(granted && state.sessionPresent)) void subscribe();
    });
  });
  return {
    ready,
    async stop() {
      remove?.();
      await transport.unsubscribe(filters);
    },
  };
}
