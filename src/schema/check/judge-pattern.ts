import type * as Scslre from "scslre";
import { load } from "../../host/index.js";
import { isSlow } from "./slow-pattern.js";

/** The verdict on a pattern: how long it can take on the worst text, or why it is not a regular expression. */
export type PatternVerdict = "linear" | "polynomial" | "exponential" | { readonly invalid: string };

const verdicts = new Map<string, PatternVerdict>();

/** Judges a pattern without running it on a text other than the empty one. */
export function judgePattern(pattern: string): PatternVerdict {
  const known = verdicts.get(pattern) ?? judge(pattern);
  verdicts.set(pattern, known);
  return known;
}

/** The pattern if it may be run on the values of a spec. Undefined if that could hang the process. */
export function runnablePattern(pattern: string | undefined): string | undefined {
  return pattern === undefined || judgePattern(pattern) === "exponential" ? undefined : pattern;
}

function judge(pattern: string): PatternVerdict {
  try {
    RegExp(pattern, "u").test("");
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return { invalid: text.split(": ").at(-1) ?? text };
  }
  // The analysis of loops finds ambiguous alternatives, too. scslre finds polynomial time.
  if (isSlow(pattern)) return "exponential";
  return isSurelyLinear(pattern) ? "linear" : analyzed(pattern);
}

/** Whether a pattern has no unbounded quantifier, or is anchored with only one and no group. Most patterns are. */
function isSurelyLinear(pattern: string): boolean {
  const unbounded = pattern.match(/[*+]|\{\d+,\}/g)?.length ?? 0;
  return unbounded === 0 || (unbounded === 1 && /^\^[^|()]*$/.test(pattern));
}

function analyzed(pattern: string): PatternVerdict {
  try {
    // Loaded only for patterns that need it, because that takes a tenth of a second.
    const { analyse } = load("scslre") as typeof Scslre;
    const { reports } = analyse({ source: pattern, flags: "u" });
    if (reports.length === 0) return "linear";
    return reports.some(({ exponential }) => exponential) ? "exponential" : "polynomial";
  } catch {
    // Syntax that the parser does not know is not analyzed.
    return "linear";
  }
}
