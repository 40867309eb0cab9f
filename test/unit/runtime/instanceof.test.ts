import { describe, expect, test, vi } from "vitest";
import * as runtime from "../../../src/runtime/index.js";
import * as platform from "../../../src/runtime/platform.js";

/** A second copy of the runtime, as another generated package has one. */
async function copyOfRuntime() {
  vi.resetModules();
  return {
    ...(await import("../../../src/runtime/index.js")),
    ...(await import("../../../src/runtime/platform.js")),
  };
}

describe("instanceof between two copies of the runtime", () => {
  test("holds for the same class and its base classes", async () => {
    const copy = await copyOfRuntime();
    expect(copy.TopicsmithError).not.toBe(runtime.TopicsmithError);
    const rejected = new copy.RejectedError("no");
    expect(rejected instanceof runtime.RejectedError).toBe(true);
    expect(rejected instanceof runtime.TopicsmithError).toBe(true);
    expect(new copy.Rejection({}) instanceof platform.Rejection).toBe(true);
  });

  test("does not hold for other classes", async () => {
    const copy = await copyOfRuntime();
    expect(new copy.TopicsmithError("closed", "") instanceof runtime.RejectedError).toBe(false);
    expect(new copy.Rejection({}) instanceof runtime.TopicsmithError).toBe(false);
    for (const value of [undefined, null, "TopicsmithError", {}, new Error("TopicsmithError")])
      expect(value instanceof runtime.TopicsmithError).toBe(false);
    const namesake = Object.assign(new Error("no"), { name: "Rejection", payload: {} });
    expect(namesake instanceof platform.Rejection).toBe(false);
  });

  test("matches a subclass only by its prototype", async () => {
    const copy = await copyOfRuntime();
    class Timeout extends runtime.TopicsmithError {}
    expect(new Timeout("timeout", "") instanceof Timeout).toBe(true);
    expect(new Timeout("timeout", "") instanceof copy.TopicsmithError).toBe(true);
    expect(new runtime.TopicsmithError("timeout", "") instanceof Timeout).toBe(false);
    expect(new copy.TopicsmithError("timeout", "") instanceof Timeout).toBe(false);
  });
});

describe("TopicsmithError.from", () => {
  test("returns errors of any copy of the runtime as they are", async () => {
    const copy = await copyOfRuntime();
    const rejected = new copy.RejectedError("no");
    expect(runtime.TopicsmithError.from(rejected)).toBe(rejected);
  });

  test.each([
    [new RangeError("too far"), "too far"],
    ["text", "text"],
    [undefined, "undefined"],
  ])("wraps %s", (thrown, message) => {
    const error = runtime.TopicsmithError.from(thrown);
    expect(error).toMatchObject({ name: "TopicsmithError", code: "unknown", message });
    expect(error.cause).toBe(thrown);
  });

  test("wraps a value without a string form", () => {
    const thrown: unknown = Object.create(null);
    expect(runtime.TopicsmithError.from(thrown)).toMatchObject({ code: "unknown", message: "unknown error" });
  });
});

describe("isRejected", () => {
  test("holds for error responses of any copy of the runtime, and narrows to their payload", async () => {
    const copy = await copyOfRuntime();
    const error: unknown = new copy.RejectedError("no", { payload: { statusCode: 403 } });
    expect(runtime.isRejected<{ statusCode: number }>(error) && error.payload?.statusCode).toBe(403);
  });

  test.each([
    ["another error of the library", new runtime.TopicsmithError("timeout", "late")],
    ["an error with the code of an error response", Object.assign(new Error("no"), { code: "rejected" })],
    ["no error", { code: "rejected", payload: {} }],
    ["nothing", undefined],
  ])("does not hold for %s", (_, value) => {
    expect(runtime.isRejected(value)).toBe(false);
  });
});
