import { afterEach, expect, test, vi } from "vitest";
import type { IncomingMessage, TransportState } from "../../../../src/runtime/index.js";
import { TransportEvents } from "../../../../src/runtime/transport/transport-events.js";

class Events extends TransportEvents {
  state(state: TransportState): void {
    this.emitState(state);
  }

  message(message: IncomingMessage): void {
    this.emitMessage(message);
  }
}

afterEach(() => void vi.unstubAllGlobals());

test("a listener of a transport that throws does not keep others from being called, and its error is rethrown", () => {
  const rethrown: (() => void)[] = [];
  vi.stubGlobal("queueMicrotask", (task: () => void) => rethrown.push(task));
  const events = new Events();
  const fail = (): never => {
    throw new Error("mine");
  };
  const states: string[] = [];
  const topics: string[] = [];
  events.onState(fail);
  events.onState(({ kind }) => states.push(kind));
  events.onMessage(fail);
  events.onMessage(({ topic }) => topics.push(topic));
  events.state({ kind: "connected", sessionPresent: false });
  events.message({ topic: "a", payload: new Uint8Array(), qos: 0, retain: false });
  // Called at once with the current state.
  events.onState(fail);
  expect([states, topics]).toEqual([["connected"], ["a"]]);
  expect(rethrown).toHaveLength(3);
  for (const task of rethrown) expect(task).toThrow("mine");
});
