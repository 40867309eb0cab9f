import { once } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import type { Duplex } from "node:stream";

/** How long all of them may take to end. */
const ENDING_MS = 1_000;

/**
 * Ends connections once `written` has settled, and waits until the other sides have closed them: broken instead, a connection
 * may lose what is still on its way. Who takes longer than a second is left to be broken.
 */
export async function endConnections(
  connections: readonly Duplex[],
  written: Promise<unknown>,
): Promise<void> {
  const late = wait(ENDING_MS, undefined, { ref: false });
  const closed = connections.map(async (conn) => (conn.destroyed ? undefined : once(conn, "close")));
  await Promise.race([written, late]);
  for (const conn of connections) conn.end();
  await Promise.race([Promise.allSettled(closed), late]);
}
