import type { PublishPacket } from "aedes";
import { lowerQos } from "../runtime/topics/topic-filter.js";
import type { QoS } from "../runtime/transport/transport.js";
import { MemoryBudget } from "./memory-budget.js";
import type { AedesInternals } from "./aedes-broker.js";

/** The limits of {@link PersistentSessions}. */
export interface PersistentSessionsOptions {
  /** Topics and payloads stored for one session, in bytes. Further messages are dropped. */
  readonly maxBytes: number;
  /** The same for all sessions together. */
  readonly maxTotalBytes: number;
  /** Called once for each session that is full, with its client id. */
  readonly onFull: (client: string) => void;
}

/** Stores messages for persistent sessions that have no connection at the moment. */
export class PersistentSessions {
  readonly #aedes: AedesInternals;
  readonly #options: PersistentSessionsOptions;
  /** The bytes stored for each session, by client id. */
  readonly #stored: MemoryBudget<string>;
  readonly #full = new Set<string>();

  constructor(aedes: AedesInternals, options: PersistentSessionsOptions) {
    this.#aedes = aedes;
    this.#options = options;
    this.#stored = new MemoryBudget(options.maxTotalBytes);
    aedes.on("clientReady", ({ id }) => {
      this.#stored.set(id, 0);
      this.#full.delete(id);
    });
  }

  /** Stores a message for the sessions that subscribed to its topic with QoS 1 or 2. */
  async store(
    { topic, payload, qos }: { readonly topic: string; readonly payload: Uint8Array; readonly qos: QoS },
    packetOf: (qos: QoS) => PublishPacket,
  ): Promise<void> {
    const deliveryQos = new Map<string, QoS>();
    for (const { clientId, qos: granted } of await this.#aedes.persistence.subscriptionsByTopic(topic)) {
      if (!(clientId in this.#aedes.clients)) deliveryQos.set(clientId, lowerQos(qos, granted));
    }
    for (const [clientId, sessionQos] of deliveryQos) {
      if (!this.#reserve(clientId, payload.length + topic.length)) continue;
      await this.#aedes.persistence.outgoingEnqueue({ clientId }, packetOf(sessionQos));
    }
  }

  #reserve(client: string, added: number): boolean {
    if (this.#full.has(client)) return false;
    const bytes = this.#stored.of(client) + added;
    if (bytes <= this.#options.maxBytes && this.#stored.set(client, bytes)) return true;
    this.#full.add(client);
    this.#options.onFull(client);
    return false;
  }
}
