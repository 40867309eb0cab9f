import { describe, expect, it } from "vitest";
import { runDevice } from "../../examples/kaa-device/device.js";
import { startKaa, type KaaOptions } from "../../examples/kaa-platform/platform.js";

const endpoint = { appVersion: "demo-v1", endpointToken: "JTjdbENzHh" };

/** Runs the example device against a fresh example platform, as `npm start` does. */
async function run(options: KaaOptions): Promise<{ failed: number; lines: readonly string[] }> {
  const kaa = await startKaa(options);
  const lines: string[] = [];
  try {
    await kaa.commands.send(endpoint, "blink", { payload: { times: 3 }, ttlMs: 60_000 });
    await kaa.configuration.assign(endpoint, { reportEvery: 60 });
    await kaa.software.release("1.0.1", { link: "https://downloads.example.com/1.0.1.bin" });
    return {
      failed: await runDevice({ ...endpoint, url: kaa.url, print: (line) => lines.push(line) }),
      lines,
    };
  } finally {
    await kaa.close();
  }
}

describe("the example device", () => {
  it("uses all 14 resources and prints a line for each", async () => {
    const { failed, lines } = await run({});
    expect(failed).toBe(0);
    expect(lines.filter((line) => line.startsWith("ok "))).toHaveLength(14);
    expect(lines).toContain("14 of 14 resources work");
    for (const line of lines)
      expect(line, "a token is in the topic, and the example may show it").not.toContain("undefined");
  });

  it("reports a resource that fails, and counts it", async () => {
    const { failed, lines } = await run({ metadata: { readOnly: ["name"] } });
    expect(failed).toBeGreaterThan(0);
    expect(lines.find((line) => line.startsWith("FAIL"))).toContain("epmx.update");
  });
});
