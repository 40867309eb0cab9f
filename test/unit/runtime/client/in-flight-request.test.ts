/** The state table in the head of in-flight-request.ts: state x event -> state, effects. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { InFlightRequest } from "../../../../src/runtime/client/in-flight-request.js";
import type { RequestCallbacks } from "../../../../src/runtime/client/request-callbacks.js";
import type { Request } from "../../../../src/runtime/client/request.js";
import { TopicsmithError } from "../../../../src/runtime/errors.js";
import type { ClientOptions } from "../../../../src/runtime/index.js";
import { fakeRequest, fakeSession, type FakeSession } from "./fake-session.js";
import { tick } from "../in-memory-device.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

type Kind = "call" | "idempotent call" | "send" | "observation";
type State = "new" | "queued" | "preparing" | "sent" | "done";

const disconnected = new TopicsmithError("disconnected", "no connection");
const filters = ["gh/north/climate/u1/read/+/ok"];
const body = new Uint8Array();

function create(kind: Kind, changes: Partial<Request> = {}, options: ClientOptions = {}) {
  const session = fakeSession(options);
  const events: string[] = [];
  const errors: (TopicsmithError | undefined)[] = [];
  const callbacks: RequestCallbacks = {
    retryable: kind === "idempotent call" || kind === "observation",
    longLived: kind === "observation",
    onSending: () => void events.push("sending"),
    onPublished: () => void events.push("published"),
    onResponse: (response) => void events.push(response),
    onEnd: (error) => {
      events.push(`end ${error?.code ?? "without an error"}`);
      errors.push(error);
    },
  };
  const abort = new AbortController();
  const request = new InFlightRequest(
    session,
    fakeRequest({ withId: kind !== "send", signal: abort.signal, ...changes }),
    callbacks,
  );
  return { session, request, events, errors, abort };
}

type Fixture = ReturnType<typeof create>;

/** Brings a request into a state. */
async function enter(state: State, kind: Kind, changes: Partial<Request> = {}): Promise<Fixture> {
  const fixture = create(kind, { filters: state === "preparing" ? filters : [], ...changes });
  if (state === "queued") {
    const scope = fixture.session.correlation.scope(fakeRequest().target.scope);
    for (let id = 1; id <= 3; id += 1) scope.request(() => undefined);
  }
  if (state !== "new") fixture.request.start();
  if (state === "done") fixture.request.end();
  await tick();
  return fixture;
}

/** The state, as far as it can be seen from outside. */
function stateOf({ request, session, errors }: Fixture): State {
  if (errors.length > 0) return "done";
  if (request.queued()) return "queued";
  if (session.inFlight.size === 0) return "new";
  return session.published.length === request.attempts && session.published.length > 0 ? "sent" : "preparing";
}

const happenings: Readonly<Record<string, (fixture: Fixture) => unknown>> = {
  start: ({ request }) => request.start(),
  "an id is released": ({ session }) => session.correlation.scope(fakeRequest().target.scope).release(1),
  "the subscription is acknowledged": ({ session }) => session.acknowledgeSubscribe(),
  "the subscription is refused": ({ session }) => session.acknowledgeSubscribe(128),
  "the broker acknowledges": ({ session }) => session.published.at(-1)?.acknowledge(),
  "the broker refuses": ({ session }) => session.published.at(-1)?.refuse(new Error("not allowed")),
  "the connection is lost": ({ session }) => {
    session.connection = undefined;
    session.published.at(-1)?.refuse(disconnected);
  },
  "the session is lost": (fixture) => reconnect(fixture, false),
  "the session resumes": (fixture) => reconnect(fixture, true),
  "a success arrives": ({ request }) => request.respond("success", body),
  repeat: ({ request }) => request.repeat(),
  timeout: () => vi.advanceTimersByTimeAsync(1_000),
  abort: ({ abort }) => abort.abort(),
  end: ({ request }) => request.end(),
};

function reconnect({ session, request }: Fixture, sessionPresent: boolean): void {
  session.connection = 2;
  session.subscriptions.restore(sessionPresent);
  request.reconnected(sessionPresent);
}

