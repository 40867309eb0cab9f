/** Lists with an item that does not match its schema. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  type ClientEvents,
  type ClientOptions,
  connectTo,
  defineExtension,
  defineObservable,
  defineResource,
  defineTopic,
  type HandleOptions,
  type HandlerRegistration,
  memoryBroker,
  type Observation,
} from "../../../../src/runtime/index.js";
import { protocol, validator } from "../greenhouse-api.js";
import { outcome, tick } from "../in-memory-device.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

interface Job {
  id: number;
  task?: string;
}

const isJob = (value: unknown): boolean =>
  typeof value === "object" &&
  value !== null &&
  typeof Reflect.get(value, "id") === "number" &&
  ["undefined", "string"].includes(typeof Reflect.get(value, "task"));

const topic = (resource: string) =>
  defineTopic<Record<string, string>>(protocol, {
    extension: "climate",
    resource,
    template: `gh/{site}/climate/{unit}/${resource}[/{requestId}]`,
  });

const resources = {
  jobs: defineObservable(topic("jobs"), {
    requestId: "optional",
    qos: 1,
    request: { type: "json", optional: true },
    response: {
      type: "json",
      validate: validator(
        (value) => Array.isArray(value) && value.length < 5 && value.every(isJob),
        "must be a list of jobs",
      ),
      items: validator(isJob, "must be a job"),
    },
    push: { on: { watch: true } },
    answeredBy: { resource: "results", key: "id", failure: { code: 500, text: "{message}" } },
  }),
  results: defineResource(topic("results"), {
    requestId: "none",
    qos: 1,
    request: {
      type: "json",
      validate: validator(
        (value) =>
          Array.isArray(value) && value.every((item) => typeof Reflect.get(Object(item), "id") === "number"),
        "must have ids",
      ),
    },
  }),
};

interface Unit {
  climate: {
    jobs: {
      (): Promise<Job[]>;
      observe(): Observation<Job[]>;
      handle(handler: (item: Job) => object, options?: HandleOptions): Promise<HandlerRegistration>;
    };
  };
}

async function create(options: Partial<ClientOptions> = {}) {
  const broker = memoryBroker();
  const platform = broker.transport();
  const results: unknown[] = [];
  const invalid: ClientEvents["invalid-response"][] = [];
  let first: unknown = [];
  await platform.subscribe(["gh/#"], 1);
  platform.onMessage(({ topic: to, payload }) => {
    if (to.endsWith("/ok")) return;
    if (to.includes("/results")) results.push(...JSON.parse(new TextDecoder().decode(payload)));
    else void platform.publish(`${to}/ok`, new TextEncoder().encode(JSON.stringify(first)), { qos: 1 });
  });
  const client = await connectTo<Unit, string>(
    { protocol, extensions: [defineExtension({ key: "climate", name: "climate", resources })] },
    broker.transport(),
    { site: "north", ...options } as ClientOptions,
  );
  client.on("invalid-response", (detail) => invalid.push(detail));
  const { jobs } = client.endpoint("s3cret").climate;
  return {
    client,
    jobs,
    results,
    invalid,
    respondWith: (value: unknown) => (first = value),
    push: async (value: unknown): Promise<void> => {
      const body = new TextEncoder().encode(JSON.stringify(value));
      await platform.publish("gh/north/climate/s3cret/jobs/ok", body, { qos: 1 });
      await vi.advanceTimersByTimeAsync(5);
    },
  };
}

describe("one invalid item of a list", () => {
  test.each(["the response", "a push"])("of %s does not hide the others from a handler", async (way) => {
    const { jobs, results, invalid, respondWith, push } = await create();
    const ran: number[] = [];
    const errors: unknown[] = [];
    const list = [{ id: 1 }, { id: 2, task: 7 }, { id: 3, task: "open" }];
    if (way === "the response") respondWith(list);
    const handler = ({ id }: Job): object => {
      ran.push(id);
      return { code: 200 };
    };
    const handling = outcome(jobs.handle(handler, { onError: (error) => errors.push(error) }));
    await vi.advanceTimersByTimeAsync(5);
    expect(handling.state).toBe("resolved");
    if (way === "a push") await push(list);
    expect(ran).toEqual([1, 3]);
    expect(results).toHaveLength(3);
    expect(results).toEqual(
      expect.arrayContaining([
        { code: 200, id: 1 },
        { code: 500, id: 2, text: expect.stringContaining("/1 must be a job") },
        { code: 200, id: 3 },
      ]),
    );
    expect(invalid).toMatchObject([{ resource: "climate.jobs", errors: [{ instancePath: "/1" }] }]);
    expect(errors).toMatchObject([{ code: "invalid-response", resource: "climate.jobs" }]);
  });

  test.each([
    ["before", [{ id: 1, task: 7 }, { id: 1 }]],
    ["after", [{ id: 1 }, { id: 1, task: 7 }]],
  ])("%s a valid one with the same key does not hide that", async (_name, list) => {
    const { jobs, results, invalid, push } = await create();
    const handler = vi.fn(() => ({ code: 200 }));
    void outcome(jobs.handle(handler));
    await tick();
    await push(list);
    expect(handler).toHaveBeenCalledTimes(1);
    expect(new Set(results.map((result) => JSON.stringify(result)))).toEqual(
      new Set(['{"code":200,"id":1}']),
    );
    expect(invalid).toHaveLength(1);
  });

  test("is answered once, and with the same failure when it comes again", async () => {
    const { jobs, results, push } = await create();
    void outcome(jobs.handle(() => ({ code: 200 })));
    await tick();
    await push([{ id: 2, task: 7 }]);
    await push([{ id: 2, task: 7 }]);
    expect(results).toHaveLength(2);
    expect(results[0]).toEqual(results[1]);
  });

  test.each([
    ["has no key", { task: 7 }],
    ["has a key of another type", { id: "x" }],
    ["is no object", 7],
    ["is null", null],
  ])("that %s is reported and not answered", async (_name, item) => {
    const { jobs, results, invalid, push } = await create();
    const errors: unknown[] = [];
    void outcome(jobs.handle(() => ({ code: 200 }), { onError: (error) => errors.push(error) }));
    await tick();
    await push([item, { id: 1 }]);
    expect(results).toEqual([{ code: 200, id: 1 }]);
    expect(invalid).toHaveLength(1);
    expect(errors[0]).toMatchObject({ code: "invalid-response" });
  });

  test("is left out of what an observation yields, and a list of only such items yields nothing", async () => {
    const { jobs, invalid, push } = await create();
    const observation = jobs.observe();
    await tick();
    await observation.ready;
    expect(await observation.next()).toEqual({ done: false, value: [] });
    await push([{ task: 1 }]);
    await push([{ id: 1 }, { id: "s3cret" }]);
    expect(await observation.next()).toEqual({ done: false, value: [{ id: 1 }] });
    expect(invalid).toHaveLength(2);
  });

  test.each([
    ["that is too long", [1, 2, 3, 4, 5].map((id) => ({ id }))],
    ["that is no list", { id: 1 }],
  ])("is not the problem of a value %s, which is refused as a whole", async (_name, value) => {
    const { jobs, invalid, push } = await create();
    const ran: unknown[] = [];
    void outcome(jobs.handle((item) => (ran.push(item), {})));
    await tick();
    await push(value);
    expect(ran).toEqual([]);
    expect(invalid).toMatchObject([{ errors: [{ message: "must be a list of jobs" }] }]);
  });

  test("fails a call, whose type is the whole list", async () => {
    const { jobs, respondWith } = await create();
    respondWith([{ id: 1 }, { id: "x" }]);
    const call = outcome(jobs());
    await vi.advanceTimersByTimeAsync(5);
    expect(call.error).toMatchObject({ code: "invalid-response" });
  });

  test.each(["report", "off"] as const)(
    "is delivered with the others if responses is %s",
    async (responses) => {
      const { jobs, push } = await create({ responses });
      const observation = jobs.observe();
      await tick();
      await observation.next();
      const list = [{ id: 1 }, { id: "x" }];
      await push(list);
      expect(await observation.next()).toEqual({ done: false, value: list });
    },
  );
});
