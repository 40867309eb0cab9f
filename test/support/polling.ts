/** Options of `vi.waitUntil` for messages over a loopback connection, which come within a few milliseconds. */
export const POLLING = { interval: 2, timeout: 20_000 };