describe("the transitions of a request in flight", () => {
  test.each<[kind: Kind, state: State, happening: string, next: State, effects: readonly string[]]>([
    ["call", "new", "start", "sent", ["sending"]],
    ["call", "new", "abort", "new", []],
    ["call", "new", "end", "done", ["end without an error"]],
    ["call", "queued", "an id is released", "sent", ["sending"]],
    ["call", "queued", "timeout", "done", ["end timeout"]],
    ["call", "queued", "abort", "done", ["end aborted"]],
    ["call", "queued", "the session is lost", "queued", []],
    ["call", "preparing", "the subscription is acknowledged", "sent", ["sending"]],
    ["call", "preparing", "the subscription is refused", "done", ["end subscribe-refused"]],
    ["call", "preparing", "a success arrives", "preparing", []],
    ["call", "preparing", "repeat", "preparing", []],
    ["call", "preparing", "timeout", "done", ["end timeout"]],
    ["send", "new", "start", "sent", ["sending"]],
    ["call", "sent", "the broker acknowledges", "sent", ["published"]],
    ["call", "sent", "a success arrives", "sent", ["success"]],
    ["call", "sent", "the broker refuses", "done", ["end publish-refused"]],
    ["call", "sent", "the connection is lost", "sent", []],
    ["call", "sent", "the session is lost", "sent", []],
    ["call", "sent", "abort", "done", ["end aborted"]],
    ["call", "sent", "repeat", "sent", ["sending"]],
    ["idempotent call", "sent", "the session is lost", "sent", ["sending"]],
    ["idempotent call", "sent", "the session resumes", "sent", ["sending"]],
    ["send", "sent", "the broker acknowledges", "done", ["end without an error"]],
    ["send", "sent", "the connection is lost", "done", ["end disconnected"]],
    ["send", "sent", "the session is lost", "sent", []],
    ["send", "sent", "timeout", "done", ["end timeout"]],
    ["observation", "sent", "the session is lost", "sent", ["sending"]],
    ["observation", "sent", "end", "done", ["end without an error"]],
    ["call", "done", "a success arrives", "done", ["success"]],
    ["call", "done", "the broker acknowledges", "done", []],
    ["call", "done", "the session is lost", "done", []],
    ["call", "done", "timeout", "done", []],
    ["call", "done", "abort", "done", []],
    ["call", "done", "end", "done", []],
  ])("%s: %s, %s -> %s", async (kind, state, happening, next, effects) => {
    const fixture = await enter(state, kind);
    expect(stateOf(fixture)).toBe(state);
    fixture.events.length = 0;
    await happenings[happening]!(fixture);
    await tick();
    expect(fixture.events).toEqual(effects);
    expect(stateOf(fixture)).toBe(next);
  });

  test.each<[name: string, connection: number | undefined, attempts: number]>([
    ["waits for a connection", undefined, 1],
    ["waits while the session does not know yet that the connection is lost", 1, 1],
    ["is sent at once on a new connection", 2, 2],
  ])("an idempotent call that was lost with its connection %s", async (_name, connection, attempts) => {
    const { session, request } = await enter("sent", "idempotent call");
    session.connection = connection;
    session.published[0]!.refuse(disconnected);
    await tick();
    expect(request.attempts).toBe(attempts);
    session.connection = 2;
    request.onReady();
    expect(request.attempts).toBe(2);
  });

  test("an acknowledged idempotent call is sent again after a lost session only", async () => {
    const fixture = await enter("sent", "idempotent call");
    fixture.session.published[0]!.acknowledge();
    await tick();
    reconnect(fixture, true);
    expect(fixture.request.attempts).toBe(1);
    reconnect(fixture, false);
    expect(fixture.request.attempts).toBe(2);
  });

  test("the acknowledgement of an earlier attempt does not count for a later one", async () => {
    const fixture = await enter("sent", "idempotent call");
    reconnect(fixture, true);
    expect(fixture.request.attempts).toBe(2);
    fixture.session.published[0]!.acknowledge();
    await tick();
    reconnect(fixture, true);
    expect(fixture.request.attempts).toBe(3);
  });
});

