/**
 * The general grammar of topic templates. A level is fixed text, which may be empty, or `before{name}after`. `[…]` around whole
 * levels, which hold a parameter, is a group: it is left out if its parameters are. Groups may stand anywhere and contain others.
 */
import { levelProblem } from "./grammar.js";

/** One level of a variant: fixed text, or a hole between two fixed texts. */
export interface MessageLevel {
  /** The text before the hole; the whole level if there is no hole. */
  readonly before: string;
  /** The name in the hole. */
  readonly name?: string;
  readonly after: string;
}

/** A template with some of its groups left out. */
export interface MessageVariant {
  /** `shadow/name/{shadowName}/get` */
  readonly text: string;
  readonly levels: readonly MessageLevel[];
  /** The names in the groups that are kept, in topic order. */
  readonly optional: readonly string[];
}

/** More optional groups than this are refused: each can double the number of variants. */
export const MAX_GROUPS = 6;

type Item = string | Group;

interface Group {
  readonly items: Item[];
}

const HOLE = /\{([^{}]*)\}/g;
const NAME = /^[A-Za-z_$][A-Za-z0-9_$]*$/;

/** The problem of a template, as a clause about `it`, or `undefined` for a valid one. */
export function messageTemplateProblem(template: string): string | undefined {
  if (template === "") return "it is empty";
  const items = parseItems(template);
  if (typeof items === "string") return items;
  return (
    groupProblem(items, true) ??
    firstProblem(variantsOfItems(items).flatMap(({ levels }) => levels.map(problemOfLevel)))
  );
}

/** The variants of a valid template, the shortest first. */
export function messageVariants(template: string): readonly MessageVariant[] {
  const items = parseItems(template);
  return typeof items === "string" ? [] : variantsOfItems(items);
}

/** The names in a valid template, in topic order. */
export function messageNames(template: string): readonly string[] {
  return Array.from(template.matchAll(HOLE), ([, name = ""]) => name);
}

/** The names that can be the last level of a variant without the request id, if the template ends with `[/{requestId}]`. */
export function namesBeforeId(template: string): ReadonlySet<string> {
  const names = new Set<string>();
  if (!template.endsWith("[/{requestId}]")) return names;
  for (const { levels } of messageVariants(template)) {
    const last = levels.at(-1);
    if (last?.name !== undefined && last.name !== "requestId" && last.before + last.after === "")
      names.add(last.name);
  }
  return names;
}

/** The items of a template, with a bare level that follows another directly inside of it; the problem of invalid brackets. */
function parseItems(template: string): Item[] | string {
  const root: Group = { items: [] };
  const open = [root];
  const pieces = template.split(/([[\]])/);
  let groups = 0;
  for (const [index, piece] of pieces.entries()) {
    const current = open.at(-1)!;
    if (piece === "[") {
      if ((groups += 1) > MAX_GROUPS) return `it has more than ${MAX_GROUPS} optional parts`;
      const group: Group = { items: [] };
      parentOf(current, pieces[index - 1] === "", pieces[index + 1]).items.push(group);
      open.push(group);
    } else if (piece === "]") {
      if (open.length === 1) return 'it has a "]" without a "["';
      open.pop();
    } else if (piece !== "") {
      if (/[{}]/.test(piece.replaceAll(HOLE, ""))) return "it has a brace without its counterpart";
      current.items.push(piece);
    }
  }
  return open.length > 1 ? 'it has a "[" without a "]"' : root.items;
}

const REQUEST_ID_LEVEL = "/{requestId}";
const BARE_LEVEL = /^\/\{[^{}]*\}$/;

/**
 * The group that contains the next one. Only a bare level directly after another, `[/{a}][/{b}]`, is inside of it: alone it would be read as
 * the other. A request id, and a group with fixed text, may be kept without the groups before.
 */
function parentOf(current: Group, isAdjacent: boolean, content: string | undefined): Group {
  const last = current.items.at(-1);
  if (!isAdjacent || typeof last !== "object" || !isBare(content) || !isBare(last.items[0])) return current;
  return parentOf(last, true, content);
}

function isBare(content: Item | undefined): boolean {
  return typeof content === "string" && content !== REQUEST_ID_LEVEL && BARE_LEVEL.test(content);
}

/** The problem of the groups among these items. */
function groupProblem(items: readonly Item[], isRoot: boolean): string | undefined {
  for (const [index, item] of items.entries()) {
    if (typeof item === "string") continue;
    const text = format(item.items);
    const own = item.items.filter((part) => typeof part === "string").join("");
    if (messageNames(own).length === 0) return `the optional part "[${text}]" has no parameter`;
    const next = items[index + 1];
    const begins = own.startsWith("/") && typeof item.items[0] === "string";
    if (!begins && !(isRoot && index === 0 && own.endsWith("/")))
      return `the optional part "[${text}]" must be made of whole levels, as in "[/{name}]"`;
    if (begins && typeof next === "string" && !next.startsWith("/"))
      return `expected "/" or "[/{name}]" after "[${text}]"`;
    const problem = groupProblem(item.items, false);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function format(items: readonly Item[]): string {
  return items.map((item) => (typeof item === "string" ? item : `[${format(item.items)}]`)).join("");
}

function variantsOfItems(items: readonly Item[]): readonly MessageVariant[] {
  let kept: { readonly text: string; readonly optional: readonly string[] }[] = [{ text: "", optional: [] }];
  for (const item of items) {
    const choices =
      typeof item === "string"
        ? [{ text: item, optional: [] }]
        : [{ text: "", optional: [] }, ...variantsOfItems(item.items).map(ofGroup)];
    kept = kept.flatMap((before) =>
      choices.map(({ text, optional }) => ({
        text: before.text + text,
        optional: [...before.optional, ...optional],
      })),
    );
  }
  const variants = kept.map(({ text, optional }) => ({
    text,
    levels: text.split("/").map(parseLevel),
    optional,
  }));
  // oxlint-disable-next-line unicorn/no-array-sort -- the array is new, and ES2022 has no toSorted
  return variants.sort((a, b) => a.levels.length - b.levels.length);
}

function ofGroup({ text }: MessageVariant): { text: string; optional: readonly string[] } {
  return { text, optional: messageNames(text) };
}

function parseLevel(text: string): MessageLevel {
  const [hole] = text.matchAll(HOLE);
  if (hole === undefined) return { before: text, after: "" };
  const { 0: braces, 1: name = "", index } = hole;
  return { before: text.slice(0, index), name, after: text.slice(index + braces.length) };
}

function problemOfLevel({ before, name, after }: MessageLevel): string | undefined {
  if (name !== undefined && !NAME.test(name))
    return `"${name}" is not a valid parameter name: use letters, digits, "_" and "$", and do not start with a digit`;
  if (/[{}]/.test(after)) return `the level "${before}{${name ?? ""}}${after}" has more than one parameter`;
  const text = before + after;
  const problem = text === "" ? undefined : levelProblem(text);
  return problem === undefined ? undefined : `the level "${text}" ${problem}`;
}

function firstProblem(problems: readonly (string | undefined)[]): string | undefined {
  return problems.find((problem) => problem !== undefined);
}
