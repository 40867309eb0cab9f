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

// Checked by `npm run typecheck`; at run time these do nothing.
type Device = KaaEndpoint;

describe("what a resource does not offer is not there", () => {
  it("a resource that requires an id has no send", () => {
    expectTypeOf<Device["epmx"]["get"]>().not.toHaveProperty("send");
    expectTypeOf<Device["epmx"]["get"]>().toBeCallableWith({ keys: ["name"] }, { timeoutMs: 1 });
  });

  it("a resource without ids can not be called", () => {
    expectTypeOf<Device["dcx"]["plain"]>().not.toBeFunction();
    expectTypeOf<Device["dcx"]["plain"]["send"]>().toBeCallableWith("temperature", "21C");
    expectTypeOf<Device["dcx"]["plain"]["send"]>().toBeCallableWith("temperature", 21);
  });

  it("only a resource that pushes can be observed, only one that is answered can be handled", () => {
    expectTypeOf<Device["cex"]["command"]>().toHaveProperty("observe");
    expectTypeOf<Device["cex"]["command"]>().toHaveProperty("handle");
    expectTypeOf<Device["bcx"]["token"]>().not.toHaveProperty("observe");
    expectTypeOf<Device["cex"]["result"]>().not.toHaveProperty("handle");
  });
});

describe("calls", () => {
  it("take required levels, the request, then options with the levels that may be left out", () => {
    expectTypeOf<CexCommandClient>().toBeCallableWith("reboot");
    expectTypeOf<CexCommandClient>().toBeCallableWith("reboot", { observe: true }, { qos: 0 });
    expectTypeOf<Device["cmx"]["config"]>().toBeCallableWith({}, { configName: "wifi" });
    expectTypeOf<Device["cmxOta"]["config"]>()
      .parameter(1)
      .exclude<undefined>()
      .not.toHaveProperty("configName");
    expectTypeOf<Device["epmx"]["getKeys"]>().toBeCallableWith({ timeoutMs: 2_000 });
  });

  it("resolve with the response, with undefined where it may mean nothing, with nothing where it is empty", () => {
    expectTypeOf<CexCommandClient>().returns.resolves.toEqualTypeOf<CexCommandResponse>();
    expectTypeOf<Device["cmx"]["config"]>().returns.resolves.toEqualTypeOf<CmxConfigResponse | undefined>();
    expectTypeOf<Device["dcx"]["json"]>().returns.resolves.toEqualTypeOf<void>();
  });

  it("give handlers one item, and fill its key in", () => {
    type Handler = Parameters<CexCommandClient["handle"]>[1];
    expectTypeOf<Parameters<Handler>[0]>().toEqualTypeOf<CexCommandResponse[number]>();
    expectTypeOf<{ statusCode: number }>().toExtend<Awaited<ReturnType<Handler>>>();
  });
});

describe("the rest", () => {
  it("an endpoint takes its one parameter, or an object", () => {
    expectTypeOf<KaaClient["endpoint"]>().parameter(0).toEqualTypeOf<string | { endpointToken: string }>();
  });

  it("a parsed topic is told apart by its names", () => {
    type Command = Extract<KaaTopic, { extension: "cex"; resource: "command" }>;
    expectTypeOf<Command["parameters"]["commandType"]>().toEqualTypeOf<string>();
    expectTypeOf<KaaTopic["kind"]>().toEqualTypeOf<"request" | "success" | "error">();
  });

  it("a topic needs its parameters, and may have an id", () => {
    expectTypeOf(dcxJsonTopic).toBeCallableWith({ appVersion: "a", endpointToken: "t", requestId: 7 });
    // @ts-expect-error -- the token is missing
    expectTypeOf(dcxJsonTopic).toBeCallableWith({ appVersion: "a" });
  });

  it("a validator narrows, and a rejection has a typed payload", () => {
    expectTypeOf(validateEpmxGetRequest).guards.toEqualTypeOf<{ keys?: string[] }>();
    expectTypeOf<RejectedError["payload"]>().toEqualTypeOf<KaaErrorPayload | undefined>();
    expectTypeOf<DcxJsonRequest>().toEqualTypeOf<unknown>();
    expectTypeOf<CexCommandRequest>().toEqualTypeOf<{ observe?: boolean }>();
  });
});
