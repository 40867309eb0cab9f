import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** The folder of a project that has installed the packed client. */
let consumer: string;
beforeAll(() => {
  consumer = realpathSync(mkdtempSync(join(tmpdir(), "topicsmith-testing-")));
  const packed = execFileSync(
    "npm",
    ["pack", "--silent", "--ignore-scripts", "--pack-destination", consumer],
    { cwd: join(root, "generated/kaa"), encoding: "utf8" },
  );
  const installed = join(consumer, "node_modules/kaa-device-client");
  mkdirSync(installed, { recursive: true });
  const tarball = packed.trim().split("\n").at(-1) ?? "";
  execFileSync("tar", ["-xzf", tarball, "-C", installed, "--strip-components", "1"], { cwd: consumer });
  symlinkSync(join(root, "node_modules/mqtt"), join(consumer, "node_modules/mqtt"));
});
afterAll(() => rmSync(consumer, { recursive: true, force: true }));

const IMPORTS = `
import { connect } from "kaa-device-client";
import { startMock } from "kaa-device-client/testing";
`;
const REQUIRES = `
const { connect } = require("kaa-device-client");
const { startMock } = require("kaa-device-client/testing");
`;

/** Prints the results of a request with a handler, with an example, with a fault and with a mistake, and of a push. */
const PROGRAM = `
async function main() {
  const mock = await startMock({ handlers: { epmx: { get: (request) => ({ asked: request.keys ?? [] }) } } });
  const client = await connect(mock.url, { appVersion: "demo-v1", timeoutMs: 300 });
  const device = client.endpoint("token");
  console.log(JSON.stringify(await device.epmx.get({ keys: ["name"] })));
  console.log(Array.isArray(await device.epmx.getKeys()));
  mock.faults.next({ resource: "epmx.*", kind: "drop" });
  console.log(await device.epmx.get().catch(({ code }) => code));
  const pushes = device.cex.command.observe("reboot")[Symbol.asyncIterator]();
  await pushes.next();
  await mock.platform.endpoint({ appVersion: "demo-v1", endpointToken: "token" }).cex.command.push("reboot", [{ id: 7 }]);
  console.log(JSON.stringify((await pushes.next()).value));
  console.log(mock.requests.map(({ resource }) => resource).join());
  await client.close();
  await mock.update({ handlers: {} });
  await mock.close();
}
main().catch((error) => {
  console.log(error.message);
  process.exit(0);
});
`;

const OUTPUT = `{"asked":["name"]}
true
timeout
[{"id":7}]
get,getKeys,get,command
`;

function run(file: string, text: string): string {
  writeFileSync(join(consumer, file), text);
  return execFileSync(process.execPath, ["--disable-warning=ExperimentalWarning", file], {
    cwd: consumer,
    encoding: "utf8",
    timeout: 30_000,
  });
}

describe("the entry ./testing of the packed Kaa client", () => {
  it.each([
    ["an ES module", "missing.mjs", IMPORTS],
    ["CommonJS", "missing.cjs", REQUIRES],
  ])("names the command that installs topicsmith if it is missing, in %s", (_, file, head) => {
    expect(run(file, head + PROGRAM)).toBe(
      "startMock needs the package topicsmith: npm install --save-dev topicsmith\n",
    );
  });

  it.each([
    ["an ES module", "use.mjs", IMPORTS],
    ["CommonJS", "use.cjs", REQUIRES],
  ])(
    "starts a mock of its own API, with handlers, faults and pushes, in %s",
    { timeout: 120_000 },
    (_, file, head) => {
      const link = join(consumer, "node_modules/topicsmith");
      symlinkSync(root, link);
      try {
        expect(run(file, head + PROGRAM)).toBe(OUTPUT);
      } finally {
        rmSync(link);
      }
    },
  );

  it("passes on other errors of the mock, and names only the file of the spec where it has no lines", () => {
    const link = join(consumer, "node_modules/topicsmith");
    symlinkSync(root, link);
    try {
      const program = `${IMPORTS}
const lines = [];
const mock = await startMock({ print: (line) => lines.push(line) });
const client = (await import("mqtt")).connect(mock.url);
client.publish("kp1/demo-v1/epmx/token/get/1", '{"keys":"name"}');
while (!lines.some((line) => line.includes("error"))) await new Promise((resolve) => setTimeout(resolve, 20));
client.end();
console.log(lines.find((line) => line.includes("error")).replace(/^.*?(?=\\/keys)|  \\d+ ms$/g, ""));
await mock.close();
for (const options of [{ prot: 1 }, { handlers: { epmxx: {} } }, { faults: [{ kind: "dropp" }] }])
  console.log(await startMock(options).catch(({ message }) => message));
`;
      expect(run("errors.mjs", program)).toMatchInlineSnapshot(`
        "/keys must be array (epmx.yaml)  {"statusCode":400,"reasonPhrase":"The request is invalid: /keys must be array"}
        unknown option of startMock: prot; did you mean port?
        unknown extension: epmxx; did you mean epmx?
        invalid fault: kind must be one of drop, delay, duplicate, error, malformed, wrong-id, disconnect, refuse-subscribe; did you mean drop?
        "
      `);
    } finally {
      rmSync(link);
    }
  });
});
