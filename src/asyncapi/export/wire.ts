import { isObject, setProperty, type JsonObject } from "../../json/json.js";
import type { MessageModel } from "../../model/index.js";
import { typeName } from "../../model/names.js";

/** The body of a message whose payload is only a part of it. */
export interface WireInput {
  readonly message: MessageModel;
  /** The title of the whole. */
  readonly title: string;
  /** The reference to the schema of the payload; undefined if it has none. */
  readonly payload: JsonObject | undefined;
  /** The schema of each other name in the body template. */
  readonly nameSchema: (name: string) => JsonObject;
}

const WHOLE = /^\{([A-Za-z_$][A-Za-z0-9_$]*)\}$/;

/** The schema of a body that is made from a template. */
export function wireSchema(input: WireInput): JsonObject {
  return schemaOf(input.message.wrap, input, input.title);
}

function schemaOf(template: unknown, input: WireInput, title: string): JsonObject {
  if (typeof template === "string") return textSchema(template, input, title);
  if (Array.isArray(template)) {
    const items = template.map((item, index) => schemaOf(item, input, typeName(title, `item ${index + 1}`)));
    return { title, type: "array", items, minItems: items.length };
  }
  if (!isObject(template)) return { title, const: template };
  const properties: JsonObject = {};
  const required: string[] = [];
  const spread: JsonObject[] = [];
  for (const [key, value] of Object.entries(template)) {
    if (key === "...") spread.push(...(input.payload === undefined ? [] : [input.payload]));
    else if (!key.includes("{")) {
      setProperty(properties, key, schemaOf(value, input, typeName(title, key)));
      if (typeof value !== "string" || !WHOLE.test(value)) required.push(key);
    }
  }
  const own = {
    title,
    type: "object",
    ...(Object.keys(properties).length > 0 && { properties }),
    ...(required.length > 0 && { required }),
  };
  return spread.length === 0
    ? own
    : { title, allOf: [...spread, { ...own, title: typeName(title, "frame") }] };
}

function textSchema(text: string, { payload, nameSchema }: WireInput, title: string): JsonObject {
  const name = WHOLE.exec(text)?.[1];
  if (name === undefined) return text.includes("{") ? { title, type: "string" } : { title, const: text };
  if (name === "body") return payload ?? { title };
  return { title, ...nameSchema(name) };
}
