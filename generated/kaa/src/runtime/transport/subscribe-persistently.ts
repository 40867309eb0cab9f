import { TopicsmithError } from "../errors.js";
import type { SharedFilters } from "./shared-filters.js";
import type { QoS, Transport } from "./transport.js";

/** A subscription that is repeated after each lost session. */
export interface PersistentSubscription {
  /** Resolves when the broker has granted all filters for the first time. Rejects if it refuses a filter or the connection. */
  readonly ready: Promise<void>;
  /** Does not subscribe again, and unsubscribes from what it has. */
  stop(unsubscribe: boolean): Promise<void>;
}

/** Options of {@link subscribePersistently}. */
export interface PersistentSubscriptionOptions {
  readonly filters: readonly string[];
  readonly qos: QoS;
  /** Of the connection. Others may have subscribed to the same filters. */
  readonly users: SharedFilters;
  /** Called with the errors that occur after `ready`: `subscribe-refused` or `connection-refused`. */
  readonly onError: (error: unknown) => void;
}

/**
 * Milliseconds until a SUBSCRIBE is sent again that was refused after an earlier success, or was not acknowledged. The pause doubles each time,
 * up to the longest one: a broker that recovers is noticed soon, and one that does not is not flooded.
 */
const MIN_RETRY_MS = 3_000;
const MAX_RETRY_MS = 60_000;

/** Connections in a row that a broker may close instead of a SUBACK until it counts as a refusal. One or two may be chance. */
const MAX_LOSSES = 3;

/**
 * Subscribes now and after each lost session, until `stop` is called. Repeats what is refused later, or not acknowledged. Without filters, it
 * is ready with the first connection: MQTT has no SUBSCRIBE without filters.
 */
export function subscribePersistently(
  transport: Transport,
  { filters, qos, users, onError }: PersistentSubscriptionOptions,
): PersistentSubscription {
  for (const filter of filters) users.add(filter);
  let removeListener: (() => void) | undefined;
  let fail = onError;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const ready = new Promise<void>((resolve, reject) => {
    let attempts = 0;
    let connected = false;
    let granted = false;
    /** The broker may not have the subscription: the last SUBSCRIBE was refused, or is not answered. */
    let missing = true;
    /** The last SUBSCRIBE was sent, and not answered. */
    let unanswered = false;
    let losses = 0;
    fail = reject;

    const subscribe = async (pause = MIN_RETRY_MS): Promise<void> => {
      attempts += 1;
      const attempt = attempts;
      missing = unanswered = true;
      clearTimeout(timer);
      timer = setTimeout(() => void subscribe(Math.min(pause * 2, MAX_RETRY_MS)), pause);
      try {
        const returnCodes = filters.length === 0 ? [] : await transport.subscribe(filters, qos);
        unanswered = false;
        losses = 0;
        const refused = filters.filter((_, index) => (returnCodes[index] ?? 128) >= 128);
        if (refused.length > 0)
          throw new TopicsmithError("subscribe-refused", `the broker refused ${refused.join(", ")}`);
        clearTimeout(timer);
        granted = true;
        missing = false;
        fail = onError;
        resolve();
      } catch (error) {
        // An attempt on an earlier connection failed because that connection was lost; the next one has subscribed again.
        if (attempt !== attempts) return;
        if (error instanceof TopicsmithError && error.sent === false) unanswered = false;
        if (!connected) return;
        unanswered = false;
        if (!granted) clearTimeout(timer);
        fail(error);
      }
    };

    removeListener = transport.onState((state) => {
      connected = state.kind === "connected";
      if (!connected) clearTimeout(timer);
      if (state.kind === "failed") {
        fail(
          new TopicsmithError("connection-refused", "the connection was lost for good", {
            cause: state.cause,
          }),
        );
      }
      if (state.kind !== "connected") return;
      const lost = unanswered;
      unanswered = false;
      if (lost) losses += 1;
      // After the first success, the owner learns it once, and the connection's own pauses limit the attempts.
      if (lost && losses === MAX_LOSSES) fail(refusedByLoss());
      if (granted ? missing || !state.sessionPresent : losses < MAX_LOSSES) void subscribe();
    });
  });
  return {
    ready,
    async stop(unsubscribe) {
      removeListener?.();
      clearTimeout(timer);
      const unused = users.release();
      if (unsubscribe && unused.length > 0) await transport.unsubscribe(unused);
    },
  };
}

function refusedByLoss(): TopicsmithError {
  const message = `the broker closed ${MAX_LOSSES} connections instead of a SUBACK`;
  return new TopicsmithError("subscribe-refused", message);
}
