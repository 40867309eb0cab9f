import { didYouMean } from "../diagnostics/index.js";
import { isObject } from "../json/json.js";
import { below } from "../json/pointer.js";
import type { Location, ResourceSpec } from "../spec/document.js";
import type { ResourceModel } from "./api-model.js";
import { namesInItems } from "./closed-schemas.js";
import type { Context } from "./context.js";
import { valueName } from "./names.js";
import type { ResourceInput } from "./resource-input.js";
import { parseTemplate } from "../runtime/topics/grammar.js";
import { fillMessage } from "../runtime/api/messages.js";
import { valueProblem } from "./values.js";

/** Resolves `push`, and checks that `on` and `off` are valid requests, alone or merged into an example of the request. */
export function resolvePush(context: Context, { spec, at, key }: ResourceInput): ResourceModel["push"] {
  if (spec.push === undefined || spec.push === false) return undefined;
  if (spec.push === true) return {};
  const { on, off } = spec.push;
  const schema = context.document.schemaAt(below(at, "request", "schema"));
  for (const [name, properties] of [["on", on] as const, ["off", off] as const]) {
    if (properties === undefined) continue;
    const optionAt = below(at, "push", name);
    if (schema === undefined) {
      context.report("push-without-request", { resource: key, name }, optionAt, "key");
      continue;
    }
    const bases = [{}, ...(spec.request?.examples ?? []).filter(isObject)];
    const problems = bases.map((base) => valueProblem(context, schema.uri, { ...base, ...properties }));
    if (!problems.includes(undefined)) {
      context.report(
        "invalid-value",
        { what: `the request with push.${name}`, problem: problems[0] ?? "" },
        optionAt,
      );
    }
  }
  return { ...(on !== undefined && { on }), ...(off !== undefined && { off }) };
}

/** The resource `name` that carries the responses; undefined if there is none, or a mistake in its name or in itself is reported. */
export function findCarrier(
  context: Context,
  { at, siblings, invalidResources }: ResourceInput,
  name: string,
): ResourceSpec | undefined {
  // An invalid resource is already reported.
  if (invalidResources.has(name)) return undefined;
  const carrier = Object.hasOwn(siblings, name) ? siblings[name] : undefined;
  if (carrier === undefined) {
    const suggestion = didYouMean(name, [...Object.keys(siblings), ...invalidResources.keys()]);
    context.report(
      "unknown-answered-by",
      { resource: name, suggestion },
      below(at, "answeredBy", "resource"),
    );
  }
  return carrier;
}

/** Resolves `answeredBy`: the resource that carries the responses, the key in both bodies, the parameters and the failure. */
export function resolveAnsweredBy(context: Context, input: ResourceInput): ResourceModel["answeredBy"] {
  const { spec, at, key } = input;
  if (spec.answeredBy === undefined) return undefined;
  const { resource, key: keyName, failure } = spec.answeredBy;
  const carrier = findCarrier(context, input, resource);
  if (carrier === undefined) return undefined;
  const location = below(at, "answeredBy");
  const declared = new Set(parameterNames(spec));
  const foreign = parameterNames(carrier).filter((name) => !declared.has(name));
  if (foreign.length > 0) {
    context.report("answered-by-parameters", { resource, key, foreign }, below(location, "resource"));
  }
  if (spec.response === undefined || spec.response === "empty" || carrier.request === undefined) {
    context.report("answered-by-bodies", { resource, key }, location, "key");
    return undefined;
  }
  checkAnsweredByKey(context, input);
  if (failure !== undefined) checkFailure(context, { carrier, resource, keyName, failure, input, location });
  return { resource: valueName(resource), key: keyName, ...(failure !== undefined && { failure }) };
}

/** The key is a property of the items and of their responses, which may leave it out. */
export function checkAnsweredByKey(context: Context, { spec, at, key }: ResourceInput): void {
  if (spec.answeredBy === undefined) return;
  const { resource, key: property } = spec.answeredBy;
  const carrierAt = { file: at.file, path: [...at.path.slice(0, -1), resource] };
  for (const [what, bodyAt] of [
    [`the items of ${key}`, below(at, "response")],
    [`the request of ${resource}`, below(carrierAt, "request")],
  ] as const) {
    const schema = context.document.schemaAt(below(bodyAt, "schema"));
    const names = schema && namesInItems(context.schemas.index, schema.uri);
    if (names === undefined || names.has(property)) continue;
    const suggestion = didYouMean(property, [...names]);
    context.report("answered-by-key", { property, what, suggestion }, below(at, "answeredBy", "key"));
    return;
  }
}

/** A failure is valid if, with some value of the key, it is a valid request of the carrier, alone or in a list. */
function checkFailure(
  context: Context,
  checked: {
    readonly carrier: ResourceSpec;
    readonly resource: string;
    readonly keyName: string;
    readonly failure: Readonly<Record<string, unknown>>;
    readonly input: ResourceInput;
    readonly location: Location;
  },
): void {
  const { carrier, resource, keyName, failure, input, location } = checked;
  const parent = input.at.path.slice(0, -1);
  const schema = context.document.schemaAt({
    file: input.at.file,
    path: [...parent, resource, "request", "schema"],
  });
  if (schema === undefined) return;
  const filled = fillMessage(failure, "message");
  const keys = [
    ...(carrier.request?.examples ?? [])
      .flat()
      .filter(isObject)
      .map((item) => item[keyName]),
    1,
    "1",
  ];
  const problems = keys.flatMap((value) => {
    const request = { ...(isObject(filled) ? filled : {}), [keyName]: value };
    return [valueProblem(context, schema.uri, request), valueProblem(context, schema.uri, [request])];
  });
  if (!problems.includes(undefined)) {
    // Both a list and a single item were tried. A problem inside a list is about the item, so it is the better explanation.
    const problem = problems.find((text) => text?.startsWith("/0")) ?? problems[0] ?? "";
    context.report(
      "invalid-value",
      { what: `a request to ${resource} with this failure`, problem },
      below(location, "failure"),
    );
  }
}

function parameterNames(spec: ResourceSpec): readonly string[] {
  return parseTemplate(spec.path ?? "").flatMap(({ kind, text }) => (kind === "literal" ? [] : [text]));
}
