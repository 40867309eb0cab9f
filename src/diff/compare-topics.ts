import { levelProblem } from "../runtime/topics/grammar.js";
import type { ApiModel, ExtensionModel, ParameterModel, ResourceModel } from "../model/index.js";
import { isEqualJson, type Comparison, type Pair, type Position } from "./comparison.js";
import { regexOf } from "./schema/pattern.js";
import { textsFor } from "./schema/scalars.js";

/** The request topic of a resource without its request id and without what all resources share. */
export function pathOf(api: ApiModel, extension: ExtensionModel, resource: ResourceModel): string {
  const topic = withoutId(resource.messages.request.topic);
  const [before, after] = api.protocol.template?.split("{resource}") ?? [];
  if (before === undefined || after === undefined) return topic;
  const prefix = before.replace("{extension}", extension.key);
  const suffix = withoutId(after).replace("{extension}", extension.key);
  return topic.startsWith(prefix) && topic.endsWith(suffix)
    ? topic.slice(prefix.length, topic.length - suffix.length)
    : topic;
}

/** A topic without the request id at its end: whether requests have one is compared by itself. */
function withoutId(topic: string): string {
  return topic.replace(/\[\/\{requestId\}\]$|\/\{requestId\}$/, "");
}

/** The difference of two topic templates as sets of forms, in which the names of parameters do not count. */
export function formsLostAndGained({ older, newer }: Pair<string>): {
  readonly lost: boolean;
  readonly gained: boolean;
} {
  const [before, now] = [formsOf(older), formsOf(newer)];
  return {
    lost: [...before].some((form) => !now.has(form)),
    gained: [...now].some((form) => !before.has(form)),
  };
}

/** The text with quotes, as templates and values are printed. */
export function quoted(text: string): string {
  return JSON.stringify(text);
}

/** The forms of a template: with and without each optional group, with `{}` for each parameter. */
export function formsOf(template: string): ReadonlySet<string> {
  const open: string[] = [template.replaceAll(/\{[^{}]*\}/g, "{}")];
  const forms = new Set<string>();
  for (let text = open.pop(); text !== undefined && forms.size < MAX_FORMS; text = open.pop()) {
    const group = /\[([^[\]]*)\]/.exec(text);
    if (group === null) {
      forms.add(text);
      continue;
    }
    const [whole, inside = ""] = group;
    open.push(
      text.replace(whole, () => inside),
      text.replace(whole, ""),
    );
  }
  return forms;
}

/** Ten optional groups; more would not be read by a person either. */
const MAX_FORMS = 1024;

/** The names in braces, in order. */
export function holesOf(template: string): readonly string[] {
  return [...template.matchAll(/\{([^{}]*)\}/g)].map(([, name = ""]) => name);
}

/** Compares parameters that are in the same place of a topic. */
export function compareParameters(
  comparison: Comparison,
  at: Position,
  pairs: readonly Pair<ParameterModel>[],
): void {
  for (const { older, newer } of pairs) {
    const hole = `{${newer.name}}`;
    if (older.name !== newer.name)
      comparison.add("parameter-renamed", at, `parameter {${older.name}} is called ${hole} now`);
    if (older.secret !== newer.secret)
      comparison.add(
        newer.secret ? "parameter-secret-added" : "parameter-secret-removed",
        at,
        `parameter ${hole} is ${newer.secret ? "secret now" : "no longer secret"}`,
      );
    if ((older.integer === undefined) !== (newer.integer === undefined))
      comparison.add(
        "parameter-type-changed",
        at,
        `parameter ${hole} is ${newer.integer ? "a number" : "a text"} in code now`,
      );
    if (older.pattern !== newer.pattern || !isEqualJson(older.integer, newer.integer))
      compareValues(comparison, at, { older, newer });
  }
}

function compareValues(comparison: Comparison, at: Position, { older, newer }: Pair<ParameterModel>): void {
  const hole = `{${newer.name}}`;
  const part = ({ pattern }: ParameterModel) => (pattern === undefined ? [] : [{ pattern }]);
  const numbers = [older, newer].flatMap(({ integer }) =>
    [integer?.minimum ?? [], integer?.maximum ?? []].flat(),
  );
  const values = [
    ...[0, ...numbers].flatMap((number) => [String(number), String(number - 1), String(number + 1)]),
    ...textsFor(part(older), part(newer)),
    ...textsFor(part(newer), part(older)),
  ].filter((value) => value.length <= MAX_LEVEL);
  const lost = values.find((value) => fits(older, value) && !fits(newer, value));
  const gained = values.find((value) => fits(newer, value) && !fits(older, value));
  if (lost !== undefined) {
    const witness = { value: lost, acceptedBy: "old", reason: ruleText(newer) } as const;
    comparison.add("parameter-narrowed", at, `parameter ${hole} no longer allows ${quoted(lost)}`, witness);
  }
  if (gained !== undefined) {
    const witness = { value: gained, acceptedBy: "new", reason: ruleText(older) } as const;
    comparison.add("parameter-widened", at, `parameter ${hole} allows ${quoted(gained)} now`, witness);
  }
  if (lost === undefined && gained === undefined)
    comparison.add(
      "parameter-unproven",
      at,
      `pattern of ${hole} changed; no counterexample found in ${values.length} values`,
    );
}

function fits({ pattern, integer }: ParameterModel, value: string): boolean {
  if (levelProblem(value) !== undefined) return false;
  if (integer !== undefined) {
    const { minimum = -Infinity, maximum = Infinity } = integer;
    const isInteger = /^(?:0|-?[1-9][0-9]{0,15})$/.test(value);
    if (!isInteger || Number(value) < minimum || Number(value) > maximum) return false;
  }
  return pattern === undefined || (regexOf(pattern)?.test(value) ?? true);
}

function ruleText({ pattern, integer }: ParameterModel): string {
  if (integer === undefined) return `must match ${pattern ?? "^.+$"}`;
  return `must be a whole number${integer.minimum === undefined ? "" : ` from ${integer.minimum}`}${integer.maximum === undefined ? "" : ` to ${integer.maximum}`}`;
}

/** Longer values hardly occur as a level of a topic. */
const MAX_LEVEL = 200;
