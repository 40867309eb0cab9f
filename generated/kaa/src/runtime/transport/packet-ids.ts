/** The largest MQTT packet identifier (MQTT 3.1.1 section 2.3.1). */
const MAX_PACKET_ID = 65_535;

/**
 * Packet identifiers for mqtt.js, whose own allocator counts up and hands out an id again that still waits for its acknowledgement.
 * Implements mqtt.js's `IMessageIdProvider`.
 */
export class PacketIds {
  readonly #used = new Uint8Array(MAX_PACKET_ID + 1);
  #count = 0;
  #last = 0;

  /** Takes the next free id; `null` if there is none. */
  allocate(): number | null {
    if (this.#count >= MAX_PACKET_ID) return null;
    do this.#last = (this.#last % MAX_PACKET_ID) + 1;
    while (this.#used[this.#last] === 1);
    this.register(this.#last);
    return this.#last;
  }

  getLastAllocated(): number | null {
    return this.#last === 0 ? null : this.#last;
  }

  /** Takes this id. Returns false if it is in use. */
  register(id: number): boolean {
    if (this.#used[id] === 1) return false;
    this.#used[id] = 1;
    this.#count += 1;
    return true;
  }

  deallocate(id: number): void {
    if (this.#used[id] !== 1) return;
    this.#used[id] = 0;
    this.#count -= 1;
  }

  clear(): void {
    this.#used.fill(0);
    this.#count = 0;
  }
}
