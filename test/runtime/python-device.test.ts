/** The session of a device in Python that docs/mock.md shows, if Debian's python3-paho-mqtt is installed. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { startMock } from "../../src/mock/index.js";
import { POLLING } from "../support/polling.js";

// Debian's own Python: another one on the PATH does not find Debian's packages.
const PYTHON = "/usr/bin/python3";
const hasPaho = spawnSync(PYTHON, ["-c", "import paho.mqtt.publish"]).status === 0;
const absent = hasPaho ? "" : " (skipped: python3-paho-mqtt is not installed)";

const page = readFileSync("docs/mock.md", "utf8");
const [, program = "", session = ""] = /^```python\n(.*?)^```\n+```\n(.*?)^```/ms.exec(page) ?? [];
const start = readFileSync("docs/getting-started.md", "utf8");
const spec = /^```yaml\n(# yaml-language-server.*?)^```/ms.exec(start)?.[1] ?? "";

test.skipIf(!hasPaho)(
  `the mock tells the documentation's device in Python what is wrong${absent}`,
  async () => {
    expect(program).toContain("port=1883");
    const folder = mkdtempSync(join(tmpdir(), "topicsmith-python-"));
    writeFileSync(join(folder, "kettle.yaml"), spec);
    const lines: string[] = [];
    const mock = await startMock(join(folder, "kettle.yaml"), { print: (line) => lines.push(line) });
    try {
      const device = spawn(PYTHON, ["-c", program.replace("1883", String(mock.port))], { stdio: "inherit" });
      expect(await once(device, "exit")).toEqual([0, null]);
      const printed = await vi.waitUntil(() => {
        const found = lines.filter((line) => line.includes("water.boil"));
        return found.length === 2 && found;
      }, POLLING);
      const text = printed.map((line) =>
        line
          .slice("00:00:00.000  ".length)
          .replace(/ {2}\d+ ms$/, "")
          .replace(`${folder}/`, ""),
      );
      expect(text.join("\n")).toBe(session.trimEnd());
    } finally {
      await mock.close();
      rmSync(folder, { recursive: true });
    }
  },
);
