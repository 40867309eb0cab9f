import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadApi } from "../../../src/load-api.js";
import type { ApiModel, ResourceModel } from "../../../src/model/index.js";

let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), "topicsmith-"))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const PROTOCOL = `topicsmith: 1
api: { name: mill, title: Mill, version: 1.0.0 }
protocol:
  topic: "mill/{extension}/{wheel}/{resource}[/{requestId}]"
  parameters: { wheel: { bind: endpoint, example: w1 } }
  requestId: { minimum: 1, maximum: 99 }
  success: "{request}/ok"
  error: "{request}/no"
`;

async function modelOf(rest: string): Promise<ApiModel> {
  const path = join(folder, "mill.yaml");
  writeFileSync(path, PROTOCOL + rest);
  const { model, diagnostics } = await loadApi(path);
  expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  return model!;
}

function resourceOf({ extensions }: ApiModel, name: string): ResourceModel {
  return extensions.flatMap(({ resources }) => resources).find((resource) => resource.id === name)!;
}

describe("the messages of a resource", () => {
  test("have the form of suffixes where these describe them, and a resource beside them can have another", async () => {
    const model = await modelOf(`extensions:
  grain:
    resources:
      grind: { path: grind, response: { schema: {} } }
      dust: { path: dust, from: platform, request: { schema: {} } }
      weigh: { path: "weigh/{scale}/now", parameters: { scale: { type: integer } }, response: empty }
`);
    const forms = ["grain.grind", "grain.dust", "grain.weigh"].map((name) => resourceOf(model, name).form);
    expect(forms).toEqual(["suffixes", "messages", "messages"]);
    expect(resourceOf(model, "grain.weigh").messages.success?.topic).toBe(
      "mill/grain/{wheel}/weigh/{scale}/now[/{requestId}]/ok",
    );
  });

  test("have no level for a request id where no message has one", async () => {
    const model = await modelOf(`extensions:
  grain:
    resources:
      grind: { path: grind, response: { schema: {} } }
      dust: { path: dust, from: platform, request: { schema: {} } }
      stop: { path: stop, requestId: single, response: empty }
`);
    expect(resourceOf(model, "grain.dust").messages.request.topic).toBe("mill/grain/{wheel}/dust");
    expect(resourceOf(model, "grain.stop").messages.success?.topic).toBe("mill/grain/{wheel}/stop/ok");
  });

  test("take the protocol of their extension member by member", async () => {
    const model = await modelOf(`extensions:
  grain:
    resources: { grind: { path: grind, response: { schema: {} } } }
  water:
    protocol: { topic: "water/{wheel}/{resource}/{requestId}", success: { wrap: { level: "{body}" } } }
    resources: { level: { path: level, response: { schema: { type: number } } } }
`);
    const { success, error } = resourceOf(model, "water.level").messages;
    expect(success).toMatchObject({
      topic: "water/{wheel}/level/{requestId}/ok",
      written: "{request}/ok",
      wrap: { level: "{body}" },
    });
    expect(error).toMatchObject({ topic: "water/{wheel}/level/{requestId}/no" });
    expect(error).not.toHaveProperty("wrap");
  });

  test("are on the client itself if none of them names a parameter of an endpoint", async () => {
    const model = await modelOf(`resources:
  weather: { topic: mill/weather, request: { schema: {} } }
  wind: { topic: mill/wind, request: { wrap: { of: "{wheel}", data: "{body}" }, schema: {} } }
extensions:
  grain:
    resources: { grind: { path: grind, response: { schema: {} } } }
`);
    expect(["weather", "wind", "grain.grind"].map((name) => resourceOf(model, name).on)).toEqual([
      "client",
      "endpoint",
      "endpoint",
    ]);
    expect(resourceOf(model, "weather").names).toMatchObject({
      descriptor: "weatherResource",
      topic: "weatherTopic",
    });
  });
});

describe("the definitions of a root file", () => {
  test("name the types of the schemas that refer to them from anywhere in the file", async () => {
    const model = await modelOf(`extensions:
  grain:
    resources:
      grind: { path: grind, request: { schema: { $ref: "#/definitions/sack" } }, response: { schema: { type: array, items: { $ref: "#/definitions/sack" } } } }
definitions:
  sack: { type: object, properties: { inner: { $ref: "#/definitions/sack" }, size: { $ref: "#/definitions/size" } } }
  size: { type: integer, minimum: 1 }
`);
    expect(model.definitions.map(({ typeName }) => typeName).toSorted()).toEqual(["Sack", "Size"]);
    const { request } = resourceOf(model, "grain.grind");
    const uri = request?.schema?.uri ?? "";
    expect(model.schemas.validate(uri, { inner: { size: 2 } })).toEqual([]);
    expect(model.schemas.validate(uri, { inner: { size: 0 } })).not.toEqual([]);
  });
});
