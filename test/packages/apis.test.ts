/** The specs beside Kaa's: each is generated, compiled, and used by its example program against its mock. */
import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");
const run = promisify(execFile);
const require = createRequire(import.meta.url);
const tsc = join(dirname(require.resolve("typescript/package.json")), "bin/tsc");
const names = readdirSync(join(root, "spec")).filter((name) => name !== "kaa");

/** The output of each example. */
const OUTPUTS: Readonly<Record<string, string>> = {
  "aws-iot": `registered as lamp-7
version 20
rejected: {"code":409,"message":"Version conflict"}
job update-3: {"version":"1.4.0"}
wanted: {"body":{"state":{"power":"off"}}}
`,
  shelly: `SNSW-001X16EU, firmware 1.4.4
on: true, before: false
changed: {"ts":1700000000,"switch:0":{"output":true}}
rejected: {"code":-105,"message":"no such component: switch:7"}
`,
  thingsboard: `attributes: {"interval":30}
the platform was told: {"done":"reboot"}
the device was told: {"time":1700000000000}
3 chunks: firmware 1.4.0
the boiler was told: {"boiler":"heat"}
`,
  zigbee2mqtt: `the bridge is online
healthy: true
new devices may join for 60 s
kitchen_lamp: {"state":"ON","brightness":128,"linkquality":87}
`,
};

describe("the spec of another API", () => {
  test("has an example", () => {
    expect(Object.keys(OUTPUTS)).toEqual(names);
  });

  // In a row, because the last test compiles all of them.
  test.each(names)(
    "%s gives a package that its example uses against its mock",
    { timeout: 120_000 },
    async (name) => {
      const { stdout } = await run(process.execPath, ["examples/apis/run.mjs", name], { cwd: root });
      expect(stdout).toBe(OUTPUTS[name]);
      await run(process.execPath, [tsc, "-p", `generated/${name}/tsconfig.json`, "--noEmit"], { cwd: root });
    },
  );

  test("compiles together with its example", { timeout: 120_000 }, async () => {
    await expect(run(process.execPath, [tsc, "-p", "examples/apis"], { cwd: root })).resolves.toBeDefined();
  });
});