describe("a request that cannot start", () => {
  test.each<[name: string, prepare: (fixture: Fixture) => void, code: string]>([
    ["its signal was aborted", ({ abort }) => abort.abort(), "aborted"],
    [
      "the session has failed",
      ({ session }) => (session.terminalError = { code: "connection-refused", message: "" }),
      "connection-refused",
    ],
    [
      "the queue for ids is full",
      ({ session }) => {
        const scope = session.correlation.scope(fakeRequest().target.scope);
        for (let id = 1; id <= 4; id += 1) scope.request(() => undefined);
      },
      "queue-full",
    ],
  ])("ends at once if %s", (_name, prepare, code) => {
    const fixture = create("call", {}, { maxQueued: 1 });
    prepare(fixture);
    fixture.request.start();
    expect(fixture.events).toEqual([`end ${code}`]);
    expectNothingLeft(fixture.session);
  });

  test("starts while the client closes if it concludes another request", () => {
    const { session, request, events } = create("send", { last: true });
    session.terminalError = { code: "closed", message: "the client is closed" };
    request.start();
    expect(events).toEqual(["sending"]);
  });
});

describe("the end of a request", () => {
  test.each<[Kind, State]>([
    ["call", "queued"],
    ["call", "preparing"],
    ["send", "sent"],
  ])("leaves nothing of a %s that was %s", async (kind, state) => {
    const { session, request, abort } = await enter(state, kind, { timeoutMs: Infinity });
    const removeListener = vi.spyOn(abort.signal, "removeEventListener");
    expect(session.inFlight.size).toBe(1);
    expect(session.pendingCount).toBe(1);
    request.end();
    expectNothingLeft(session);
    expect(request.subscriptionRefs).toEqual([]);
    expect(session.correlation.stats().queued).toBe(0);
    expect(removeListener).toHaveBeenCalledTimes(1);
    await session.subscriptions.close(false);
    expect(vi.getTimerCount()).toBe(0);
  });

  test.each<[name: string, kind: Kind, responses: number, quarantined: number]>([
    ["a call without a response", "call", 0, 1],
    ["a call with a response", "call", 1, 0],
    ["an observation, whatever has arrived", "observation", 1, 1],
  ])("of %s quarantines its id accordingly", async (_name, kind, responses, quarantined) => {
    const { session, request } = await enter("sent", kind);
    for (let count = 0; count < responses; count += 1) request.respond("success", body);
    request.end();
    expect(session.correlation.stats().quarantined).toBe(quarantined);
  });

  test.each<[state: State, prepare: (fixture: Fixture) => void, description: string]>([
    ["queued", () => undefined, "all request ids are in use"],
    ["preparing", () => undefined, "not sent, waiting for the subscription"],
    ["preparing", ({ session }) => (session.connection = undefined), "not sent, not connected"],
    ["sent", () => undefined, "sent"],
    ["sent", ({ session }) => session.published[0]!.acknowledge(), "sent, acknowledged"],
    [
      "sent",
      (fixture) => {
        fixture.session.published[0]!.acknowledge();
        reconnect(fixture, false);
      },
      "sent, acknowledged, session lost",
    ],
  ])("by timeout while %s describes what is known (%#)", async (state, prepare, description) => {
    const fixture = await enter(state, "call");
    prepare(fixture);
    await vi.advanceTimersByTimeAsync(1_000);
    const known = (text: string): boolean => description.split(", ").includes(text);
    expect(fixture.errors[0]).toMatchObject({
      code: known("not connected") ? "disconnected" : "timeout",
      message: expect.stringContaining(`no response within 1000 ms (${description}`),
      sent: known("sent"),
      acknowledged: known("acknowledged"),
      sessionLost: known("session lost"),
      offline: known("not connected"),
    });
  });
});

function expectNothingLeft(session: FakeSession): void {
  expect(session.inFlight.size).toBe(0);
  expect(session.pendingCount).toBe(0);
  expect(session.correlation.stats().quarantined).toBe(0);
}
