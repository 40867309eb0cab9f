/** The state table in the head of observer-registration.ts: state x event -> state, effects. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { TopicsmithError } from "../../../../src/runtime/errors.js";
import { ObserverRegistration } from "../../../../src/runtime/client/observer-registration.js";
import { fakeRequest, fakeSession, fakeTarget, resources, type FakeSession } from "./fake-session.js";
import { tick } from "../in-memory-device.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

type State = "registering" | "registered" | "renewing" | "ended";

const bytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const target = fakeTarget(resources.mode);

function create({
  withId = true,
  timeoutMs = 2_000,
  session = fakeSession(),
  filters = [] as readonly string[],
} = {}) {
  const events: unknown[] = [];
  const stopPushes = vi.fn(() => Promise.resolve());
  const registration = new ObserverRegistration(
    session,
    { ...fakeRequest({ target, withId, timeoutMs, filters }), stopPushes },
    {
      onRegistered: () => void events.push("registered"),
      onValue: (value) => void events.push(value),
      onEnd: (error) => void events.push(`end ${error?.code ?? "without an error"}`),
    },
  );
  return { session, registration, events, stopPushes };
}

type Fixture = ReturnType<typeof create>;

/** A response with the id of the request. */
function respond({ session }: Fixture, kind: "success" | "error", value: unknown): void {
  session.correlation.deliver(session.published[0]!.topic, kind, bytes(value));
}

/** A message without an id. */
function push({ session }: Fixture, kind: "success" | "error", value: unknown): boolean[] {
  const observers = session.observers.get(target.base)?.observers ?? [];
  return Array.from(observers, (observer) => observer(kind, bytes(value)));
}

function loseSession(session: FakeSession): void {
  session.connection = 2;
  for (const request of session.inFlight.values()) request.reconnected?.(false);
}

async function enter(state: State, withId: boolean): Promise<Fixture> {
  const fixture = create({ withId });
  fixture.registration.start();
  if (state !== "registering") {
    if (withId) respond(fixture, "success", []);
    else fixture.session.published[0]!.acknowledge();
    await tick();
  }
  if (state === "renewing") loseSession(fixture.session);
  if (state === "ended") await fixture.registration.stop();
  fixture.events.length = 0;
  return fixture;
}

const happenings: Readonly<Record<string, (fixture: Fixture) => unknown>> = {
  "the broker acknowledges": ({ session }) => session.published.at(-1)?.acknowledge(),
  "the platform responds": (fixture) => respond(fixture, "success", [1]),
  "the platform refuses": (fixture) => respond(fixture, "error", { code: 1 }),
  "a push arrives": (fixture) => push(fixture, "success", [2]),
  "an unreadable push arrives": (fixture) => push(fixture, "success", "no list"),
  "an error without an id arrives": (fixture) => push(fixture, "error", { code: 1 }),
  "the session is lost": ({ session }) => loseSession(session),
  timeout: () => vi.advanceTimersByTimeAsync(2_000),
  stop: ({ registration }) => registration.stop(),
  close: ({ session }) => {
    for (const request of session.inFlight.values()) if (request.longLived) request.end();
  },
};

