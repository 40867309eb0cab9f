/** The largest MQTT packet identifier (MQTT 3.1.1 section 2.3.1). */
const MAX_PACKET_ID = 65_535;

/** The packets of an mqtt.js client that wait for their acknowledgement, by packet identifier. */
export type OutgoingPackets = Readonly<Record<number, unknown>>;

/**
 * Packet identifiers for mqtt.js, whose own allocator counts up and hands out an id again that still waits for its acknowledgement.
 * Implements mqtt.js's `IMessageIdProvider`. The transport sees to it that there is always a free id.
 */
export class PacketIds {
  /** Of the mqtt.js client that uses these ids. */
  outgoing: OutgoingPackets = {};
  /** Begins at random, because a broker that keeps the session of an earlier process may hold its ids (MQTT 3.1.1 section 4.3.3). */
  #last = Math.floor(Math.random() * MAX_PACKET_ID);

  /** The next id that is not in use. */
  allocate(): number {
    do this.#last = (this.#last % MAX_PACKET_ID) + 1;
    while (this.outgoing[this.#last]);
    return this.#last;
  }

  getLastAllocated(): number {
    return this.#last;
  }

  /** Ids are in use as long as they are in `outgoing`, so there is nothing to keep. */
  register(): boolean {
    return true;
  }

  deallocate(): void {
    // See `register`.
  }

  clear(): void {
    // See `register`.
  }
}
