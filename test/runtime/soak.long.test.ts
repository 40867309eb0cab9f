import { expect, test } from "vitest";
import { NOTHING_LEFT, runSoak } from "../support/soak-runner.js";

/** Of the heap after a tenth of the requests. A million requests that leave a byte each exceed it. */
const MAX_HEAP_GROWTH = 1.05;

test.each([
  ["auto", 200_000],
  ["all-endpoints", 1_000_000],
])(
  "subscribed %s, %i requests of 100 endpoints, 1 in 20 without a response, 1 lost connection in 100: nothing is left",
  async (subscribe, requests) => {
    const { outcomes, wrong, reconnects, before, after } = await runSoak("soak", requests, subscribe);
    expect(outcomes).toEqual({ answered: requests * 0.95, timeout: requests * 0.05, other: 0 });
    expect({ wrong, reconnects }).toEqual({ wrong: 0, reconnects: requests / 100 });
    expect([before, after]).toMatchObject([
      { ...NOTHING_LEFT, timers: 0 },
      { ...NOTHING_LEFT, timers: 0 },
    ]);
    expect(after.heap / before.heap).toBeLessThan(MAX_HEAP_GROWTH);
  },
  900_000,
);