describe("the transitions of a registration", () => {
  test.each<[string, boolean, State, string, readonly unknown[], number]>([
    ["with an id", true, "registering", "the broker acknowledges", [], 1],
    ["with an id", true, "registering", "the platform responds", ["registered", [1]], 1],
    ["with an id", true, "registering", "the platform refuses", ["end rejected"], 1],
    ["with an id", true, "registering", "a push arrives", [[2]], 1],
    ["with an id", true, "registering", "an error without an id arrives", [], 1],
    ["with an id", true, "registering", "timeout", ["end timeout"], 1],
    ["with an id", true, "registered", "timeout", [], 1],
    ["with an id", true, "registered", "a push arrives", [[2]], 1],
    ["with an id", true, "registered", "an unreadable push arrives", [], 1],
    ["with an id", true, "registered", "the session is lost", [], 2],
    ["with an id", true, "registered", "stop", ["end without an error"], 1],
    ["with an id", true, "registered", "close", ["end without an error"], 1],
    ["with an id", true, "renewing", "timeout", [], 3],
    ["with an id", true, "renewing", "the platform responds", ["registered", [1]], 2],
    ["with an id", true, "renewing", "the platform refuses", [], 2],
    ["with an id", true, "ended", "the platform responds", [], 1],
    ["with an id", true, "ended", "stop", [], 1],
    ["without an id", false, "registering", "the broker acknowledges", ["registered"], 1],
    ["without an id", false, "registering", "an error without an id arrives", ["end rejected"], 1],
    ["without an id", false, "registered", "an error without an id arrives", ["end rejected"], 1],
    ["without an id", false, "renewing", "the broker acknowledges", ["registered"], 2],
  ])("%s (%s): %s, %s", async (_name, withId, state, happening, effects, attempts) => {
    const fixture = await enter(state, withId);
    await happenings[happening]!(fixture);
    await tick();
    expect(fixture.events).toEqual(effects);
    expect(fixture.session.published).toHaveLength(attempts);
  });

  test("an error without an id is not a response once a push has arrived", async () => {
    const fixture = await enter("registered", false);
    expect(push(fixture, "success", [1])).toEqual([true]);
    expect(push(fixture, "error", { code: 1 })).toEqual([false]);
    expect(fixture.events).toEqual([[1]]);
  });

  test.each([true, false])(
    "a renewal that is refused is repeated with growing pauses until it succeeds (with an id: %s)",
    async (withId) => {
      const fixture = await enter("renewing", withId);
      const { session, events } = fixture;
      const refused: unknown[] = [];
      session.events.on("observation-refused", (detail) => refused.push(detail));
      vi.spyOn(Math, "random").mockReturnValue(1);
      for (const [index, pause] of [2_000, 4_000, 8_000].entries()) {
        if (!withId) session.published.at(-1)!.acknowledge();
        await tick();
        // The second one is a copy, and counts as nothing.
        for (let copy = 0; copy < 2; copy += 1)
          if (withId) respond(fixture, "error", { code: 9 });
          else push(fixture, "error", { code: 9 });
        expect(refused).toHaveLength(index + 1);
        expect(refused.at(-1)).toMatchObject({
          resource: "climate.mode",
          parameters: { unit: "***" },
          error: { code: "rejected" },
          retryMs: pause,
        });
        await vi.advanceTimersByTimeAsync(pause - 1);
        expect(session.published).toHaveLength(2 + index);
        await vi.advanceTimersByTimeAsync(1);
        expect(session.published).toHaveLength(3 + index);
      }
      if (withId) respond(fixture, "success", [3]);
      else push(fixture, "success", [3]);
      expect(events).toContainEqual([3]);
      expect(events).not.toContainEqual(expect.stringContaining("end"));
      if (withId) expect(vi.getTimerCount()).toBe(0);
      vi.mocked(Math.random).mockRestore();
    },
  );

  test.each<[name: string, refuse: (fixture: Fixture) => void]>([
    ["subscription", ({ session }) => session.acknowledgeSubscribe(135)],
    [
      "message",
      ({ session }) => {
        session.acknowledgeSubscribe();
        void Promise.resolve().then(() => session.published.at(-1)!.refuse(new Error("quota")));
      },
    ],
  ])("goes on after the broker has refused its %s on a new connection", async (_name, refuse) => {
    const session = fakeSession();
    const fixture = create({ session, filters: ["gh/north/climate/u1/mode/ok"] });
    fixture.registration.start();
    await tick();
    session.acknowledgeSubscribe();
    await tick();
    respond(fixture, "success", []);
    fixture.events.length = 0;
    session.connection = 2;
    session.subscriptions.restore(false);
    for (const request of session.inFlight.values()) request.reconnected?.(false);
    await tick();
    refuse(fixture);
    await vi.advanceTimersByTimeAsync(2_000);
    session.acknowledgeSubscribe();
    await tick();
    respond(fixture, "success", [5]);
    expect(fixture.events).toEqual(["registered", [5]]);
    await fixture.registration.stop();
    await session.subscriptions.close(false);
  });

  test.each<[name: string, end: (fixture: Fixture) => unknown, reported: unknown[]]>([
    [
      "a permanent failure",
      ({ session }) => session.inFlight.first()?.value.fail("connection-refused", "banned"),
      [{ resource: "climate.mode", error: { code: "connection-refused" } }],
    ],
    ["an overflow", ({ registration }) => registration.overflow("full"), [{ error: { code: "overflow" } }]],
    ["stop", ({ registration }) => registration.stop(), []],
    ["close", ({ session }) => session.inFlight.first()?.value.fail("closed", ""), []],
    ["its signal", ({ session }) => session.inFlight.first()?.value.fail("aborted", ""), []],
  ])("reports its end by %s as an event exactly if nobody has asked for it", async (_name, end, reported) => {
    const fixture = await enter("registered", true);
    const ended: unknown[] = [];
    fixture.session.events.on("observation-ended", (detail) => ended.push(detail));
    await end(fixture);
    expect(ended).toMatchObject(reported);
  });

  test("a renewal is repeated once a second at most, however short its timeout is", async () => {
    const { session, registration } = create({ timeoutMs: 1 });
    registration.start();
    session.correlation.deliver(session.published[0]!.topic, "success", bytes([]));
    loseSession(session);
    for (const count of [3, 4]) {
      await vi.advanceTimersByTimeAsync(999);
      expect(session.published).toHaveLength(count - 1);
      await vi.advanceTimersByTimeAsync(1);
      expect(session.published).toHaveLength(count);
    }
  });

  test("a renewal is repeated after a minute if its request has no timeout", async () => {
    const { session, registration } = create({ timeoutMs: Infinity });
    registration.start();
    session.correlation.deliver(session.published[0]!.topic, "success", bytes([]));
    loseSession(session);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(session.published).toHaveLength(3);
  });
});

