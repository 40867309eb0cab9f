import type { KaaPlatform } from "kaa-device-client/platform";
import {
  type Fault,
  type Mock,
  type MockOptions,
  type ResourceName,
  startMock,
} from "kaa-device-client/testing";
import { describe, expectTypeOf, it } from "vitest";
import type * as topicsmith from "../../src/mock/index.js";

describe("startMock of a generated package", () => {
  it("takes handlers of some resources, typed by the API", () => {
    expectTypeOf(startMock).toBeCallableWith();
    expectTypeOf(startMock).toBeCallableWith({
      handlers: { epmx: { get: (request) => ({ [request?.keys?.[0] ?? "name"]: 1 }) } },
      port: 0,
    });
    expectTypeOf(startMock).toBeCallableWith({ handlers: false });
    // @ts-expect-error -- commands are a list
    const wrongResponse: MockOptions = { handlers: { cex: { command: () => ({ id: 1 }) } } };
    // @ts-expect-error -- there is no such resource
    const unknownResource: MockOptions = { handlers: { epmx: { gett: () => ({}) } } };
    // @ts-expect-error -- there is no such extension
    const unknownExtension: MockOptions = { handlers: { empx: {} } };
    // @ts-expect-error -- there is no such option
    const unknownOption: MockOptions = { prot: 1 };
    expectTypeOf([wrongResponse, unknownResource, unknownExtension, unknownOption]).toExtend<MockOptions[]>();
  });

  it("takes only resources of the API in faults", () => {
    expectTypeOf<"epmx.get" | "cmx_ota.*">().toExtend<ResourceName>();
    expectTypeOf<Mock["faults"]["next"]>().toBeCallableWith({ resource: "epmx.*", kind: "drop" });
    // @ts-expect-error -- there is no such resource
    const wrong: Fault = { resource: "epmx.gett", kind: "drop" };
    // @ts-expect-error -- there is no such resource, also from the start
    const options: MockOptions = { faults: [{ resource: "empx.*", kind: "drop" }] };
    expectTypeOf({ wrong, options }).toBeObject();
  });

  it("has the platform of the API, for pushes", () => {
    expectTypeOf<NonNullable<Mock["platform"]>>().toEqualTypeOf<KaaPlatform>();
  });
});

describe("the mock of topicsmith and that of a generated package", () => {
  it("have the same members and options", () => {
    expectTypeOf<keyof Mock>().toEqualTypeOf<keyof topicsmith.Mock>();
    expectTypeOf<Omit<Mock, "faults" | "update">>().toEqualTypeOf<
      Omit<topicsmith.Mock<KaaPlatform>, "faults" | "update">
    >();
    expectTypeOf<Fault>().toExtend<topicsmith.Fault>();
    expectTypeOf<keyof MockOptions>().toEqualTypeOf<Exclude<keyof topicsmith.MockOptions, "allow">>();
    expectTypeOf<typeof topicsmith.startMock>().toBeCallableWith({
      root: "api.yaml",
      files: { "api.yaml": {} },
    });
  });
});
