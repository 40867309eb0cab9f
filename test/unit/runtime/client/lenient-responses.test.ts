/** What a client accepts from a platform that knows more than the spec, and what it still refuses. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { describeApi } from "../../../../src/mock/describe-api.js";
import { loadModel } from "../../../../src/mock/load-model.js";
import { isValidWithoutUnknown } from "../../../../src/runtime/client/unknown-properties.js";
import { connectTo, memoryBroker } from "../../../../src/runtime/index.js";
import { createPlatformFor, Rejection } from "../../../../src/runtime/platform.js";

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "lenient-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** An API with one resource whose response has a schema. `strict` is an entry beside it, and beside that of errors. */
function specOf(schema: object, strict?: boolean): string {
  const flag = strict === undefined ? "" : `strict: ${strict}, `;
  const text = `topicsmith: 1
api: { name: kettle, title: Kettle, version: 1.0.0 }
protocol:
  topic: k/{extension}/{device}/{resource}[/{requestId}]
  parameters:
    device: { bind: endpoint, example: k1 }
  requestId: { minimum: 1, maximum: 99, uniquePer: [device] }
  success: "{request}/ok"
  error: "{request}/err"
  errorPayload: { ${flag}schema: { type: object, properties: { code: { type: integer } }, required: [code], additionalProperties: false } }
extensions:
  water:
    resources:
      look:
        path: look
        requestId: required
        request: { optional: true, schema: { type: object, properties: { a: { type: integer } }, additionalProperties: false } }
        response: { ${flag}schema: ${JSON.stringify(schema)} }
        push: true
`;
  const path = join(folder, "api.yaml");
  writeFileSync(path, text);
  return path;
}

const closed = (properties: object, required: readonly string[] = []): object => ({
  type: "object",
  properties,
  required,
  additionalProperties: false,
});
const item = closed({ id: { type: "integer" }, text: { type: "string" } }, ["id"]);
const list = { type: "array", items: item };
const kinds = {
  oneOf: [
    closed({ kind: { const: "a" }, x: { type: "integer" } }, ["kind"]),
    closed({ kind: { const: "b" }, y: { type: "integer" } }, ["kind"]),
  ],
};

/** Sends a body as the response, and returns what a call resolves with, or the code of its error. */
async function respond(spec: string, body: string, kind: "ok" | "err" = "ok"): Promise<unknown> {
  const broker = memoryBroker();
  const platform = broker.transport();
  platform.onMessage(({ topic }) => {
    if (!/(?:ok|err)$/u.test(topic))
      void platform.publish(`${topic}/${kind}`, new TextEncoder().encode(body), { qos: 1 });
  });
  await platform.subscribe(["k/#"], 1);
  const client = await connectTo<Record<string, Record<string, () => Promise<unknown>>>, string>(
    describeApi(await loadModel(spec)),
    broker.transport(),
    {},
  );
  try {
    return await client.endpoint("k1")["water"]?.["look"]?.();
  } catch (error) {
    const { code, payload } = error as { readonly code: string; readonly payload?: unknown };
    return payload === undefined ? code : { code, payload };
  } finally {
    await client.close({ force: true });
  }
}

describe("a client", () => {
  test("accepts what it does not know without `structuredClone`, which React Native has not", async () => {
    vi.stubGlobal("structuredClone", undefined);
    onTestFinished(() => void vi.unstubAllGlobals());
    expect(await respond(specOf(item), '{"id":1,"later":true}')).toEqual({ id: 1, later: true });
  });

  test.each([
    ["an object", item, { id: 1, later: true }],
    ["an item of a list", list, [{ id: 1 }, { id: 2, later: { a: [1] } }, { id: 3, later: null, more: 1 }]],
    ["every item of a long list", list, Array.from({ length: 3_000 }, (_, id) => ({ id, later: id }))],
    ["a nested object", closed({ in: item }), { in: { id: 1, "a/b~c": 1 } }],
    ["an alternative of a union", kinds, { kind: "a", x: 1, later: 1 }],
    ["the second alternative of a union", kinds, { kind: "b", y: 1, x: 1 }],
    [
      "an object that is closed by unevaluatedProperties",
      { allOf: [{ type: "object", properties: { a: { type: "integer" } } }], unevaluatedProperties: false },
      { a: 1, later: 2 },
    ],
    [
      "an object whose names have a pattern",
      { type: "object", patternProperties: { "^[a-z]+$": { type: "integer" } }, additionalProperties: false },
      { a: 1, "B-1": "x" },
    ],
    ["an object with a property like __proto__", item, JSON.parse('{"id":1,"__proto__":{"a":1}}')],
  ])("keeps properties that the spec does not know in %s", async (_, schema, value) => {
    expect(await respond(specOf(schema), JSON.stringify(value))).toEqual(value);
    expect(await respond(specOf(schema, false), JSON.stringify(value))).toEqual(value);
    expect(await respond(specOf(schema, true), JSON.stringify(value))).toBe("invalid-response");
  });

  test.each([
    ["a wrong type beside an unknown property", item, { id: "1", later: 1 }],
    ["a missing property beside an unknown one", item, { text: "", later: 1 }],
    ["a wrong type in an alternative of a union", kinds, { kind: "a", x: "wrong", later: 1 }],
    ["a wrong type that another alternative does not know", kinds, { kind: "b", y: "wrong" }],
    [
      "a wrong type that unevaluatedProperties takes for an unknown property",
      {
        anyOf: [
          { type: "object", properties: { a: { type: "integer" } }, required: ["a"] },
          { type: "object", properties: { b: { type: "integer" } }, required: ["b"] },
        ],
        unevaluatedProperties: false,
      },
      { a: "wrong", b: 1 },
    ],
    ["no alternative of a union", kinds, { kind: "c", later: 1 }],
    ["a wrong item of a list", list, [{ id: 1, later: 1 }, { id: "2" }]],
  ])("refuses %s", async (_, schema, value) => {
    expect(await respond(specOf(schema), JSON.stringify(value))).toBe("invalid-response");
  });

  test("reads an error with properties that the spec does not know, unless that is strict", async () => {
    const payload = { code: 1, later: "x" };
    expect(await respond(specOf(item), JSON.stringify(payload), "err")).toEqual({
      code: "rejected",
      payload,
    });
    expect(await respond(specOf(item, true), JSON.stringify(payload), "err")).toBe("rejected");
  });

  test("refuses to send a request with properties that the spec does not know", async () => {
    const broker = memoryBroker();
    const client = await connectTo<
      Record<string, Record<string, (request: unknown) => Promise<unknown>>>,
      string
    >(describeApi(await loadModel(specOf(item))), broker.transport(), {});
    await expect(client.endpoint("k1")["water"]?.["look"]?.({ a: 1, b: 2 })).rejects.toMatchObject({
      code: "invalid-request",
    });
    await client.close({ force: true });
  });
});

