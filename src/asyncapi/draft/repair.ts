import { isObject, property, setProperty, type JsonObject } from "../../json/json.js";
import type { Diagnostic } from "../../diagnostics/index.js";
import { DiagnosticCollector } from "../../spec/index.js";
import { parseSource } from "../../spec/parse-source.js";
import type { Found } from "../import/reader.js";
import type { Draft } from "./make-draft.js";
import { printDraft } from "./print-draft.js";

/** Checks a spec of one file. Returns its errors. */
export type CheckSpec = (text: string) => Promise<readonly Diagnostic[]>;

/** More rounds than a draft has needed: each removes at least one value that is wrong. */
const MAX_ROUNDS = 50;

/**
 * Prints a draft that loads without errors. A part of it that the rules of specs forbid, such as an example that does not
 * match its schema, is removed and reported.
 */
export async function printValid(draft: Draft, check: CheckSpec, from: Found): Promise<string> {
  let text = printDraft(draft);
  const tried = new Set<string>();
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const errors = await check(text);
    if (errors.length === 0) return text;
    const source = parseSource({ path: "", id: "", text }, new DiagnosticCollector());
    const removed = new Set<string>();
    for (const { range, message } of errors) {
      const path = range === undefined ? [] : pathAt(source, range.line);
      const target = untried(removable(draft.data, path), (one) => tried.has(JSON.stringify([one, message])));
      // The items of a list move up when one is removed, so only one is removed in a round.
      const id = target?.filter((step) => !/^\d+$/.test(step)).join("/");
      if (target === undefined || id === undefined || removed.has(id)) continue;
      removed.add(id);
      tried.add(JSON.stringify([target, message]));
      remove(draft.data, target);
      draft.notes.lose(target.join("."), message, from);
    }
    if (removed.size === 0) return text;
    removeUnused(draft.data);
    text = printDraft(draft);
  }
  return text;
}

/** The path of the deepest value whose key is on a line, or whose text contains it. */
function pathAt(source: ReturnType<typeof parseSource>, line: number): readonly string[] {
  const path: string[] = [];
  for (
    let value = source.data;
    typeof value === "object" && value !== null;
    value = property(value, path.at(-1) ?? "")
  ) {
    const keys = Object.keys(value);
    const steps = (key: string) => [...path, ...(Array.isArray(value) ? [Number(key)] : [key])];
    const before = keys.filter((key) => source.rangeOf(steps(key), "key").line <= line);
    const last = before.at(-1);
    if (last === undefined) break;
    path.push(last);
  }
  return path;
}

/** The smallest part around a path that was not removed before: what is there now has the same error. */
function untried(
  path: readonly string[] | undefined,
  isTried: (path: readonly string[]) => boolean,
): readonly string[] | undefined {
  let target = path;
  while (target !== undefined && isTried(target))
    target = target.length > 2 ? target.slice(0, -1) : undefined;
  return target;
}

/** The smallest part around a path that can be left out. */
function removable(data: JsonObject, path: readonly string[]): readonly string[] | undefined {
  const [section, key] = path;
  if (key === undefined) return undefined;
  if (section === "resources") {
    const inner = ["examples", "schema"].map((name) => path.indexOf(name, 3)).filter((index) => index > 2);
    const first = inner.length === 0 ? undefined : Math.min(...inner);
    const isKeyword = first !== undefined && path[first] === "schema" && path.length > first + 1;
    if (isKeyword) return path;
    const isItem = first !== undefined && path[first] === "examples" && path.length > first + 1;
    if (first !== undefined) return path.slice(0, first + (isItem ? 2 : 1));
    if (path[2] === "parameters" && path.length > 4) return path.slice(0, 5);
    return path.slice(0, 2);
  }
  if (section === "definitions") return path;
  if (section === "servers") return path.slice(0, 2);
  if (section === "protocol" && key === "parameters" && path.length > 2) {
    const name = path[2] ?? "";
    const isUsed = JSON.stringify(property(data, "resources") ?? {}).includes(`{${name}}`);
    return isUsed && path.length > 3 && path[3] !== "bind"
      ? path.slice(0, 4)
      : isUsed
        ? undefined
        : path.slice(0, 3);
  }
  return section === "protocol" && key === "requestId" ? ["protocol", "requestId"] : undefined;
}

function remove(data: JsonObject, path: readonly string[]): void {
  const parent = path.slice(0, -1).reduce<unknown>((value, step) => property(value, step), data);
  if (Array.isArray(parent)) {
    parent.splice(Number(path.at(-1)), 1);
    if (parent.length === 0) remove(data, path.slice(0, -1));
    return;
  }
  if (!isObject(parent)) return;
  // A definition is still referred to, so it stays, and allows everything.
  if (path[0] === "definitions" && path.length === 2) setProperty(parent, path.at(-1) ?? "", {});
  else Reflect.deleteProperty(parent, path.at(-1) ?? "");
}

/** Removes definitions that nothing refers to any more. */
function removeUnused(data: JsonObject): void {
  const definitions = property(data, "definitions");
  if (!isObject(definitions)) return;
  const used = new Set<string>();
  const visit = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    const name = /^#\/definitions\/([^/]+)/.exec(String(property(value, "$ref")))?.[1];
    if (name !== undefined && !used.has(name)) {
      used.add(name);
      visit(property(definitions, name));
    }
    for (const child of Object.values(value)) visit(child);
  };
  visit(property(data, "resources"));
  for (const name of Object.keys(definitions)) if (!used.has(name)) Reflect.deleteProperty(definitions, name);
  if (Object.keys(definitions).length === 0) Reflect.deleteProperty(data, "definitions");
}
