/** Checked by the compiler: each expectation holds if the file compiles. */
import type { MqttClient } from "mqtt";
import { describe, expectTypeOf, test } from "vitest";
import type {
  AnswerOf,
  Client,
  ConnectTarget,
  EndpointOf,
  Extension,
  ItemHandler,
  ItemOf,
  Observation,
  TopicBuilder,
  Transport,
} from "../../../src/runtime/index.js";

interface Open {
  version: string;
  ok?: boolean;
  [key: string]: unknown;
}

describe("types", () => {
  test("items are those of a list, or the payload itself", () => {
    expectTypeOf<ItemOf<{ id: number }[]>>().toEqualTypeOf<{ id: number }>();
    expectTypeOf<ItemOf<readonly string[]>>().toEqualTypeOf<string>();
    expectTypeOf<ItemOf<{ version?: string } | undefined>>().toEqualTypeOf<{ version?: string }>();
  });

  test("answers are an item without its key, with what is known of open ones", () => {
    expectTypeOf<AnswerOf<{ id: number; code: number; text?: string }[], "id">>().toEqualTypeOf<{
      code: number;
      text?: string;
    }>();
    expectTypeOf<AnswerOf<Open, "version">>().toEqualTypeOf<{ ok?: boolean; [key: string]: unknown }>();
    expectTypeOf<AnswerOf<{ id: 1; a: 1 } | { id: 2; b: 2 }, "id">>().toEqualTypeOf<{ a: 1 } | { b: 2 }>();
  });

  test("a handler may return nothing where nothing is needed", () => {
    expectTypeOf<(item: string) => void>().toExtend<ItemHandler<string, { ok?: boolean }>>();
    expectTypeOf<(item: string) => Promise<{ ok: true }>>().toExtend<ItemHandler<string, { ok?: boolean }>>();
    expectTypeOf<(item: string) => void>().not.toExtend<ItemHandler<string, { code: number }>>();
    expectTypeOf<(item: string) => { code: string }>().not.toExtend<ItemHandler<string, { code: number }>>();
  });

  test("a target is a URL, an mqtt.js client, or a transport", () => {
    expectTypeOf<MqttClient>().toExtend<ConnectTarget>();
    expectTypeOf<URL>().toExtend<ConnectTarget>();
    expectTypeOf<Transport>().toExtend<ConnectTarget>();
    expectTypeOf<number>().not.toExtend<ConnectTarget>();
  });

  test("an endpoint is found by what it has for parameters", () => {
    expectTypeOf<Client<1, string | { token: string }>["endpoint"]>().toBeCallableWith("T");
    expectTypeOf<Client<1, string | { token: string }>["endpoint"]>().toBeCallableWith({ token: "T" });
    // oxlint-disable-next-line typescript/no-invalid-void-type -- an API without endpoint parameters
    expectTypeOf<Client<1, void>["endpoint"]>().toBeCallableWith();
    expectTypeOf<EndpointOf<{ dcx: Extension<{ json: 1 }> }>>().toEqualTypeOf<{
      readonly dcx: { json: 1 };
    }>();
  });

  test("topics take their parameters and an id, filters any part of them", () => {
    type Builder = TopicBuilder<{ unit: string; variant?: string }>;
    expectTypeOf<Builder>().toBeCallableWith({ unit: "u", requestId: 1 });
    expectTypeOf<Builder>().parameter(0).not.toEqualTypeOf<{ variant: string }>();
    expectTypeOf<Builder["filter"]>().toBeCallableWith({ variant: "+", requestId: "+" });
    expectTypeOf<Builder["filter"]>().toBeCallableWith();
  });

  test("an observation is what `for await` takes", () => {
    expectTypeOf<Observation<number>>().toExtend<AsyncIterable<number>>();
    expectTypeOf<Observation<number>["ready"]>().toEqualTypeOf<Promise<void>>();
  });
});
