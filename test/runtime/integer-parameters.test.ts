/** Integer parameters of topics with suffixes, from the spec to a call, its handler, its log and its faults. */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { emitReadme } from "../../src/emit/emit-readme.js";
import { render } from "../../src/emit/templates.js";
import { describeApi } from "../../src/mock/describe-api.js";
import { type Mock, startMock } from "../../src/mock/index.js";
import { loadModel } from "../../src/mock/load-model.js";
import { connectTo, topicReader } from "../../src/runtime/index.js";
import type { AnyClient } from "../unit/runtime/message-setup.js";

const run = promisify(execFile);
const root = join(import.meta.dirname, "../..");
const cleanups: (() => unknown)[] = [];
let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), "topicsmith-"))));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

/** A spec with the resource `chunk/{index}`, or another path, under a topic with this end. */
function specOf(
  end: string,
  { path = "chunk/{index}", requestId = "required", device = "{ bind: endpoint, example: d1 }" } = {},
): string {
  const file = join(folder, `${Math.random()}.yaml`);
  writeFileSync(
    file,
    `topicsmith: 1
api: { name: fw, title: Firmware, version: 1.0.0 }
protocol:
  topic: "fw/{device}/{extension}/{resource}${end}"
  parameters: { device: ${device} }
  ${end === "" ? "" : "requestId: { minimum: 0, maximum: 99 }"}
  success: "{request}/ok"
  error: "{request}/failed"
  errorPayload: { schema: { type: string } }
extensions:
  ota:
    resources:
      chunk:
        path: ${path}
        parameters: { index: { type: integer, minimum: 0, maximum: 7, example: 0 } }
        requestId: ${requestId}
        response: { schema: { type: number } }
`,
  );
  return file;
}

async function start(spec: string, parameters: object[] = []): Promise<Mock> {
  const chunk = (_request: unknown, { parameters: given }: { parameters: { index: number } }) => {
    parameters.push(given);
    return given.index / 2;
  };
  const mock = await startMock(spec, { handlers: { ota: { chunk } } as never });
  cleanups.push(() => mock.close());
  return mock;
}

describe.each([
  ["a mandatory request id", "/{requestId}", {}],
  ["a fixed level and an optional request id", "[/{requestId}]", { path: "chunk/{index}/data" }],
  ["no request id", "", { requestId: "single" }],
])("An integer parameter before %s", (_, end, options) => {
  test("is a number for the client, the handler, the log and the parser", async () => {
    const spec = specOf(end, options);
    const parameters: object[] = [];
    const mock = await start(spec, parameters);
    const api = describeApi(await loadModel(spec));
    const client = await connectTo<AnyClient>(api, mock.url, {});
    cleanups.push(() => client.close({ force: true }));
    const chunk = client["endpoint"]("d1")["ota"]!["chunk"]!;
    expect(await chunk(0)).toBe(0);
    expect(await chunk(7)).toBe(3.5);
    await expect(chunk(8)).rejects.toThrow("index must be a whole number from 0 to 7");
    await expect(chunk("1")).rejects.toThrow("index must be a whole number from 0 to 7");
    expect(parameters).toMatchObject([{ index: 0 }, { index: 7 }]);
    expect(mock.requests.map(({ parameters: logged }) => logged)).toMatchObject([{ index: 0 }, { index: 7 }]);
    const read = topicReader(api.extensions.flatMap(({ resources }) => Object.values(resources)) as never);
    expect(mock.requests.map(({ topic }) => read(topic)?.parameters)).toMatchObject([
      { device: "d1", index: 0 },
      { device: "d1", index: 7 },
    ]);
  });

  test("selects the requests that a fault of the mock is injected into", async () => {
    const spec = specOf(end, options);
    const mock = await start(spec);
    const client = await connectTo<AnyClient>(describeApi(await loadModel(spec)), mock.url, {});
    cleanups.push(() => client.close({ force: true }));
    const chunk = client["endpoint"]("d1")["ota"]!["chunk"]!;
    mock.faults.next({ kind: "error", parameters: { index: 2 }, payload: "bad block" });
    expect(await chunk(1)).toBe(0.5);
    await expect(chunk(2)).rejects.toMatchObject({ code: "rejected", payload: "bad block" });
    expect(() => mock.faults.next({ kind: "drop", parameters: { index: 9 } })).toThrow(
      "parameters: index must be a whole number from 0 to 7",
    );
  });

  test("is a number in the README, and an argument of topicsmith call", async () => {
    const spec = specOf(end, options);
    const readme = emitReadme(await loadModel(spec));
    expect("text" in readme ? readme.text : render(readme)).toContain("endpoint.ota.chunk(0)");
    const mock = await start(spec);
    const args = ["dist/cli/main.js", "call", spec, "ota.chunk", "3", "--to", "device=d1", "--url", mock.url];
    expect(await run(process.execPath, args, { cwd: root })).toMatchObject({ stdout: "1.5\n", stderr: "" });
  });
});

test("An integer parameter of the endpoint is a number for the client, and in topicsmith call", async () => {
  const spec = specOf("/{requestId}", {
    device: "{ bind: endpoint, type: integer, minimum: 1, example: 1 }",
  });
  const parameters: object[] = [];
  const mock = await start(spec, parameters);
  const client = await connectTo<AnyClient>(describeApi(await loadModel(spec)), mock.url, {});
  cleanups.push(() => client.close({ force: true }));
  expect(await client["endpoint"](5)["ota"]!["chunk"]!(1)).toBe(0.5);
  expect(() => client["endpoint"]("5")).toThrow("device must be a whole number from 1");
  const args = ["dist/cli/main.js", "call", spec, "ota.chunk", "3", "--to", "device=6", "--url", mock.url];
  expect(await run(process.execPath, args, { cwd: root })).toMatchObject({ stdout: "1.5\n", stderr: "" });
  expect(mock.requests.map(({ topic }) => topic.replace(/[0-9]+$/, ""))).toEqual([
    "fw/5/ota/chunk/1/",
    "fw/6/ota/chunk/3/",
  ]);
});
