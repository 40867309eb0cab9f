import type {
  CexCommandClient,
  CexCommandRequest,
  CexCommandResponse,
  CmxConfigResponse,
  DcxJsonRequest,
  KaaClient,
  KaaEndpoint,
  KaaErrorPayload,
  KaaTopic,
  RejectedError,
} from "kaa-device-client";
import { dcxJsonTopic, validateEpmxGetRequest } from "kaa-device-client";
import { describe, expectTypeOf, it } from "vitest";

/** Checked by the compiler: an expectation holds if this file compiles. */
type Device = KaaEndpoint;

describe("methods of a generated resource", () => {
  it("a resource with a mandatory request id has no send()", () => {
    expectTypeOf<Device["epmx"]["get"]>().not.toHaveProperty("send");
    expectTypeOf<Device["epmx"]["get"]>().toBeCallableWith({ keys: ["name"] }, { timeoutMs: 1 });
  });

  it("a resource without request ids is not callable and has send()", () => {
    expectTypeOf<Device["dcx"]["plain"]>().not.toBeFunction();
    expectTypeOf<Device["dcx"]["plain"]["send"]>().toBeCallableWith("temperature", "21C");
    expectTypeOf<Device["dcx"]["plain"]["send"]>().toBeCallableWith("temperature", 21);
  });

  it("observe() exists for resources with push, handle() for resources with answeredBy", () => {
    expectTypeOf<Device["cex"]["command"]>().toHaveProperty("observe");
    expectTypeOf<Device["cex"]["command"]>().toHaveProperty("handle");
    expectTypeOf<Device["bcx"]["token"]>().not.toHaveProperty("observe");
    expectTypeOf<Device["cex"]["result"]>().not.toHaveProperty("handle");
  });
});

describe("calls of a generated resource", () => {
  it("a call takes required levels, the request, then options with the optional levels", () => {
    expectTypeOf<CexCommandClient>().toBeCallableWith("reboot");
    expectTypeOf<CexCommandClient>().toBeCallableWith("reboot", { observe: true }, { qos: 0 });
    expectTypeOf<Device["cmx"]["config"]>().toBeCallableWith({}, { configName: "wifi" });
    expectTypeOf<Device["cmxOta"]["config"]>()
      .parameter(1)
      .exclude<undefined>()
      .not.toHaveProperty("configName");
    expectTypeOf<Device["epmx"]["getKeys"]>().toBeCallableWith({ timeoutMs: 2_000 });
  });

  it("a call resolves with the response, or undefined where the spec allows empty responses", () => {
    expectTypeOf<CexCommandClient>().returns.resolves.toEqualTypeOf<CexCommandResponse>();
    expectTypeOf<Device["cmx"]["config"]>().returns.resolves.toEqualTypeOf<CmxConfigResponse | undefined>();
    expectTypeOf<Device["dcx"]["json"]>().returns.resolves.toEqualTypeOf<void>();
  });

  it("a request that may be anything is a value that JSON can write", () => {
    interface Sample {
      readonly temperature: number;
    }
    type Json = Device["dcx"]["json"];
    expectTypeOf<Json>().toBeCallableWith({ temperature: 21, deep: { list: [1, null] } });
    expectTypeOf<Sample | Sample[] | readonly [1, "two"] | null | Date>().toExtend<Parameters<Json>[0]>();
    expectTypeOf<undefined>().not.toExtend<Parameters<Json>[0]>();
    expectTypeOf<() => number>().not.toExtend<Parameters<Json>[0]>();
    expectTypeOf<typeof Date>().not.toExtend<Parameters<Json>[0]>();
    expectTypeOf<bigint>().not.toExtend<Parameters<Json>[0]>();
    expectTypeOf<symbol>().not.toExtend<Parameters<Json>[0]>();
    expectTypeOf<unknown>().not.toExtend<Parameters<Json>[0]>();
  });

  it("a handler receives one item and returns its result without the key", () => {
    type Handler = Parameters<CexCommandClient["handle"]>[1];
    expectTypeOf<Parameters<Handler>[0]>().toEqualTypeOf<CexCommandResponse[number]>();
    expectTypeOf<{ statusCode: number }>().toExtend<Awaited<ReturnType<Handler>>>();
  });
});

describe("other generated types", () => {
  it("endpoint() takes its single parameter or an object", () => {
    expectTypeOf<KaaClient["endpoint"]>().parameter(0).toEqualTypeOf<string | { endpointToken: string }>();
  });

  it("a parsed topic is narrowed by extension and resource", () => {
    type Command = Extract<KaaTopic, { extension: "cex"; resource: "command" }>;
    expectTypeOf<Command["parameters"]["commandType"]>().toEqualTypeOf<string>();
    expectTypeOf<KaaTopic["kind"]>().toEqualTypeOf<"request" | "success" | "error">();
  });

  it("a topic builder takes all parameters and optionally a request id", () => {
    expectTypeOf(dcxJsonTopic).toBeCallableWith({ appVersion: "a", endpointToken: "t", requestId: 7 });
    // @ts-expect-error -- the token is missing
    expectTypeOf(dcxJsonTopic).toBeCallableWith({ appVersion: "a" });
  });

  it("a validator narrows its argument, and a RejectedError has a typed payload", () => {
    expectTypeOf(validateEpmxGetRequest).guards.toEqualTypeOf<{ keys?: string[] }>();
    expectTypeOf<RejectedError["payload"]>().toEqualTypeOf<KaaErrorPayload | undefined>();
    expectTypeOf<DcxJsonRequest>().toEqualTypeOf<unknown>();
    expectTypeOf<CexCommandRequest>().toEqualTypeOf<{ observe?: boolean }>();
  });
});
