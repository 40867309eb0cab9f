import { describe, expect, it } from "vitest";
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
  ])("accepts %s", (pattern) => {
    expect(isSlow(pattern)).toBe(false);
  });
});
