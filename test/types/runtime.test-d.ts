/** Checked by the compiler: an expectation holds if this file compiles. */
import type { MqttClient } from "mqtt";
import { describe, expectTypeOf, test } from "vitest";
import type {
  ItemResponseOf,
  Client,
  ConnectTarget,
  EndpointOf,
  Extension,
  ItemHandler,
  ItemOf,
  Observation,
  TopicBuilder,
  Transport,
} from "../../src/runtime/index.js";

interface Open {
  version: string;
  ok?: boolean;
  [key: string]: unknown;
}

describe("types of the runtime", () => {
  test("ItemOf is the element type of a list payload, otherwise the payload itself", () => {
    expectTypeOf<ItemOf<{ id: number }[]>>().toEqualTypeOf<{ id: number }>();
    expectTypeOf<ItemOf<readonly string[]>>().toEqualTypeOf<string>();
    expectTypeOf<ItemOf<{ version?: string } | undefined>>().toEqualTypeOf<{ version?: string }>();
  });

  test("ItemResponseOf is the item type without its key, open types included", () => {
    expectTypeOf<ItemResponseOf<{ id: number; code: number; text?: string }[], "id">>().toEqualTypeOf<{
      code: number;
      text?: string;
    }>();
    expectTypeOf<ItemResponseOf<Open, "version">>().toEqualTypeOf<{ ok?: boolean; [key: string]: unknown }>();
    expectTypeOf<ItemResponseOf<{ id: 1; a: 1 } | { id: 2; b: 2 }, "id">>().toEqualTypeOf<
      { a: 1 } | { b: 2 }
    >();
  });

  test("an ItemHandler may return nothing if no property of the result is required", () => {
    expectTypeOf<(item: string) => void>().toExtend<ItemHandler<string, { ok?: boolean }>>();
    expectTypeOf<(item: string) => Promise<{ ok: true }>>().toExtend<ItemHandler<string, { ok?: boolean }>>();
    expectTypeOf<(item: string) => void>().not.toExtend<ItemHandler<string, { code: number }>>();
    expectTypeOf<(item: string) => { code: string }>().not.toExtend<ItemHandler<string, { code: number }>>();
  });

  test("a ConnectTarget is a URL, an mqtt.js client or a transport", () => {
    expectTypeOf<MqttClient>().toExtend<ConnectTarget>();
    expectTypeOf<URL>().toExtend<ConnectTarget>();
    expectTypeOf<Transport>().toExtend<ConnectTarget>();
    expectTypeOf<number>().not.toExtend<ConnectTarget>();
  });

  test("endpoint() takes the endpoint parameters of the API", () => {
    expectTypeOf<Client<1, string | { token: string }>["endpoint"]>().toBeCallableWith("T");
    expectTypeOf<Client<1, string | { token: string }>["endpoint"]>().toBeCallableWith({ token: "T" });
    // oxlint-disable-next-line typescript/no-invalid-void-type -- an API without endpoint parameters
    expectTypeOf<Client<1, void>["endpoint"]>().toBeCallableWith();
    expectTypeOf<EndpointOf<{ dcx: Extension<{ json: 1 }> }>>().toEqualTypeOf<{
      readonly dcx: { json: 1 };
    }>();
  });

  test("a topic takes all parameters and an id, a filter takes any of them", () => {
    type Builder = TopicBuilder<{ unit: string; variant?: string }>;
    expectTypeOf<Builder>().toBeCallableWith({ unit: "u", requestId: 1 });
    expectTypeOf<Builder>().parameter(0).not.toEqualTypeOf<{ variant: string }>();
    expectTypeOf<Builder["filter"]>().toBeCallableWith({ variant: "+", requestId: "+" });
    expectTypeOf<Builder["filter"]>().toBeCallableWith();
  });

  test("an Observation is an AsyncIterable", () => {
    expectTypeOf<Observation<number>>().toExtend<AsyncIterable<number>>();
    expectTypeOf<Observation<number>["ready"]>().toEqualTypeOf<Promise<void>>();
  });
});
