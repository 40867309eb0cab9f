import { isObject } from "../json/json.js";
import { below } from "../json/pointer.js";
import type { BodyModel, MessageKind, ResourceModel } from "./api-model.js";
import { bodyNames, isSpread, SPREAD } from "./body-names.js";
import { misreadTemplate, objectness, type ResolvedMessages } from "./messages.js";
import type { ResourceInput, ResourceScope } from "./resource-input.js";

/** The messages of a resource, with the bodies that their templates wrap. */
interface WrappedBodies extends ResolvedMessages {
  readonly bodies: Pick<ResourceModel, "request" | "response" | "error">;
  /** The body of error responses. */
  readonly errorBody: BodyModel;
}

/** Checks that body templates can carry the bodies of their messages. */
export function checkBodies(
  { context }: ResourceScope,
  { key, spec, at }: ResourceInput,
  { messages, places, bodies, errorBody }: WrappedBodies,
): void {
  const error = bodies.error ?? errorBody;
  const parts = [
    ["request", bodies.request, below(at, "request")],
    ["success", bodies.response, below(at, "response")],
    ["error", error, spec.error === undefined ? at : below(at, "error")],
  ] as const;
  const report = (kind: MessageKind, wrap: unknown, body: BodyModel): void => {
    const place = places.get(kind)?.wrap ?? at;
    const schema = context.schemas.index.at(body.schema?.uri ?? "")?.schema;
    if (isSpread(wrap) && objectness(schema) === "other") {
      context.reportOnce("spread-of-scalar", { resource: key, kind }, place);
      return;
    }
    const isMisread = misreadTemplate(wrap, (name) => name === "body") !== undefined;
    if (!body.optional && !isMisread && !bodyNames(wrap).includes("body"))
      context.reportOnce("wrap-without-body", { resource: key, kind }, place);
    const text = textAround(wrap);
    if (text !== undefined && !canBeText(schema))
      context.reportOnce("body-in-text", { resource: key, kind, text }, place);
    const name = clashOf(wrap, requiredOf(schema));
    if (name !== undefined) context.reportOnce("spread-clash", { resource: key, kind, name }, place);
  };
  for (const [kind, body, place] of parts) {
    const wrap = messages[kind]?.wrap;
    if (wrap === undefined || body === undefined || body === "empty") continue;
    if (body.type !== "json") context.report("wrap-of-text", { resource: key, kind }, place, "key");
    else if (body.schema !== undefined) report(kind, wrap, body);
  }
}

/** The text of a body template that has more in it than `{body}`. */
function textAround(template: unknown): string | undefined {
  if (typeof template === "string")
    return template !== "{body}" && template.includes("{body}") ? template : undefined;
  if (Array.isArray(template)) return firstOf(template, textAround);
  if (!isObject(template)) return undefined;
  const entries = Object.entries(template).filter(([key]) => key !== SPREAD);
  return firstOf(
    entries.map(([, value]) => value),
    textAround,
  );
}

/** Whether a schema allows a text, as far as its types say. */
function canBeText(schema: unknown): boolean {
  if (!isObject(schema) || schema["type"] === undefined) return true;
  return [schema["type"]].flat().includes("string");
}

/** The property beside a spread that the spread body must have too. */
function clashOf(template: unknown, required: ReadonlySet<unknown>): string | undefined {
  if (Array.isArray(template)) return firstOf(template, (item) => clashOf(item, required));
  if (!isObject(template)) return undefined;
  const own = SPREAD in template ? Object.keys(template).find((key) => required.has(key)) : undefined;
  return own ?? firstOf(Object.values(template), (value) => clashOf(value, required));
}

/** The properties that a schema requires by itself. */
function requiredOf(schema: unknown): ReadonlySet<unknown> {
  if (!isObject(schema)) return new Set();
  const required: unknown = schema["required"];
  const parts: unknown = schema["allOf"];
  return new Set<unknown>([
    ...(Array.isArray(required) ? required : []),
    ...(Array.isArray(parts) ? parts.flatMap((part) => [...requiredOf(part)]) : []),
  ]);
}

function firstOf(
  values: readonly unknown[],
  find: (value: unknown) => string | undefined,
): string | undefined {
  for (const value of values) {
    const found = find(value);
    if (found !== undefined) return found;
  }
  return undefined;
}
