import { bodyTemplate, type BodyTemplateJson } from "../api/body-template.js";
import { decode } from "../api/codec.js";
import type { RequestId } from "../api/descriptor.js";
import { acceptsText, legalOf, type MessageReading } from "../client/message-shapes.js";
import type { TopicValues } from "../topics/topic.js";

/**
 * Reads what is known of a request whose body is none of the messages of its topic: the values in the topic, and those in the body
 * that are where the template has them. An error response needs them: its id, and the name of the client.
 */
export function readLoosely(
  match: MessageReading,
  payload: Uint8Array,
  maxDepth: number,
): { readonly values: TopicValues; readonly requestId: RequestId | undefined } {
  const { shape, values, requestId } = match;
  const { value, fault } = decode({ type: "json" }, payload, { maxDepth });
  if (fault || !shape.wrap) return { values, requestId };
  const template = withoutLiterals(JSON.parse(shape.wrap.text) as BodyTemplateJson);
  const reading =
    template === undefined
      ? undefined
      : bodyTemplate(template).read(
          value,
          () => true,
          (name, text) => acceptsText(match, name, text),
        );
  const { requestId: id, ...found } = reading?.values ?? {};
  const legalId = legalOf(shape, "requestId", id, reading?.texts.has("requestId") ?? false);
  return { values: { ...found, ...values }, requestId: requestId ?? legalId };
}

/** A template without the values that a body must have exactly; `undefined` if nothing remains. */
function withoutLiterals(template: BodyTemplateJson): BodyTemplateJson | undefined {
  if (typeof template === "string") return /\{[A-Za-z_$]/.test(template) ? template : undefined;
  if (typeof template !== "object" || template === null || Array.isArray(template)) return undefined;
  const kept = Object.entries<BodyTemplateJson>(Object.assign({}, template))
    .map(([key, value]): [string, BodyTemplateJson | undefined] => [key, withoutLiterals(value)])
    .filter((entry): entry is [string, BodyTemplateJson] => entry[1] !== undefined);
  return kept.length > 0 ? Object.fromEntries(kept) : undefined;
}