describe("a platform", () => {
  test("checks what it sends strictly: responses, errors and pushes", async () => {
    const broker = memoryBroker();
    const errors: unknown[] = [];
    let response: () => unknown = () => ({ id: 1, later: 1 });
    const platform = await createPlatformFor(
      describeApi(await loadModel(specOf(item))),
      broker.transport(),
      { water: { look: () => response() } },
      { onError: (error) => errors.push(error) },
    );
    const device = broker.transport();
    const topics: string[] = [];
    device.onMessage(({ topic }) => topics.push(topic));
    await device.subscribe(["k/water/k1/look/+/+"], 1);
    await device.publish("k/water/k1/look/1", new Uint8Array(), { qos: 1 });
    await platform.stop();
    expect(errors).toMatchObject([{ code: "invalid-response" }]);
    response = () => {
      throw new Rejection({ code: 1, later: 1 });
    };
    const again = await createPlatformFor(
      describeApi(await loadModel(specOf(item))),
      broker.transport(),
      { water: { look: () => response() } },
      { onError: (error) => errors.push(error) },
    );
    await device.publish("k/water/k1/look/2", new Uint8Array(), { qos: 1 });
    await expect(
      again.endpoint({ device: "k1" })["water"]?.["look"]?.push({ id: 1, later: 1 }),
    ).rejects.toMatchObject({ code: "invalid-response" });
    await again.stop();
    expect(errors).toHaveLength(2);
    expect(topics.filter((topic) => topic.endsWith("/ok"))).toEqual([]);
  });
});

test("a value with very many unknown properties costs a bounded number of validations", () => {
  let calls = 0;
  const validate = Object.assign(
    (value: unknown): value is unknown => {
      calls += 1;
      const [name] = Object.keys(value as object);
      validate.errors =
        name === undefined
          ? null
          : [
              {
                instancePath: "",
                schemaPath: "",
                keyword: "additionalProperties",
                params: { additionalProperty: name },
              },
            ];
      return name === undefined;
    },
    {
      errors: null as null | { instancePath: string; schemaPath: string; keyword: string; params: object }[],
    },
  );
  const value = Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`p${index}`, index]));
  validate(value);
  expect(isValidWithoutUnknown(validate as never, value)).toBe(false);
  expect(calls).toBeLessThan(500);
});

test.each<[string, object, boolean]>([
  ["a closed object", item, true],
  ["a closed object behind a reference", { $ref: "#/$defs/item", $defs: { item } }, true],
  ["unevaluatedProperties: false", { type: "object", unevaluatedProperties: false }, true],
  ["an open object", { type: "object", properties: { a: { type: "integer" } } }, false],
  ["properties of one type", { type: "object", additionalProperties: { type: "integer" } }, false],
  ["a closed object that nothing refers to", { type: "object", $defs: { item } }, false],
])(
  "a client looks for unknown properties only where a schema may refuse them: %s",
  async (_, schema, expected) => {
    const tolerance = async (path: string): Promise<boolean> => {
      const { extensions } = describeApi(await loadModel(path));
      const response = extensions[0]?.resources["look"]?.response;
      return typeof response === "object" && response.tolerate !== undefined;
    };
    expect(await tolerance(specOf(schema))).toBe(expected);
    expect(await tolerance(specOf(schema, true))).toBe(false);
  },
);
