import { trace } from "@opentelemetry/api";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import { afterEach, expect, test } from "vitest";
import { connect, memoryBroker } from "kaa-device-client";
import { traced } from "../../examples/tracing.js";

afterEach(() => {
  trace.disable();
});

test("examples/tracing.ts makes a span of each call, with the token redacted", async () => {
  const exporter = new InMemorySpanExporter();
  trace.setGlobalTracerProvider(
    new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }),
  );
  const broker = memoryBroker();
  const platform = broker.transport();
  await platform.subscribe(["kp1/#"], 1);
  platform.onMessage(({ topic }) => {
    const reply = topic.includes("/epmx/") ? "error" : "status";
    const body = new TextEncoder().encode(
      reply === "error" ? '{"statusCode":404,"reasonPhrase":"none"}' : "",
    );
    if (/\/[0-9]+$/.test(topic)) void platform.publish(`${topic}/${reply}`, body, { qos: 0 });
  });
  const kaa = await connect(broker.transport(), { appVersion: "v1", middleware: traced });
  const device = kaa.endpoint("t0ken-t0ken");
  await device.dcx.json({ temperature: 21 });
  await expect(device.epmx.get({ keys: ["name"] })).rejects.toMatchObject({ code: "rejected" });
  await kaa.close();
  const spans = exporter
    .getFinishedSpans()
    .map(({ name, attributes, status }) => ({ name, attributes, status }));
  const attributes = {
    "messaging.system": "mqtt",
    "mqtt.parameter.appVersion": "v1",
    "mqtt.parameter.endpointToken": "***",
  };
  expect(spans).toMatchObject([
    { name: "call dcx.json", attributes, status: { code: 0 } },
    { name: "call epmx.get", attributes: { ...attributes, "error.type": "rejected" }, status: { code: 2 } },
  ]);
  expect(JSON.stringify(spans)).not.toContain("t0ken");
});
