import { TopicsmithError } from "../errors.js";
import type { QoS, Transport } from "./transport.js";

/** A subscription that is repeated after each lost session. */
export interface PersistentSubscription {
  /** Resolves when the broker has granted all filters for the first time. Rejects if it refuses a filter or the connection. */
  readonly ready: Promise<void>;
  /** Unsubscribes. */
  stop(): Promise<void>;
}

/** Options of {@link subscribePersistently}. */
export interface PersistentSubscriptionOptions {
  readonly filters: readonly string[];
  readonly qos: QoS;
  /** Called with the errors that occur after `ready`: `subscribe-refused` or `connection-refused`. */
  readonly onError: (error: unknown) => void;
}

/** Subscribes now and after each lost session, until `stop` is called. */
export function subscribePersistently(
  transport: Transport,
  { filters, qos, onError }: PersistentSubscriptionOptions,
): PersistentSubscription {
  let removeListener: (() => void) | undefined;
  let fail = onError;
  const ready = new Promise<void>((resolve, reject) => {
    let attempts = 0;
    let connected = false;
    let granted = false;
    fail = reject;

    const subscribe = async (): Promise<void> => {
      attempts += 1;
      const attempt = attempts;
      try {
        const returnCodes = await transport.subscribe(filters, qos);
        const refused = filters.filter((_, index) => (returnCodes[index] ?? 128) >= 128);
        if (refused.length > 0)
          throw new TopicsmithError("subscribe-refused", `the broker refused ${refused.join(", ")}`);
        granted = true;
        fail = onError;
        resolve();
      } catch (error) {
        // An attempt on an earlier connection failed because that connection was lost; the next one has subscribed again.
        if (connected && attempt === attempts) fail(error);
      }
    };

    removeListener = transport.onState((state) => {
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
      removeListener?.();
      await transport.unsubscribe(filters);
    },
  };
}
