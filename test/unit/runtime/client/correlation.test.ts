/** The state table in the head of correlation.ts. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { CorrelationTable } from "../../../../src/runtime/client/correlation.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const body = new Uint8Array();
const topic = "gh/read/1";

function create({ idQuarantineMs, maximum = 3 }: { idQuarantineMs?: number; maximum?: number } = {}) {
  const range = { minimum: 1, maximum };
  const table = new CorrelationTable(
    { requestId: { send: range, accept: range, uniquePer: [] } },
    { maxQueued: 10, timeoutMs: 10_000, idQuarantineMs },
  );
  const scope = table.scope("");
  /** Ends a request on `topic` that has seen `responses` of `expected` ones. */
  const retire = (answered: boolean, expectedResponses: number, quarantineMs = 6_000): void =>
    table.retire({ topic, id: 1, scope, answered, expectedResponses, quarantineMs });
  const deliver = () => table.deliver(topic, "success", body);
  return { table, scope, retire, deliver };
}

describe("a response", () => {
  test.each<[state: string, prepare: (fixture: ReturnType<typeof create>) => void, deliveries: unknown[]]>([
    ["an unknown topic", () => undefined, [undefined, undefined]],
    [
      "a pending topic",
      ({ table }) => table.expect(topic, { respond: () => true }),
      ["delivered", "delivered"],
    ],
    [
      "a pending topic whose request cannot take it",
      ({ table }) => table.expect(topic, { respond: () => false }),
      [undefined],
    ],
    ["a topic that was answered", ({ retire }) => retire(true, 0), ["duplicate", "duplicate"]],
    ["a topic whose request was never sent", ({ retire }) => retire(false, 0), [undefined]],
    ["a quarantined topic", ({ retire }) => retire(false, 1), ["late", "duplicate"]],
    [
      "a quarantined topic with two messages sent",
      ({ retire }) => retire(false, 2),
      ["late", "late", "duplicate"],
    ],
    ["a quarantined topic that was answered", ({ retire }) => retire(true, 1), ["duplicate", "duplicate"]],
    ["the topic of a former observation", ({ retire }) => retire(false, Infinity), ["late", "late", "late"]],
  ])("to %s is classified (%#)", (_state, prepare, deliveries) => {
    const fixture = create();
    prepare(fixture);
    expect(deliveries.map(() => fixture.deliver())).toEqual(deliveries);
  });

  test("to one of the last 1,000 answered topics is a duplicate; to one before the last 2,000 it is unknown", () => {
    const { table, scope } = create();
    const answer = (name: string): void =>
      table.retire({ topic: name, id: 1, scope, answered: true, expectedResponses: 0, quarantineMs: 0 });
    for (let index = 0; index < 2_000; index += 1) answer(`t${index}`);
    expect(table.deliver("t1000", "success", body)).toBe("duplicate");
    expect(table.deliver("t1999", "success", body)).toBe("duplicate");
    expect(table.deliver("t0", "success", body)).toBeUndefined();
  });
});

describe("a quarantine", () => {
  test.each<[idQuarantineMs: number | undefined, requestMs: number, expected: number]>([
    [undefined, 6_000, 6_000],
    [undefined, 100, 5_000],
    [undefined, Infinity, 10_000],
    [50, 6_000, 50],
    [Infinity, 6_000, 2 ** 31 - 1],
  ])("with idQuarantineMs %s and a timeout of %s ms lasts %s ms", (idQuarantineMs, requestMs, expected) => {
    const { table, retire } = create(idQuarantineMs === undefined ? {} : { idQuarantineMs });
    retire(false, 1, requestMs);
    vi.advanceTimersByTime(expected - 1);
    expect(table.stats().quarantined).toBe(1);
    vi.advanceTimersByTime(1);
    expect(table.stats().quarantined).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("of an answered id is not counted", () => {
    const { table, retire } = create();
    retire(true, 1);
    expect(table.stats().quarantined).toBe(0);
  });

  test("ends with close, and leaves no timer", () => {
    const { table, retire } = create();
    retire(false, 1);
    table.close();
    expect(table.stats().quarantined).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("the id of a retired request", () => {
  test.each<[name: string, expectedResponses: number, event: (table: CorrelationTable) => unknown]>([
    ["its response has arrived", 0, () => undefined],
    ["its late response arrives", 1, (table) => table.deliver(topic, "success", body)],
    ["its quarantine is over", 1, () => vi.advanceTimersByTime(6_000)],
  ])(
    "is granted to a waiting request, but not in the same microtask, when %s",
    async (_name, expected, event) => {
      const { table, scope, retire } = create({ maximum: 1 });
      const granted: number[] = [];
      scope.request(() => undefined);
      scope.request((id) => granted.push(id));
      retire(expected === 0, expected);
      event(table);
      await Promise.resolve();
      expect(granted).toEqual([]);
      await vi.advanceTimersByTimeAsync(0);
      expect(granted).toEqual([1]);
    },
  );
});

describe("a scope of ids", () => {
  test("is created once for its key", () => {
    const { table, scope } = create();
    expect(table.scope("")).toBe(scope);
    expect(table.scope("other")).not.toBe(scope);
  });

  test("is dropped when it is idle and there are 10,000, and kept while an id is in use", () => {
    const { table, scope } = create();
    scope.request(() => undefined);
    const idle = table.scope("idle");
    for (let index = 0; index < 10_000; index += 1) table.scope(`s${index}`);
    expect(table.scope("")).toBe(scope);
    expect(table.scope("idle")).not.toBe(idle);
  });
});
