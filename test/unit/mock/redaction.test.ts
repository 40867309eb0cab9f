/** Redaction of secrets in the mock's output. */
import { expect, test } from "vitest";
import { pseudonyms, createRedactor } from "../../../src/mock/redactor.js";
import { Explainer } from "../../../src/mock/explainer.js";
import { describeApi } from "../../../src/mock/describe-api.js";
import { loadModel } from "../../../src/mock/load-model.js";
import { MessageReader } from "../../../src/mock/message-reader.js";
import { TrafficLogger } from "../../../src/mock/traffic-logger.js";

const model = await loadModel("spec/kaa/kaa.yaml");
const api = describeApi(model);
const reader = new MessageReader(api);
const payload = (text: string): Uint8Array => new TextEncoder().encode(text);

test.each([
  ["kp1/v1/dkx/s3cret/json", "kp1/v1/dkx/***/json"],
  ["kp1/v1/dcx/s3cret", "kp1/v1/dcx/***"],
  // Without a secret at its usual level, it may be any of the levels.
  ["KP1/v1/dcx/s3cret/json", "***/***/dcx/***/json"],
  ["v1/dcx/s3cret/json", "***/dcx/***/json"],
  ["kp1/v1/s3cret/dcx/json", "kp1/***/***/dcx/json"],
  ["$share/s3cret/kp1/v1/dcx/+/json", "$share/***/kp1/v1/dcx/+/json"],
  ["+/+/+/s3cret/#", "+/+/+/***/#"],
  // Wildcards are not secrets.
  ["kp1/+/dcx/+/json/#", "kp1/+/dcx/+/json/#"],
  ["kp1/v1/dcx/#", "kp1/v1/dcx/#"],
])("a redactor prints the topic %s as %s", (topic, redacted) => {
  expect(createRedactor(api).topic(topic)).toBe(redacted);
});

test("a redactor replaces a secret that it saw in a topic by the same pseudonym in any text", () => {
  const redactor = createRedactor(api, { inTopics: pseudonyms("endpoint") });
  const message = reader.message("kp1/v1/dcx/s3cret/json", payload("1"));
  expect(redactor.parameters(message!)).toEqual({ appVersion: "v1", endpointToken: "endpoint-1" });
  expect(redactor.topic("KP1/v1/s3cret")).toBe("***/***/endpoint-1");
  expect(redactor.text("no device called s3cret")).toBe("no device called endpoint-1");
  expect([redactor.client("s3cret"), redactor.client("other"), redactor.client("s3cret")]).toEqual([
    "client-1",
    "client-2",
    "client-1",
  ]);
});

test("traffic lines contain neither client ids nor control characters", () => {
  const traffic = new TrafficLogger({
    reader,
    redactor: createRedactor(api),
    color: false,
    explainer: new Explainer(model, reader),
    relays: true,
  });
  const origin = {};
  const lines = [
    traffic.line({ kind: "connected", client: "s3cret", origin }),
    traffic.line({
      kind: "received",
      client: "s3cret",
      origin,
      qos: 0,
      receivers: 0,
      topic: "kp1/\u001b[31mred\nforged/dcx/s3cret/json",
      payload: payload('"\u202e\u009b"'),
    }),
  ];
  expect(lines.join("")).not.toMatch(/s3cret|[\p{Cc}\p{Cf}]/u);
  expect(lines[0]).toContain("client-1 connected");
});
