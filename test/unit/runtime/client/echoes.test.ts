import { describe, expect, onTestFinished, test, vi } from "vitest";
import { Echoes } from "../../../../src/runtime/client/echoes.js";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function create(): Echoes {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  return new Echoes();
}

describe("messages that the client has published", () => {
  test("are recognized once for each time they were published, by topic and body", () => {
    const echoes = create();
    echoes.note("a", bytes("1"), true, 1);
    echoes.note("a", bytes("1"), true, 1);
    expect(echoes.take("b", bytes("1"))).toBe(false);
    expect(echoes.take("a", bytes("2"))).toBe(false);
    expect(echoes.take("a", bytes("12"))).toBe(false);
    expect([1, 2, 3].map(() => echoes.take("a", bytes("1")))).toEqual([true, true, false]);
  });

  test("are recognized although their caller changes the body", () => {
    const echoes = create();
    const body = bytes("1");
    echoes.note("a", body, true, 1);
    body[0] = 0;
    expect(echoes.take("a", bytes("1"))).toBe(true);
  });

  test("are another's after five seconds, and on another connection", () => {
    const echoes = create();
    echoes.note("a", bytes("1"), true, 1);
    vi.advanceTimersByTime(5_001);
    expect(echoes.take("a", bytes("1"))).toBe(false);
    echoes.note("a", bytes("1"), true, 1);
    echoes.note("a", bytes("2"), true, 2);
    expect(echoes.take("a", bytes("1"))).toBe(false);
    expect(echoes.take("a", bytes("2"))).toBe(true);
  });

  test("are not looked for any more where three did not come back, until the next connection", () => {
    const echoes = create();
    const lose = (connection: number): void => {
      echoes.note("a", bytes("lost"), true, connection);
      vi.advanceTimersByTime(5_001);
    };
    for (let count = 0; count < 3; count += 1) lose(1);
    echoes.note("a", bytes("1"), true, 1);
    expect(echoes.take("a", bytes("1"))).toBe(false);
    echoes.note("a", bytes("2"), true, 2);
    expect(echoes.take("a", bytes("2"))).toBe(true);
    for (let count = 0; count < 9; count += 1) lose(2);
    echoes.note("a", bytes("3"), true, 2);
    expect(echoes.take("a", bytes("3"))).toBe(true);
  });

  test("are recognized later where one came back before, because the program may have been busy", () => {
    const echoes = create();
    for (const body of ["1", "2", "3", "4"]) echoes.note("a", bytes(body), true, 1);
    echoes.note("b", bytes("1"), false, 1);
    expect(echoes.take("a", bytes("1"))).toBe(true);
    vi.advanceTimersByTime(30_000);
    expect(echoes.take("a", bytes("2"))).toBe(true);
    expect(echoes.take("b", bytes("1"))).toBe(false);
    echoes.note("a", bytes("5"), true, 1);
    expect(echoes.take("a", bytes("3"))).toBe(true);
    vi.advanceTimersByTime(30_001);
    expect(echoes.take("a", bytes("4"))).toBe(false);
    expect(echoes.take("a", bytes("5"))).toBe(true);
  });

  test("show nothing about the broker where the client was not subscribed", () => {
    const echoes = create();
    for (let count = 0; count < 9; count += 1) {
      echoes.note("a", bytes("lost"), false, 1);
      vi.advanceTimersByTime(5_001);
    }
    echoes.note("a", bytes("1"), true, 1);
    expect(echoes.take("a", bytes("1"))).toBe(true);
  });

  test("are forgotten, the oldest first, beyond 20,000", () => {
    const echoes = create();
    for (let count = 0; count <= 20_000; count += 1) echoes.note("a", bytes(String(count)), true, 1);
    expect(echoes.take("a", bytes("0"))).toBe(false);
    expect(echoes.take("a", bytes("1"))).toBe(true);
    expect(echoes.take("a", bytes("20000"))).toBe(true);
  });
});
