import { expect, test } from "vitest";
import { NOTHING_LEFT, runSoak } from "../support/soak-runner.js";

// soak.long.test.ts sends a million requests, and measures memory.
test("20,000 requests of 100 endpoints, with timeouts and lost connections, leave nothing in the client", async () => {
  const requests = 20_000;
  const { outcomes, wrong, reconnects, before, after } = await runSoak("soak", requests, "auto");
  expect(outcomes).toEqual({ answered: requests * 0.95, timeout: requests * 0.05, other: 0 });
  expect({ wrong, reconnects }).toEqual({ wrong: 0, reconnects: requests / 100 });
  expect([before, after]).toMatchObject([
    { ...NOTHING_LEFT, timers: 0 },
    { ...NOTHING_LEFT, timers: 0 },
  ]);
});
