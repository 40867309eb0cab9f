import type * as Prettier from "prettier/standalone";
import { vi } from "vitest";

/** Kept by the worker, whose files of tests load this one anew each. */
const formatted: Map<string, Promise<string>> = (Reflect.get(globalThis, "formattedCode") as
  Map<string, Promise<string>> | undefined) ?? new Map<string, Promise<string>>();
Reflect.set(globalThis, "formattedCode", formatted);

// Most tests print the same package with a small change, and prettier would take four fifths of the time.
vi.mock("prettier/standalone", async (importOriginal) => {
  const original = await importOriginal<typeof Prettier>();
  const format: typeof Prettier.format = async (code, options) => {
    const key = JSON.stringify([options?.parser, options?.printWidth, code]);
    const known = formatted.get(key) ?? original.format(code, options);
    formatted.set(key, known);
    return known;
  };
  return { ...original, format };
});
