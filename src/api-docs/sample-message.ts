import {
  sampleValue,
  type ApiModel,
  type ExtensionModel,
  type MessageModel,
  type ResourceModel,
} from "../model/index.js";
import { bodyTemplate, type BodyTemplateJson } from "../runtime/api/body-template.js";

/** The resource that an example is about. */
export interface SampleInput {
  readonly model: ApiModel;
  readonly extension: ExtensionModel;
  readonly resource: ResourceModel;
}

/** The value of `{now}` in examples. It is fixed, so that a page is the same bytes each time. */
const SAMPLE_NOW = 1_700_000_000_000;

/** A request id that the API allows. */
export function sampleId({ model, extension }: SampleInput): string | number {
  const ids = extension.requestId ?? model.protocol.requestId;
  if (ids === undefined || "type" in ids) return "1";
  return Math.min(Math.max(1, ids.send.minimum), ids.send.maximum);
}

/** A topic with sample values, without the optional levels other than the one of an id. */
export function sampleTopic(input: SampleInput, template: string, id: string | number | undefined): string {
  return withoutOptional(template, id !== undefined).replaceAll(NAME, (hole, name: string) =>
    name === "requestId" ? String(id ?? hole) : String(valueOf(input, name)),
  );
}

/** The topic filter of a message with sample values and any request id, without the optional level of an id unless `hasId` is set. */
export function sampleFilter(input: SampleInput, message: MessageModel, hasId: boolean): string {
  const text = withoutOptional(message.subscribe ?? message.topic, hasId);
  const levels = text.split("/").map((level) => (level.includes("{requestId}") ? "+" : level));
  return sampleTopic(input, levels.join("/"), undefined);
}

/** The JSON value on the wire: a payload in the body template of its message, with sample values. */
export function sampleBody(
  input: SampleInput,
  message: MessageModel,
  { payload, id }: { readonly payload: unknown; readonly id: string | number | undefined },
): unknown {
  if (message.wrap === undefined) return payload;
  const left = leftOut(input.resource.messages.request.topic);
  const names = message.bodyNames.filter((name) => !left.has(name));
  const values = Object.fromEntries(names.map((name) => [name, valueOf(input, name)]));
  const template = bodyTemplate(message.wrap as BodyTemplateJson);
  return template.build({ ...values, requestId: id, now: SAMPLE_NOW }, payload);
}

const NAME = /\{([A-Za-z_$][A-Za-z0-9_$]*)\}/g;

/** A topic template without its optional parts. The one of a request id is kept if a message has an id. */
function withoutOptional(template: string, hasId: boolean): string {
  const optional = /\[([^[\]]*)\]/;
  let text = template;
  for (let found = optional.exec(text); found !== null; found = optional.exec(text)) {
    const [, inner = ""] = found;
    text = text.replace(optional, () => (hasId && inner.includes("{requestId}") ? inner : ""));
  }
  return text;
}

/** The names that only optional parts of a topic contain. */
function leftOut(template: string): ReadonlySet<string> {
  const namesOf = (text: string) => Array.from(text.matchAll(NAME), ([, name = ""]) => name);
  const kept = new Set(namesOf(withoutOptional(template, true)));
  return new Set(namesOf(template).filter((name) => !kept.has(name)));
}

/** A legal value of a parameter; its name in capitals if none is known. */
function valueOf({ model, resource }: SampleInput, name: string): string | number {
  const { clientParameters, endpointParameters } = model.protocol;
  const parameters = [...clientParameters, ...endpointParameters, ...resource.parameters];
  const parameter = parameters.find((one) => one.name === name);
  const value = parameter && sampleValue(model, parameter);
  if (value === undefined) return name.toUpperCase();
  return parameter?.integer === undefined ? value : Number(value);
}
