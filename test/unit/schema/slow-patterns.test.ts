import { describe, expect, it } from "vitest";
import { checkSync } from "recheck";
import { judgePattern } from "../../../src/schema/check/judge-pattern.js";
import { isSlow } from "../../../src/schema/check/slow-pattern.js";

describe("isSlow", () => {
  it.each([
    "^(a+)+$",
    "^(a|a)*$",
    "^(a|aa)+$",
    "^(a*)*$",
    "^(.*)*x$",
    "^((ab)*)*c$",
    "^(\\w+\\s?)*$",
    "^(\\w{1,20}\\s?)+$",
    "^([a-zA-Z0-9]+)*@example$",
    "^(([a-z])+.)+[A-Z]([a-z])+$",
    "^(?=(a+)+$)b",
    "^(?:\\d|[0-9a-f])+$",
    "^(?<word>\\p{L}+ ?)+$",
  ])("reports that %s can take exponential time", (pattern) => {
    expect(isSlow(pattern)).toBe(true);
  });

  it.each([
    "^[a-z]+$",
    "(a+)+",
    "^(\\d+\\.)*\\d+$",
    "^(?:0|[1-9]\\d*)(?:\\.(?:0|[1-9]\\d*))*$",
    "^-?[0-9]+(?:\\.[0-9]+)?(?:[eE][+-]?[0-9]+)?(?:[^\\s0-9.,+-]\\S*)?$",
    "^([0-9a-f]{2}:){5}[0-9a-f]{2}$",
    "^\\p{L}+(\\s\\p{L}+)*$",
    "^(?![0-9]+$|status$|error$)[A-Za-z0-9_-]+$",
    "^(?:[a-z0-9]+(?:-[a-z0-9]+)*\\.)+[a-z]{2,}$",
    "^(?:a?){3}$",
    "^(\\p{L}|\\d)+$",
    "^(?:\\p{Lu}|[a-z]|\\p{Nd})*x$",
  ])("accepts %s", (pattern) => {
    expect(isSlow(pattern)).toBe(false);
  });
});

describe("judgePattern", () => {
  const patterns = [
    "[0-9]+$",
    "^[0-9]+$",
    "[0-9]+",
    "^\\s+|\\s+$",
    "^.*a.*b$",
    "^a*b*a*$",
    "\\S+@\\S+",
    "^[^@]+@[^@]+$",
    "^\\S+@\\S+\\.\\S+$",
    "^(a+)+$",
    "^(a|b|ab)*$",
    "^(\\w+\\s?)*$",
    "^(?:[a-z0-9]+(?:-[a-z0-9]+)*\\.)+[a-z]{2,}$",
    "^(?![0-9]+$|status$|error$)[A-Za-z0-9_-]+$",
    "^([0-9a-f]{2}:){5}[0-9a-f]{2}$",
    "^\\d{4}-\\d{2}-\\d{2}$",
    "^[a-z]{1,64}$",
    "a{1,}b",
    "^x-",
    "(a+)+",
    "^[A-Z]+-[0-9]+(?:\\.[0-9]+)*$",
    "^(.*)*x$",
    "^(?:\\p{L}|\\d)+$",
    "^(?:\\p{L}|[a-z])+$",
  ];

  it.each(patterns)("agrees with recheck about %s", { timeout: 60_000 }, (pattern) => {
    const found = checkSync(pattern, "u", { timeout: 30_000 });
    const expected = {
      constant: "linear",
      safe: "linear",
      linear: "linear",
      polynomial: "polynomial",
      exponential: "exponential",
    } as const;
    if (found.status === "unknown") throw new Error("recheck has no verdict");
    expect(judgePattern(pattern)).toBe(expected[found.complexity.type]);
  });

  it("tells why a pattern is no regular expression", () => {
    expect(judgePattern("(")).toEqual({ invalid: "Unterminated group" });
  });
});
