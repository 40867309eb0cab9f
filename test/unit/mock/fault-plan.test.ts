import { beforeEach, describe, expect, test } from "vitest";
import { describeApi } from "../../../src/mock/describe-api.js";
import { type Fault, faultKinds } from "../../../src/mock/check-fault.js";
import { FaultPlan, type FaultTarget, randomFrom } from "../../../src/mock/fault-plan.js";
import { loadModel } from "../../../src/mock/load-model.js";
import { MessageReader } from "../../../src/mock/message-reader.js";

const reader = new MessageReader(describeApi(await loadModel("spec/kaa/kaa.yaml")));

function target(path: string, expectsResponse = true): FaultTarget {
  const parsed = reader.find(`kp1/demo-v1/${path}`, new Uint8Array());
  if (!parsed) throw new Error(`unknown topic ${path}`);
  return { ...parsed, expectsResponse };
}

describe("a fault plan", () => {
  let plan: FaultPlan;
  beforeEach(() => {
    plan = new FaultPlan(reader.resources);
  });

  test.each<[Fault, path: string, injected: boolean]>([
    [{ kind: "drop" }, "epmx/T/get/1", true],
    [{ kind: "drop", resource: "*" }, "epmx/T/get/1", true],
    [{ kind: "drop", resource: "epmx.get" }, "epmx/T/get/1", true],
    [{ kind: "drop", resource: "epmx.get" }, "epmx/T/get/keys/1", false],
    [{ kind: "drop", resource: "epmx.*" }, "epmx/T/get/keys/1", true],
    [{ kind: "drop", resource: "epmx.*" }, "dcx/T/json/1", false],
    [{ kind: "drop", parameters: { endpointToken: "T" } }, "epmx/T/get/1", true],
    [{ kind: "drop", parameters: { endpointToken: "U" } }, "epmx/T/get/1", false],
    [{ kind: "refuse-subscribe" }, "epmx/T/get/1", false],
  ])("injects %j into %s: %s", (fault, path, injected) => {
    plan.next(fault);
    expect(plan.shouldInject(target(path))).toEqual(injected ? fault : undefined);
  });

  test.each(faultKinds)("injects the fault %s into a send only if it needs no response", (kind) => {
    plan.next({ kind });
    const injected = ["drop", "error", "disconnect"].includes(kind);
    expect(plan.shouldInject(target("dcx/T/json", false)) !== undefined).toBe(injected);
  });

  test("injects the first matching fault, and no other", () => {
    const [first, second] = [plan.next({ kind: "drop" }), plan.next({ kind: "delay" })];
    expect(plan.shouldInject(target("epmx/T/get/1"))?.kind).toBe("drop");
    expect([first.triggered, second.triggered]).toEqual([1, 0]);
    expect(plan.active).toEqual([second]);
  });

  test.each<[Fault, filter: string, refused: boolean]>([
    [{ kind: "refuse-subscribe", resource: "epmx.get" }, "kp1/demo-v1/epmx/T/get/+/status", true],
    [{ kind: "refuse-subscribe", resource: "epmx.get" }, "kp1/#", true],
    [{ kind: "refuse-subscribe", resource: "epmx.get" }, "kp1/demo-v1/dcx/T/json/+/status", false],
    [
      { kind: "refuse-subscribe", parameters: { endpointToken: "U" } },
      "kp1/demo-v1/epmx/T/get/+/status",
      false,
    ],
    [{ kind: "drop" }, "kp1/#", false],
  ])("refuses by %j a subscription to %s: %s", (fault, filter, refused) => {
    plan.next(fault);
    expect(plan.shouldRefuse(filter)).toBe(refused);
    expect(plan.active).toHaveLength(refused ? 0 : 1);
  });
});

test("randomFrom returns the same numbers from 0 to below 1 for the same seed", () => {
  const numbersOf = (seed: number): number[] => Array.from({ length: 1_000 }, randomFrom(seed));
  const numbers = numbersOf(7);
  expect(numbersOf(7)).toEqual(numbers);
  expect(numbersOf(8)).not.toEqual(numbers);
  expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true);
  expect(new Set(numbers).size).toBeGreaterThan(990);
});
