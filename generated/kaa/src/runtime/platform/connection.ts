/** The connection of a platform, as its owner learns of it. */
import { redactCause, redactTopics } from "../api/redact.js";
import { TopicsmithError } from "../errors.js";
import { waitAtMost } from "../internal/timers.js";
import type { Transport } from "../transport/transport.js";

/** Waits for the subscriptions, or the first connection. Rejects with `timeout` when the time is over, and with the reason why there is no connection as its cause. */
export async function readyWithin(transport: Transport, ready: Promise<void>, ms = 30_000): Promise<void> {
  let cause: unknown = new Error("the first attempt has not ended");
  const stopListening = transport.onState((state) => {
    cause = state.kind === "connected" ? undefined : causeOf(state);
  });
  await waitAtMost(ready, ms);
  stopListening();
  const late = new TopicsmithError("timeout", `the platform was not ready within ${ms} ms`, { cause });
  // The first one that is settled wins.
  await Promise.race([ready, Promise.reject(late)]);
}

/**
 * Reports each lost connection, and each attempt to connect that fails. A refusal for good is reported by the subscription. The returned
 * function ends that.
 */
export function reportLosses(transport: Transport, report: (error: unknown) => void): () => void {
  let isConnected = true;
  return transport.onState((state) => {
    const message = isConnected ? "the connection was lost" : "an attempt to connect has failed";
    isConnected = state.kind === "connected";
    if (state.kind === "disconnected")
      report(new TopicsmithError("disconnected", message, { cause: causeOf(state) }));
  });
}

/** The error of a message that was not published: `publish-refused` for what the broker says, such as the reason code of its PUBACK. */
export function publishError(error: unknown): TopicsmithError {
  if (error instanceof TopicsmithError) return error;
  return new TopicsmithError("publish-refused", "the message was refused", { cause: error });
}

/** The error of a platform that stops when its connection is lost. A broker that keeps the session goes on to keep requests. */
export function unsubscribeError(cause: unknown): TopicsmithError {
  return new TopicsmithError("disconnected", "the broker has not confirmed UNSUBSCRIBE", { cause });
}

function causeOf({ cause }: { readonly cause: unknown }): unknown {
  return redactCause(cause, redactTopics([]));
}
