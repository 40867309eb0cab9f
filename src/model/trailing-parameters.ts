import { below } from "../json/pointer.js";
import { runnablePattern } from "../schema/index.js";
import type { ParameterModel, RequestIdModel } from "./api-model.js";
import { declarationOf, type ResourceInput, type ResourceScope } from "./resource-input.js";
import { idsAmong } from "./topic-variants.js";

/** The parameters that can be the last level of a topic whose request id is left out. */
interface Trailing {
  /** Their names. */
  readonly last: ReadonlySet<string>;
  /** The resource's own parameters. */
  readonly parameters: readonly ParameterModel[];
  readonly ids: RequestIdModel | undefined;
}

/** Reports parameters whose values would be read as a request id or as a response suffix. */
export function checkTrailingParameters(
  { context, protocol }: Pick<ResourceScope, "context" | "protocol">,
  input: ResourceInput,
  { last, parameters, ids }: Trailing,
): void {
  const suffixes = `${protocol.model.success ?? ""}/${protocol.model.error ?? ""}`.split("/").filter(Boolean);
  for (const parameter of [...parameters, ...protocol.parameters.values()]) {
    const { name, pattern, integer, example } = parameter;
    if (!last.has(name)) continue;
    const declaredAt = parameters.includes(parameter)
      ? (declarationOf(input, name)?.at ?? input.at)
      : context.root("protocol", "parameters", name);
    const taken = takenValues(parameter, { ids, suffixes });
    // A pattern of digits can be longer than every sample.
    if (taken.length === 0 && (ids === undefined || !isNeverNegative(parameter))) continue;
    const isNumber = example !== undefined && /^[0-9]+$/.test(example);
    if (ids !== undefined && (isNumber || isNeverNegative(parameter))) {
      const key = isNumber ? "example" : integer === undefined ? "pattern" : "type";
      const params = { name, example: isNumber ? example : undefined, isInteger: integer !== undefined };
      context.report("numeric-parameter", params, below(declaredAt, key));
      continue;
    }
    const key = integer === undefined ? "pattern" : "type";
    const hasKey = pattern !== undefined || integer !== undefined;
    const params = { name, taken, suffixes, pattern, isInteger: integer !== undefined };
    const place = hasKey ? below(declaredAt, key) : declaredAt;
    context.report("ambiguous-parameter", params, place, hasKey ? "value" : "key");
  }
}

/** Values of a parameter that would be read as a request id or as a response suffix: examples of them. */
function takenValues(
  { pattern, integer }: ParameterModel,
  { ids, suffixes }: { readonly ids: RequestIdModel | undefined; readonly suffixes: readonly string[] },
): readonly string[] {
  if (integer === undefined) {
    const runnable = runnablePattern(pattern);
    const accepts = (value: string) => runnable === undefined || new RegExp(runnable, "u").test(value);
    return [...(ids === undefined ? [] : idsAmong(accepts)), ...suffixes.filter(accepts)];
  }
  const { minimum = -Infinity, maximum = Infinity } = integer;
  const accepts = (value: string) =>
    /^(?:0|[1-9][0-9]*)$/.test(value) && Number(value) >= minimum && Number(value) <= maximum;
  const numbers = ids === undefined || maximum < 0 ? [] : [...idsAmong(accepts), String(minimum)];
  return [...new Set([...numbers, ...suffixes])].filter(accepts);
}

/** Whether all values are decimal digits, which topic builders refuse at the end of a topic. */
function isNeverNegative({ pattern, integer }: ParameterModel): boolean {
  if (integer !== undefined) return (integer.minimum ?? -Infinity) >= 0;
  return pattern !== undefined && DIGITS_ONLY.test(pattern);
}

/** Patterns made only of digits, repetitions, groups and alternatives, so that they match nothing but numbers. */
const DIGITS_ONLY =
  /^\^(?:(?:\[(?:[0-9](?:-[0-9])?|\\d)+\]|\\d|[0-9]|\))(?:[*+?]|\{[0-9]+(?:,[0-9]*)?\})?|\((?:\?(?::|<\w+>))?|\|)+\$$/;
