import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { generate } from "../../../src/generate.js";
import { describeApi } from "../../../src/mock/describe-api.js";
import { loadModel } from "../../../src/mock/load-model.js";
import { bodyOnlyParameters } from "../../../src/model/index.js";
import { connectTo, memoryBroker } from "../../../src/runtime/index.js";

const lamp = readFileSync(new URL("../../support/lamp.yaml", import.meta.url), "utf8");
const IN_BODY = lamp
  .replaceAll('topic: "apps/{app}/{lamp}"', 'topic: "apps/{lamp}"')
  .replace("{ bind: client, example: app-1 }", "{ bind: client, example: a/b#1 }");

let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), "topicsmith-"))));
afterAll(() => rmSync(folder, { recursive: true }));

function specOf(text: string): string {
  const path = join(folder, "lamp.yaml");
  writeFileSync(
    path,
    text.replaceAll(
      /(success|error): \{ topic: "apps\/\{lamp\}", wrap: \{ id: "\{requestId\}",/g,
      '$1: { topic: "apps/{lamp}", wrap: { id: "{requestId}", app: "{app}",',
    ),
  );
  return path;
}

describe("a client parameter that occurs in bodies only", () => {
  test("accepts the characters that topics must not have, in the mock and in the package", async () => {
    const path = specOf(IN_BODY);
    const model = await loadModel(path);
    expect([...bodyOnlyParameters(model)]).toEqual(["app"]);
    const api = describeApi(model);
    expect(api.protocol.parameters["app"]).toMatchObject({ inBody: true });
    expect(api.protocol.parameters["lamp"]).not.toHaveProperty("inBody");
    const client = await connectTo(api, memoryBroker().transport(), { app: "a/b#+" } as object);
    await client.close();
    const out = join(folder, "out");
    const { diagnostics } = await generate({ spec: path, out });
    expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
    expect(readFileSync(join(out, "src/protocol.ts"), "utf8")).toContain(
      "parameters: { app: { inBody: true } }",
    );
    expect(readFileSync(join(out, "README.md"), "utf8")).toContain('app: "a/b#1"');
  });

  test("is bound to the rules of topics where a topic of one resource contains it", async () => {
    const path = specOf(lamp);
    const model = await loadModel(path);
    expect([...bodyOnlyParameters(model)]).toEqual([]);
    await expect(
      connectTo(describeApi(model), memoryBroker().transport(), { app: "a/b" } as object),
    ).rejects.toThrow("app must not contain `/`");
  });
});
