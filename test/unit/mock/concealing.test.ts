/** What a mock shows of secrets, and of what a terminal would obey. */
import { expect, test } from "vitest";
import { pseudonyms, createRedactor } from "../../../src/mock/redactor.js";
import { describeApi } from "../../../src/mock/descriptors.js";
import { loadModel } from "../../../src/mock/load-model.js";
import { MessageReader } from "../../../src/mock/message-reader.js";
import { Traffic } from "../../../src/mock/traffic.js";

const api = describeApi(await loadModel("spec/kaa/kaa.yaml"));
const reader = new MessageReader(api);
const payload = (text: string): Uint8Array => new TextEncoder().encode(text);

test.each([
  ["kp1/v1/dkx/s3cret/json", "kp1/v1/dkx/***/json"],
  ["kp1/v1/dcx/s3cret", "kp1/v1/dcx/***"],
  // A secret in a place of its own can be any of the levels.
  ["KP1/v1/dcx/s3cret/json", "***/***/dcx/***/json"],
  ["v1/dcx/s3cret/json", "***/dcx/***/json"],
  ["kp1/v1/s3cret/dcx/json", "kp1/***/***/dcx/json"],
  ["$share/s3cret/kp1/v1/dcx/+/json", "$share/***/kp1/v1/dcx/+/json"],
  ["+/+/+/s3cret/#", "+/+/+/***/#"],
  // Wildcards are no secrets.
  ["kp1/+/dcx/+/json/#", "kp1/+/dcx/+/json/#"],
  ["kp1/v1/dcx/#", "kp1/v1/dcx/#"],
])("of %s it shows %s", (topic, shown) => {
  expect(createRedactor(api).topic(topic)).toBe(shown);
});

test("a secret that was seen in its place is known wherever else it stands, by the same name", () => {
  const conceal = createRedactor(api, { inTopics: pseudonyms("endpoint") });
  const message = reader.message("kp1/v1/dcx/s3cret/json", payload("1"));
  expect(conceal.parameters(message!)).toEqual({ appVersion: "v1", endpointToken: "endpoint-1" });
  expect(conceal.topic("KP1/v1/s3cret")).toBe("***/***/endpoint-1");
  expect(conceal.text("nobody is called s3cret here")).toBe("nobody is called endpoint-1 here");
  expect([conceal.client("s3cret"), conceal.client("other"), conceal.client("s3cret")]).toEqual([
    "client-1",
    "client-2",
    "client-1",
  ]);
});

test("live traffic has no client's id, and nothing that a terminal would obey", () => {
  const traffic = new Traffic({ reader, concealer: createRedactor(api), color: false });
  const origin = {};
  const lines = [
    traffic.line({ kind: "connected", client: "s3cret", origin }),
    traffic.line({
      kind: "received",
      client: "s3cret",
      origin,
      qos: 0,
      topic: "kp1/\u001b[31mred\nforged/dcx/s3cret/json",
      payload: payload('"\u202e\u009b"'),
    }),
  ];
  expect(lines.join("")).not.toMatch(/s3cret|[\p{Cc}\p{Cf}]/u);
  expect(lines[0]).toContain("client-1 connected");
});
