/** The messages that cost connections: their number, and the error in which it ends. */
import { TopicsmithError } from "../errors.js";
import type { Delivery } from "./transport.js";

/**
 * Number of connections that may be lost with a message alone on trial, after the one or two that made it a suspect. A single loss may be chance.
 * Each further one costs all users the connection.
 */
export const MAX_TRIALS = 2;

/**
 * The same for connections that were lost soon after the message was written, although the broker seemed to have processed it: one that
 * checks messages while it answers the next packets, PINGREQ among them, closes the connection later. More, because others may be to blame.
 */
const MAX_QUICK_LOSSES = 8;
/** The same at QoS 0, where a healthy broker acknowledges nothing either: the network or the platform may be to blame. */
const MAX_QUICK_LOSSES_QOS_0 = 20;

/** A broker that closes the connection because of a message does so within this number of milliseconds. */
const BLAME_MS = 5_000;
const BLAME_QOS_0_MS = 1_000;

/** Whether a message is not published again. */
export function isGivenUp({ trials, quickLosses = 0, writtenQos = 1 }: Delivery): boolean {
  return trials >= MAX_TRIALS || quickLosses >= (writtenQos > 0 ? MAX_QUICK_LOSSES : MAX_QUICK_LOSSES_QOS_0);
}

/** Counts a lost connection against a message that the broker has not acknowledged. */
export function countLoss(delivery: Delivery, processed: number, suspect: number): void {
  const { position = 0, writtenAt = 0, writtenQos = 1, quickLosses = 0 } = delivery;
  const age = performance.now() - writtenAt;
  if (age > (writtenQos > 0 ? BLAME_MS : BLAME_QOS_0_MS)) delivery.quickLosses = 0;
  // It was the next one to be processed, or was passed over.
  else if (position <= processed + 1) delivery.quickLosses = quickLosses + 1;
  if (position <= processed) delivery.losses = delivery.trials = 0;
  else {
    delivery.losses += 1;
    if (position === suspect) delivery.trials += 1;
  }
}

/** The error of a message that is not published again, because the broker closes each connection. */
export function tooManyLosses(
  { losses, quickLosses = 0 }: Delivery,
  size: number,
  cause?: unknown,
): TopicsmithError {
  return refused(
    `the broker closed ${Math.max(losses, quickLosses)} connections after it had received this message of ${size} bytes`,
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
