/** The messages that cost connections: their number, and the error in which it ends. */
import { TopicsmithError } from "../errors.js";
import type { Delivery } from "./transport.js";

/**
 * Number of connections that may be lost with a message alone on trial, after the one or two that made it a suspect. A single loss may be chance.
 * Each further one costs all users the connection.
 */
export const MAX_TRIALS = 2;

/** Counts a lost connection against a message, unless the broker has processed it. */
export function countLoss(delivery: Delivery, processed: number, suspect: number): void {
  const { position = 0 } = delivery;
  if (position <= processed) delivery.losses = delivery.trials = 0;
  else {
    delivery.losses += 1;
    if (position === suspect) delivery.trials += 1;
  }
}

/** The error of a message that is not published again, because the broker closes each connection. */
export function tooManyLosses(losses: number, size: number, cause?: unknown): TopicsmithError {
  return refused(
    `the broker closed ${losses} connections after it had received this message of ${size} bytes`,
    size,
    cause,
  );
}

/** The error of a message that is not published again, because it takes the place of others on each connection. */
export function unacknowledged(connections: number, size: number, cause?: unknown): TopicsmithError {
  return refused(
    `the broker acknowledged this message of ${size} bytes on none of ${connections} connections`,
    size,
    cause,
  );
}

function refused(message: string, size: number, cause: unknown): TopicsmithError {
  return new TopicsmithError("publish-refused", message, { cause, size });
}
