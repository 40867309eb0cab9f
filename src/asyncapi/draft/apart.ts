/** Messages of several operations on one topic. */
import { property } from "../../json/json.js";
import type { DocumentReader, Found } from "../import/reader.js";
import { propertiesOf } from "./bodies.js";
import type { FrameProperty } from "./cut.js";
import type { OneWay } from "./messages.js";
import type { Notes } from "./notes.js";

/**
 * The resources on each topic: one for each operation whose payloads have a property with a text of their own, such as
 * `event: subscribe`, and else one for all operations of a side.
 */
export function perTopic(
  reader: DocumentReader,
  notes: Notes,
  messages: readonly OneWay[],
): readonly OneWay[] {
  const groups = new Map<string, OneWay[]>();
  for (const message of messages) {
    const id = JSON.stringify([message.topic.template, message.from]);
    groups.set(id, [...(groups.get(id) ?? []), message]);
  }
  return [...groups.values()].flatMap((group) => toldApart(reader, group) ?? [merged(reader, notes, group)]);
}

/** The property with one fixed value in all of these messages. */
export function literalOf(
  reader: DocumentReader,
  messages: readonly Found[],
  name: string,
): readonly FrameProperty[] {
  const values = messages.map((message) => fixedValue(propertiesOf(reader, message).get(name)));
  const [value] = values;
  return value !== undefined && values.every((other) => other === value) ? [{ name, value }] : [];
}

function toldApart(reader: DocumentReader, group: readonly OneWay[]): readonly OneWay[] | undefined {
  const [first] = group;
  if (first === undefined || group.length < 2) return undefined;
  for (const name of propertiesOf(reader, first.messages[0]).keys()) {
    const literals = group.map(({ messages }) => literalOf(reader, messages, name)[0]);
    const values = new Set(literals.map((literal) => literal?.value));
    if (values.has(undefined) || values.size < group.length) continue;
    return group.map((message, index) => {
      const literal = literals[index];
      return literal === undefined ? message : { ...message, literal };
    });
  }
  return undefined;
}

/** The text of a schema that allows only this one. A text with braces would be read as a template. */
function fixedValue(schema: Found | undefined): string | undefined {
  const list = property(schema?.value, "enum");
  const value =
    property(schema?.value, "const") ?? (Array.isArray(list) && list.length === 1 ? list[0] : undefined);
  return typeof value === "string" && !/[{}]/.test(value) ? value : undefined;
}

/** One message for those of several operations. */
function merged(reader: DocumentReader, notes: Notes, group: readonly OneWay[]): OneWay {
  return group.reduce((known, message) => {
    const others = message.messages.filter(
      (one) => !known.messages.some((other) => reader.id(other) === reader.id(one)),
    );
    if (known.reply !== undefined && message.reply !== undefined)
      notes.lose(
        `the reply of the operation ${message.key}`,
        `nothing tells its requests from those of ${known.key}, which are on the same topic`,
        message.reply.found,
      );
    const reply = known.reply ?? message.reply;
    return { ...known, ...(reply && { reply }), messages: [...known.messages, ...others] };
  });
}
