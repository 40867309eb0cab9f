/** The state table in the head of start-session.ts, the shutdown and the message router. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { LiveRequest } from "../../../../src/runtime/client/session.js";
import { startSession } from "../../../../src/runtime/client/start-session.js";
import { settingsOf } from "../../../../src/runtime/options.js";
import type {
  IncomingMessage,
  Transport,
  TransportState,
} from "../../../../src/runtime/transport/transport.js";
import { api } from "../greenhouse-api.js";
import { tick } from "../in-memory-device.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const connected: TransportState = { kind: "connected", sessionPresent: false };
const resumed: TransportState = { kind: "connected", sessionPresent: true };
const lost: TransportState = { kind: "disconnected", cause: new Error("gone") };
const failed: TransportState = { kind: "failed", cause: new Error("banned") };

function create({ closeTimeoutMs = 1_000, closeResolves = true } = {}) {
  let receive = (_message: IncomingMessage): void => undefined;
  let enter = (_state: TransportState): void => undefined;
  const calls: string[] = [];
  const transport: Transport = {
    publish: () => Promise.resolve(),
    subscribe: () => Promise.resolve([]),
    unsubscribe: () => Promise.resolve(),
    onMessage(listener) {
      receive = listener;
      return () => calls.push("ignore messages");
    },
    onState(listener) {
      enter = listener;
      return () => calls.push("ignore states");
    },
    close(options) {
      calls.push(`close${options?.force ? " by force" : ""}`);
      return closeResolves ? Promise.resolve() : new Promise(() => undefined);
    },
  };
  const session = startSession(api, transport, settingsOf({ closeTimeoutMs }));
  const events: string[] = [];
  for (const name of ["connected", "disconnected", "attempt-failed", "failed", "rejected"] as const)
    session.events.on(name, () => events.push(name));
  for (const name of ["late-response", "duplicate-response", "unmatched-response"] as const)
    session.events.on(name, ({ resource }) => events.push(`${name} ${resource}`));
  const happened: string[] = [];
  const request: LiveRequest = {
    longLived: false,
    queued: () => false,
    disconnected: (processed) => happened.push(`disconnected ${processed}`),
    reconnected: (sessionPresent) => happened.push(`reconnected ${sessionPresent}`),
    end: () => undefined,
    fail(code) {
      happened.push(`fail ${code}`);
      session.inFlight.remove(node);
      session.pendingCount -= 1;
      session.notifyIdle();
    },
  };
  const node = session.inFlight.add(request);
  session.pendingCount += 1;
  return {
    session,
    events,
    happened,
    calls,
    request,
    enter: (state: TransportState) => enter(state),
    receive: (topic: string, changes: Partial<IncomingMessage> = {}) =>
      receive({ topic, payload: new Uint8Array(), qos: 1, retain: false, ...changes }),
  };
}

describe("the transitions of a session", () => {
  test.each<[string, TransportState[], TransportState, number | undefined, string[], string[]]>([
    ["down, connected", [], connected, 1, ["connected"], ["reconnected false"]],
    ["down, another attempt fails", [], lost, undefined, ["attempt-failed"], []],
    ["down again, another attempt fails", [connected, lost], lost, undefined, ["attempt-failed"], []],
    ["up, connection lost", [connected], lost, undefined, ["disconnected"], ["disconnected 0"]],
    ["down again, session resumed", [connected, lost], resumed, 2, ["connected"], ["reconnected true"]],
    ["down, refused permanently", [], failed, undefined, ["failed"], ["fail connection-refused"]],
    ["up, refused permanently", [connected], failed, undefined, ["failed"], ["fail connection-refused"]],
  ])("%s", (_name, states, state, connection, events, happened) => {
    const fixture = create();
    for (const earlier of states) fixture.enter(earlier);
    fixture.events.length = fixture.happened.length = 0;
    fixture.enter(state);
    expect(fixture.session.connection).toBe(connection);
    expect(fixture.events).toEqual(events);
    expect(fixture.happened).toEqual(happened);
    expect(fixture.session.terminalError?.code).toBe(state === failed ? "connection-refused" : undefined);
  });
});

describe("the state of a session", () => {
  test("follows its transport, and failed attempts are counted since the last connection", async () => {
    const { session, enter } = create();
    const attempts: unknown[] = [];
    session.events.on("attempt-failed", ({ attempt, cause }) => attempts.push([attempt, String(cause)]));
    const states = [lost, lost, connected, lost, lost, connected, failed].map((state) => {
      enter(state);
      return session.state;
    });
    expect(states).toEqual([
      "connecting",
      "connecting",
      "connected",
      "disconnected",
      "disconnected",
      "connected",
      "failed",
    ]);
    expect(attempts).toEqual([
      [1, "Error: gone"],
      [2, "Error: gone"],
      [1, "Error: gone"],
    ]);
    const other = create();
    expect(other.session.state).toBe("connecting");
    void other.session.close({ force: true });
    expect(other.session.state).toBe("closed");
  });
});

describe("a shutdown", () => {
  test("that is graceful waits for requests and tasks, then disconnects", async () => {
    const { session, enter, calls, happened, request } = create();
    enter(connected);
    happened.length = 0;
    let finishTask = (): void => undefined;
    void session.task(() => new Promise<void>((resolve) => (finishTask = resolve)));
    const ended = vi.fn();
    session.inFlight.add({ ...request, longLived: true, end: ended, fail: () => undefined });
    void session.close();
    expect(ended).toHaveBeenCalledTimes(1);
    expect(session.terminalError?.code).toBe("closed");
    request.fail("timeout", "");
    await tick();
    expect(calls).toEqual([]);
    finishTask();
    await tick();
    expect(happened).toEqual(["fail timeout"]);
    expect(calls).toEqual(["ignore messages", "ignore states", "close"]);
  });

  test.each<[name: string, close: string, states: TransportState[], force: boolean, ms: number]>([
    // Not by force, so that the broker receives DISCONNECT, and does not publish the last will.
    ["without force waits for its time", "close", [connected], false, 1_000],
    ["by force does not wait", "close", [connected], true, 0],
    ["without a connection does not wait", "close by force", [], false, 0],
  ])(
    "%s, then fails what is in flight, and calls the transport's %s",
    async (_name, close, states, force, ms) => {
      const { session, enter, calls, happened } = create();
      for (const state of states) enter(state);
      happened.length = 0;
      void session.close({ force });
      await vi.advanceTimersByTimeAsync(Math.max(ms - 1, 0));
      expect(happened).toEqual(ms > 0 ? [] : ["fail closed"]);
      await vi.advanceTimersByTimeAsync(1);
      expect(happened).toEqual(["fail closed"]);
      expect(calls.slice(2)).toEqual([close]);
      expect(vi.getTimerCount()).toBe(0);
    },
  );

  test("runs once, and a later call by force ends its waits", async () => {
    const { session, enter, happened } = create();
    enter(connected);
    happened.length = 0;
    const closing = session.close();
    expect(session.close({ force: true })).toBe(closing);
    await tick();
    expect(happened).toEqual(["fail closed"]);
  });

  test("ends by its deadline even if the transport never closes", async () => {
    const { session, calls } = create({ closeResolves: false });
    let closed = false;
    void session.close().then(() => (closed = true));
    await vi.advanceTimersByTimeAsync(999);
    expect(closed).toBe(false);
    await vi.advanceTimersByTimeAsync(3);
    expect(closed).toBe(true);
    expect(calls.filter((call) => call.startsWith("close"))).toEqual(["close by force", "close by force"]);
  });
});

describe("a message", () => {
  const base = "gh/north/climate/u1/read";
  const error = { payload: new TextEncoder().encode('{"code":1}') };

  test.each<[name: string, topic: string, changes: Partial<IncomingMessage>, events: string[]]>([
    ["to a pending request", `${base}/1/ok`, {}, []],
    ["to an answered request", `${base}/2/ok`, {}, ["duplicate-response climate.read"]],
    ["to a quarantined request", `${base}/3/failed`, {}, ["late-response climate.read"]],
    ["to no request", `${base}/9/ok`, {}, ["unmatched-response climate.read"]],
    [
      "that is retained and to a pending request",
      `${base}/1/ok`,
      { retain: true },
      ["unmatched-response climate.read"],
    ],
    ["that is an observed push", `${base}/ok`, {}, []],
    ["that is an observed and retained push", `${base}/ok`, { retain: true }, []],
    ["that is an error without an id", `${base}/failed`, error, ["rejected"]],
    ["that is a retained error without an id", `${base}/failed`, { ...error, retain: true }, ["rejected"]],
    ["that is an unobserved push", "gh/north/climate/u1/alarm/ok", {}, ["unmatched-response climate.alarm"]],
    ["of another API", "other/ok", {}, []],
  ])("%s", (_name, topic, changes, events) => {
    const fixture = create();
    const { correlation, observers } = fixture.session;
    const scope = correlation.scope("");
    const retired = { scope, quarantineMs: 1_000 };
    correlation.expect(`${base}/1`, { respond: () => true });
    correlation.retire({ ...retired, topic: `${base}/2`, id: 2, answered: true, expectedResponses: 0 });
    correlation.retire({ ...retired, topic: `${base}/3`, id: 3, answered: false, expectedResponses: 1 });
    const observer = vi.fn((kind: string) => kind === "success");
    observers.set(base, { observers: new Set([observer]) });
    fixture.receive(topic, changes);
    expect(fixture.events).toEqual(events);
    const observed = topic === `${base}/ok` || (topic === `${base}/failed` && !changes.retain);
    expect(observer).toHaveBeenCalledTimes(observed ? 1 : 0);
    const counted = ["late", "duplicate", "unmatched"].filter((kind) => events[0]?.startsWith(kind));
    expect(fixture.session.stats()).toMatchObject({
      late: counted.includes("late") ? 1 : 0,
      duplicate: counted.includes("duplicate") ? 1 : 0,
      unmatched: counted.includes("unmatched") ? 1 : 0,
    });
  });
});
