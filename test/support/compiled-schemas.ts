/** What tests of schemas need that the build compiles to code. */
import { createRequire } from "node:module";
import { runInThisContext } from "node:vm";
import { isObject } from "../../src/json/json.js";

/** Runs the text of a CommonJS module, and returns its exports. */
export function runCommonJs(text: string): Readonly<Record<string, unknown>> {
  const exports: Record<string, unknown> = {};
  const run = runInThisContext(`(exports, require) => {${text}\n}`) as (...args: unknown[]) => void;
  run(exports, createRequire(import.meta.url));
  return exports;
}

/** A copy of a value with another value, or none, in one place of it. */
export function changed(value: unknown, steps: readonly number[], by: unknown): unknown {
  const [step, ...rest] = steps;
  if (step === undefined) return by;
  if (Array.isArray(value) && value.length > 0) {
    const at = step % value.length;
    return value.map((item: unknown, index) => (index === at ? changed(item, rest, by) : item));
  }
  if (!isObject(value)) return by;
  const keys = Object.keys(value);
  const key = keys[step % (keys.length + 1)] ?? "another";
  return { ...value, [key]: changed(value[key], rest, by) };
}
