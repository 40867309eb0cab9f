import { isObject } from "./json.js";

/** One step of a JSON pointer, escaped (RFC 6901, section 3). */
export function pointerStep(step: string | number): string {
  return `/${String(step).replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

/** The steps of a JSON pointer, unescaped; undefined if it is none. */
export function pointerSteps(pointer: string): readonly string[] | undefined {
  if (pointer === "") return [];
  if (!pointer.startsWith("/")) return undefined;
  return pointer
    .slice(1)
    .split("/")
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** What `step` leads to from `value`: a member, or an array's item. */
export function follow(value: unknown, step: string): { readonly value: unknown } | undefined {
  if (Array.isArray(value)) {
    const index = /^(?:0|[1-9]\d*)$/.test(step) ? Number(step) : -1;
    return index >= 0 && index < value.length ? { value: value[index] } : undefined;
  }
  return isObject(value) && Object.hasOwn(value, step) ? { value: value[step] } : undefined;
}
