import { TopicsmithError } from "../errors.js";
import { LinkedList, type ListNode } from "../internal/linked-list.js";
import type { PublishOptions } from "./transport.js";

/** The messages that mqtt.js keeps until their acknowledgement, by packet id: the part of its client that is needed to drop some. */
export interface OutgoingMessages {
  readonly outgoing: Readonly<Record<number, { readonly cb: unknown }>>;
  removeOutgoingMessage(packetId: number): unknown;
}

/** A PUBLISH that mqtt.js has not completed. */
interface PendingPublish {
  readonly options: PublishOptions;
  readonly reject: (error: unknown) => void;
  readonly callback: (error?: unknown) => void;
  node?: ListNode<PendingPublish>;
}

/**
 * The PUBLISH packets of a connection that are neither acknowledged nor refused. When the connection is lost, mqtt.js keeps the ones at
 * QoS 1 and 2 and retransmits them on the next connection, except for those that are rejected here.
 */
export class PendingPublishes {
  readonly #client: OutgoingMessages;
  readonly #pending = new LinkedList<PendingPublish>();

  constructor(client: OutgoingMessages) {
    this.#client = client;
  }

  /** Adds a message. Returns the callback for mqtt.js, which settles the message's promise. */
  add(
    options: PublishOptions,
    resolve: () => void,
    reject: (error: unknown) => void,
  ): PendingPublish["callback"] {
    const callback = (error?: unknown): void => {
      this.#pending.remove(publish.node);
      if (error) reject(error);
      else resolve();
    };
    const publish: PendingPublish = { options, reject, callback };
    publish.node = this.#pending.add(publish);
    return callback;
  }

  /** Rejects all messages, and keeps mqtt.js from retransmitting them. */
  rejectAll(cause: unknown): void {
    this.#reject(this.#pending.values(), cause);
  }

  /** Rejects the messages that must not be retransmitted, or never are because their QoS is 0. */
  rejectUnrepeatable(cause: unknown): void {
    this.#reject(
      this.#pending.values().filter(({ options }) => options.qos === 0 || options.noRetransmit),
      cause,
    );
  }

  #reject(lost: readonly PendingPublish[], cause: unknown): void {
    if (lost.length === 0) return;
    for (const { node, reject } of lost) {
      this.#pending.remove(node);
      reject(new TopicsmithError("disconnected", "the connection was lost", { cause }));
    }
    // mqtt.js knows a message by its packet id only; the callback tells which one is ours.
    const callbacks = new Set<unknown>(lost.map(({ callback }) => callback));
    for (const [packetId, { cb }] of Object.entries(this.#client.outgoing))
      if (callbacks.has(cb)) this.#client.removeOutgoingMessage(Number(packetId));
  }
}