describe("a registration whose request seems to cost connections", () => {
  /** Loses the connection, as if the broker had closed it because of the request. */
  function lose(session: FakeSession): void {
    const { delivery } = session.published.at(-1)!.options;
    delivery!.position = 5;
    session.connection = undefined;
    for (const request of session.inFlight.values()) request.disconnected?.(0, 5);
    session.published.at(-1)!.refuse(new TopicsmithError("disconnected", "the connection was lost"));
  }
  function reconnect(session: FakeSession, connection: number): void {
    session.connection = connection;
    for (const request of session.inFlight.values()) request.reconnected?.(false);
  }

  test("is renewed later, because the broker has taken it before", async () => {
    const { session, events } = await enter("registered", true);
    const refused: unknown[] = [];
    session.events.on("observation-refused", ({ error, retryMs }) => refused.push([error.code, retryMs]));
    vi.spyOn(Math, "random").mockReturnValue(1);
    // Alone on trial, each loss is its fault. After the pause, one more is enough.
    for (let losses = 0; refused.length === 0; losses += 1) {
      reconnect(session, 10 + losses);
      lose(session);
      await tick();
    }
    for (const pause of [2_000, 4_000]) {
      const sent = session.published.length;
      reconnect(session, 20 + pause);
      await vi.advanceTimersByTimeAsync(pause - 1);
      expect(session.published).toHaveLength(sent);
      await vi.advanceTimersByTimeAsync(1);
      expect(session.published).toHaveLength(sent + 1);
      if (pause === 2_000) lose(session);
      await tick();
    }
    expect(refused).toEqual([
      ["publish-refused", 2_000],
      ["publish-refused", 4_000],
    ]);
    expect(events).toEqual([]);
    vi.restoreAllMocks();
  });

  test("ends before it was registered for the first time", () => {
    const { session, registration, events } = create();
    registration.start();
    for (const connection of [2, 3]) {
      lose(session);
      reconnect(session, connection);
    }
    expect(events).toEqual(["end publish-refused"]);
  });
});

describe("a registration that ends", () => {
  test.each<[name: string, stops: number, end: (fixture: Fixture) => unknown]>([
    ["is stopped", 1, ({ registration }) => registration.stop()],
    ["overflows", 1, ({ registration }) => registration.overflow("too many")],
    ["is refused", 0, (fixture) => respond(fixture, "error", { code: 1 })],
    [
      "is stopped while disconnected",
      0,
      ({ session, registration }) => {
        session.connection = undefined;
        return registration.stop();
      },
    ],
  ])("if it %s sends %i requests to stop the pushes", async (_name, stops, end) => {
    const fixture = await enter("registering", true);
    await end(fixture);
    expect(fixture.stopPushes).toHaveBeenCalledTimes(stops);
    expect(fixture.session.observers.size).toBe(0);
    expect(fixture.session.inFlight.size).toBe(0);
  });

  test("stops the pushes with the last observer of the topic, even if that one did not ask for it", async () => {
    const session = fakeSession();
    const first = create({ session });
    const second = new ObserverRegistration(session, fakeRequest({ target }), {
      onRegistered: () => undefined,
      onValue: () => undefined,
      onEnd: () => undefined,
    });
    first.registration.start();
    second.start();
    await first.registration.stop();
    expect(first.stopPushes).not.toHaveBeenCalled();
    await second.stop();
    expect(first.stopPushes).toHaveBeenCalledTimes(1);
  });

  test("before its request was sent does not request the platform to stop", async () => {
    const session = fakeSession();
    session.connection = undefined;
    const { registration, stopPushes, events } = create({ session });
    registration.start();
    session.connection = 1;
    await registration.stop();
    expect(stopPushes).not.toHaveBeenCalled();
    expect(events).toEqual(["end without an error"]);
  });
});
