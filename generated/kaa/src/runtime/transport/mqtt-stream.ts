/** The stream below an mqtt.js client, and the client's end. */
import type { MqttClient } from "mqtt";
import { uncheckedCast } from "../internal/unchecked-cast.js";

/** Ends an mqtt.js client; with `force`, at once and without DISCONNECT. */
export async function endClient(client: MqttClient, force: boolean): Promise<void> {
  const stream = uncheckedCast<MqttClient["stream"] | undefined>(client.stream);
  // connect() was never called, so there is no stream to end.
  if (!stream) return;
  if (force && !stream.closed) {
    // When its stream closes, mqtt.js starts its timer for reconnecting, which keeps a process alive. Only an `end` after that stops it.
    const closed = new Promise<void>((resolve) => stream.once("close", () => resolve()));
    stream.destroy();
    await closed;
  }
  // Before DISCONNECT, mqtt.js would wait for each SUBACK and UNSUBACK, also for those that never came, and were asked for again.
  const outgoing = uncheckedCast<Readonly<Record<number, { readonly volatile: boolean }>>>(client.outgoing);
  for (const [packetId, { volatile }] of Object.entries(outgoing))
    if (volatile) client.removeOutgoingMessage(Number(packetId));
  await client.endAsync(force);
}

/** Adds the HTTP status of a refused WebSocket upgrade to the error of `ws`, which has it in its message only. */
export function withStatus(error: Error): Error {
  const status = /^Unexpected server response: (\d+)$/.exec(error.message)?.[1];
  return status === undefined ? error : Object.assign(error, { statusCode: Number(status) });
}

/**
 * Switches Nagle's algorithm off, which together with delayed acknowledgements adds some 40 ms to each request at QoS 1. Browsers have no
 * such switch. Also lifts Node's limit of listeners: mqtt.js adds one for each message that waits for its stream.
 */
export function tuneStream(client: MqttClient): void {
  const stream = uncheckedCast<
    { setNoDelay?: (on: boolean) => void; setMaxListeners?: (count: number) => void } | undefined
  >(client.stream);
  stream?.setNoDelay?.(true);
  stream?.setMaxListeners?.(0);
}

/** For each stream, how much it had read when its last message came, and whether writes are held back since. */
const reads = new WeakMap<object, { readonly bytes: number; isHeld: boolean }>();

/**
 * Called for each incoming message. Holds back what is written from the second message of a read on until the read is handled, so that
 * it goes out in one write instead of one for each. What the first one writes is not held back: most often it is the only one, and the
 * broker can take the acknowledgement while the next request is made. Does nothing for streams that do not count, as in browsers.
 */
export function joinWrites(client: MqttClient): void {
  const stream = uncheckedCast<(MqttClient["stream"] & { readonly bytesRead?: number }) | undefined>(
    client.stream,
  );
  if (stream?.bytesRead === undefined) return;
  const read = reads.get(stream);
  if (read?.bytes !== stream.bytesRead)
    return void reads.set(stream, { bytes: stream.bytesRead, isHeld: false });
  if (read.isHeld) return;
  read.isHeld = true;
  stream.cork();
  setImmediate(() => {
    read.isHeld = false;
    stream.uncork();
  });
}
