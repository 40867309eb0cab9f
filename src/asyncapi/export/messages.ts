import { isObject, property, setProperty, type JsonObject } from "../../json/json.js";
import { formatPointer } from "../../json/pointer.js";
import type { ApiModel, BodyModel, MessageModel, ResourceModel } from "../../model/index.js";
import { containsRef, escapeRefs, EXTENSION } from "../schemas/keywords.js";
import { compact, ref, type Draft } from "./context.js";
import type { ExportedSchemas } from "./schemas.js";
import { wireSchema } from "./wire.js";

/** A message to export. */
export interface MessageInput {
  /** The wanted key: `waterValveRequest`. */
  readonly key: string;
  readonly title: string;
  readonly body: BodyModel | undefined;
  /** Its topic and body template; undefined for one that several resources share. */
  readonly message?: MessageModel | undefined;
  readonly resource?: ResourceModel;
  /** Facts that AsyncAPI has no key for. */
  readonly prose: string;
}

const CONTENT_TYPES = {
  json: "application/json",
  text: "text/plain",
  binary: "application/octet-stream",
} as const;

interface MessageContext {
  readonly model: ApiModel;
  readonly draft: Draft;
  readonly schemas: ExportedSchemas;
}

/** Adds a message to the components. Returns a reference to it. */
export function addMessage(context: MessageContext, input: MessageInput): JsonObject {
  const { draft } = context;
  const { title, body, message, prose } = input;
  const key = draft.messageKeys.unique(input.key);
  const examples = body?.examples ?? [];
  // Examples are payloads; a wrapped payload is only a part of what AsyncAPI calls so.
  const isPlain = !containsRef(examples) && message?.wrap === undefined;
  const value = compact({
    name: key,
    title,
    description: prose === "" ? undefined : prose,
    ...(body === undefined && message?.wrap === undefined
      ? {}
      : { contentType: CONTENT_TYPES[body?.type ?? "json"] }),
    payload: payloadOf(context, { ...input, key }),
    examples: isPlain ? examples.map((payload) => ({ payload })) : [],
    [EXTENSION]: isPlain || examples.length === 0 ? undefined : { examples: escapeRefs(examples) },
  });
  setProperty(draft.messages, key, value);
  return ref(`#${formatPointer(["components", "messages", key])}`);
}

function payloadOf(context: MessageContext, input: MessageInput): JsonObject | undefined {
  const { body, key, message } = input;
  if (body?.type === "binary") return { title: key, type: "string", format: "binary" };
  const payload = body?.schema === undefined ? undefined : context.schemas.reference(body.schema.uri);
  if (message?.wrap === undefined) return payload;
  const title = `${key}Body`;
  const schema = wireSchema({
    message,
    title,
    payload,
    nameSchema: (name) => nameSchema(context, input, name),
  });
  const own = { ...(property(schema, EXTENSION) as JsonObject | undefined), wrapped: payload ?? true };
  return context.schemas.add(title, isObject(schema["$ref"]) ? schema : { ...schema, [EXTENSION]: own });
}

/** The schema of a name in a body template: the request id, the time, or a parameter. */
function nameSchema({ model }: MessageContext, { resource }: MessageInput, name: string): JsonObject {
  if (name === "now") return { type: "integer", description: "The time in milliseconds since 1970." };
  if (name === "requestId") {
    const ids = model.extensions.find(({ resources }) =>
      resources.some((one) => one === resource),
    )?.requestId;
    const description = "Matches a response to its request.";
    return "type" in (ids ?? model.protocol.requestId ?? {})
      ? { type: "string", description }
      : { type: "integer", description };
  }
  const { clientParameters, endpointParameters } = model.protocol;
  const parameter = [...(resource?.parameters ?? []), ...clientParameters, ...endpointParameters].find(
    (one) => one.name === name,
  );
  return {
    type: parameter?.integer === undefined ? "string" : "integer",
    description: parameter?.description ?? `The parameter \`${name}\`.`,
  };
}
