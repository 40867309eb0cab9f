import { didYouMean } from "../diagnostics/index.js";
import { isObject } from "../json/json.js";
import { below } from "../json/pointer.js";
import type { Location, ResourceSpec } from "../spec/document.js";
import type { ResourceModel } from "./api-model.js";
import type { Context } from "./context.js";
import { valueName } from "./names.js";
import type { ResourceInput } from "./resource-input.js";
import { parseTemplate } from "../runtime/topics/grammar.js";
import { fillMessage } from "../runtime/api/messages.js";
import { valueProblem } from "./values.js";

/** Decides `push`, and checks that `on` and `off` make a legal request, alone or with one of its examples. */
export function resolvePush(context: Context, { spec, at, key }: ResourceInput): ResourceModel["push"] {
  if (spec.push === undefined || spec.push === false) return undefined;
  if (spec.push === true) return {};
  const { on, off } = spec.push;
  const schema = context.document.schemaAt(below(at, "request", "schema"));
  for (const [name, members] of [["on", on] as const, ["off", off] as const]) {
    if (members === undefined) continue;
    const place = below(at, "push", name);
    if (schema === undefined) {
      context.report("push-without-request", { resource: key, name }, place, "key");
      continue;
    }
    const bases = [{}, ...(spec.request?.examples ?? []).filter(isObject)];
    const problems = bases.map((base) => valueProblem(context, schema.uri, { ...base, ...members }));
    if (!problems.includes(undefined)) {
      context.report(
        "invalid-value",
        { what: `the request with push.${name}`, problem: problems[0] ?? "" },
        place,
      );
    }
  }
  return { ...(on !== undefined && { on }), ...(off !== undefined && { off }) };
}

/** Decides `answeredBy`: its resource, its key in both bodies, its parameters and its failure. */
export function resolveAnsweredBy(context: Context, input: ResourceInput): ResourceModel["answeredBy"] {
  const { spec, at, siblings, key } = input;
  if (spec.answeredBy === undefined) return undefined;
  const { resource, key: member, failure } = spec.answeredBy;
  const place = below(at, "answeredBy");
  // What is wrong with a broken one was told already.
  if (input.broken.has(resource)) return undefined;
  const answerer = Object.hasOwn(siblings, resource) ? siblings[resource] : undefined;
  if (answerer === undefined) {
    const suggestion = didYouMean(resource, Object.keys(siblings));
    context.report("unknown-answered-by", { resource, suggestion }, below(place, "resource"));
    return undefined;
  }
  const own = new Set(parameterNames(spec));
  const foreign = parameterNames(answerer).filter((name) => !own.has(name));
  if (foreign.length > 0) {
    context.report("answered-by-parameters", { resource, key, foreign }, below(place, "resource"));
  }
  if (spec.response === undefined || spec.response === "empty" || answerer.request === undefined) {
    context.report("answered-by-bodies", { resource, key }, place, "key");
    return undefined;
  }
  if (failure !== undefined) checkFailure(context, { answerer, resource, member, failure, input, place });
  return { resource: valueName(resource), key: member, ...(failure !== undefined && { failure }) };
}

/** A failure is legal if it makes a legal answer together with some value of the key, alone or in a list. */
function checkFailure(
  context: Context,
  checked: {
    readonly answerer: ResourceSpec;
    readonly resource: string;
    readonly member: string;
    readonly failure: Readonly<Record<string, unknown>>;
    readonly input: ResourceInput;
    readonly place: Location;
  },
): void {
  const { answerer, resource, member, failure, input, place } = checked;
  const parent = input.at.path.slice(0, -1);
  const schema = context.document.schemaAt({
    file: input.at.file,
    path: [...parent, resource, "request", "schema"],
  });
  if (schema === undefined) return;
  const filled = fillMessage(failure, "message");
  const keys = [
    ...(answerer.request?.examples ?? [])
      .flat()
      .filter(isObject)
      .map((item) => item[member]),
    1,
    "1",
  ];
  const problems = keys.flatMap((value) => {
    const answer = { ...(isObject(filled) ? filled : {}), [member]: value };
    return [valueProblem(context, schema.uri, answer), valueProblem(context, schema.uri, [answer])];
  });
  if (!problems.includes(undefined)) {
    // Lists and single answers are both tried; what is wrong with the member itself is the later, deeper problem.
    const problem = problems.find((text) => text?.startsWith("/0")) ?? problems[0] ?? "";
    context.report(
      "invalid-value",
      { what: `a request to ${resource} with this failure`, problem },
      below(place, "failure"),
    );
  }
}

function parameterNames(spec: ResourceSpec): readonly string[] {
  return parseTemplate(spec.path).flatMap(({ kind, text }) => (kind === "literal" ? [] : [text]));
}
