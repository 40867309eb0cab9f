import { vi } from "vitest";
import type { Transport } from "../../../../src/runtime/transport/transport.js";

/** A SUBSCRIBE or UNSUBSCRIBE that the test acknowledges. */
export interface SentPacket {
  readonly kind: "subscribe" | "unsubscribe";
  readonly filters: readonly string[];
  /** Acknowledges the packet; `returnCodes` are those of a SUBACK. Default: every filter is granted. */
  acknowledge(returnCodes?: readonly number[]): Promise<void>;
  fail(error: unknown): Promise<void>;
}

/** Lets everything happen that waits for microtasks only. */
export async function microtasks(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
}

/** A transport that records SUBSCRIBE and UNSUBSCRIBE, and leaves their acknowledgement to the test. */
export function recordingTransport() {
  const sent: SentPacket[] = [];
  const record = async (kind: SentPacket["kind"], filters: readonly string[]): Promise<readonly number[]> =>
    new Promise((resolve, reject) => {
      sent.push({
        kind,
        filters,
        async acknowledge(returnCodes = filters.map(() => 1)) {
          resolve(returnCodes);
          await microtasks();
        },
        async fail(error) {
          reject(error);
          await microtasks();
        },
      });
    });
  const transport: Transport = {
    publish: vi.fn(),
    subscribe: async (filters) => record("subscribe", filters),
    async unsubscribe(filters) {
      await record("unsubscribe", filters);
    },
    onMessage: () => () => undefined,
    onState: () => () => undefined,
    close: async () => undefined,
  };
  return {
    transport,
    /** Takes the packets that were sent since the last call. */
    async packets(): Promise<SentPacket[]> {
      await microtasks();
      return sent.splice(0);
    },
  };
}

/** The packets as `kind filter filter`. */
export function summary(packets: readonly SentPacket[]): string[] {
  return packets.map(({ kind, filters }) => [kind, ...filters].join(" "));
}
