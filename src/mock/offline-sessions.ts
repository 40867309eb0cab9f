import type { PublishPacket } from "aedes";
import { lowerQos } from "../runtime/topics/topic-filter.js";
import type { QoS } from "../runtime/transport/transport.js";
import type { AedesInternals } from "./aedes-internals.js";

/** How much is kept, and who is told that it is no more. */
export interface OfflineOptions {
  /** Bytes of each session. */
  readonly mostBytes: number;
  /** Called once for each session that is full. */
  readonly onFull: (client: string) => void;
}

/** Keeps messages for sessions that have no connection now. */
export class OfflineSessions {
  readonly #aedes: AedesInternals;
  readonly #options: OfflineOptions;
  /** What is kept for each, in bytes; `full`: no more is. */
  readonly #kept = new Map<string, number | "full">();

  constructor(aedes: AedesInternals, options: OfflineOptions) {
    this.#aedes = aedes;
    this.#options = options;
    aedes.on("clientReady", ({ id }) => this.#kept.delete(id));
  }

  /** Keeps a message for whoever subscribed to its topic with QoS 1 or 2. */
  async keep(
    { topic, payload, qos }: { readonly topic: string; readonly payload: Uint8Array; readonly qos: QoS },
    packetOf: (qos: QoS) => PublishPacket,
  ): Promise<void> {
    const owed = new Map<string, QoS>();
    for (const { clientId, qos: granted } of await this.#aedes.persistence.subscriptionsByTopic(topic)) {
      if (!(clientId in this.#aedes.clients)) owed.set(clientId, lowerQos(qos, granted));
    }
    for (const [clientId, owedQos] of owed) {
      if (!this.#hasRoom(clientId, payload.length + topic.length)) continue;
      await this.#aedes.persistence.outgoingEnqueue({ clientId }, packetOf(owedQos));
    }
  }

  #hasRoom(client: string, bytes: number): boolean {
    const kept = this.#kept.get(client) ?? 0;
    if (kept === "full") return false;
    const full = kept + bytes > this.#options.mostBytes;
    this.#kept.set(client, full ? "full" : kept + bytes);
    if (full) this.#options.onFull(client);
    return !full;
  }
}
