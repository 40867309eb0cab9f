/** Payloads without the properties that a body template has: the request id, and texts that tell messages apart. */
import { isObject, property, setProperty, type JsonObject } from "../../json/json.js";
import type { DocumentReader, Found } from "../import/reader.js";
import { rebased } from "../import/rebase.js";

/** A property of a body that is not a part of the payload. */
export interface FrameProperty {
  readonly name: string;
  /** Its value in the body template: `"{requestId}"`, or fixed JSON. */
  readonly value: unknown;
}

/** Keywords whose schemas are about the same value. */
const SAME_VALUE = ["allOf", "oneOf", "anyOf"] as const;

/** Schemas inside schemas about the same value: more than documents have, so beyond it, there is a cycle. */
const MAX_DEPTH = 6;

/** The properties that a schema describes, with those of its parts and alternatives. */
export function propertiesIn(
  reader: DocumentReader,
  schema: Found,
  depth = 0,
): readonly (readonly [string, Found])[] {
  const found = reader.resolve(schema);
  const own = reader.entries(reader.at(found, "properties"));
  if (depth > MAX_DEPTH) return own;
  const parts = SAME_VALUE.flatMap((keyword) => reader.items(reader.at(found, keyword)));
  return [...own, ...parts.flatMap((part) => propertiesIn(reader, part, depth + 1))];
}

/** A schema without a property, as a copy. Undefined if it does not describe or require the property. */
export function withoutProperty(
  reader: DocumentReader,
  schema: Found,
  name: string,
  depth = 0,
): Found | undefined {
  const found = reader.resolve(schema);
  if (!isObject(found.value) || depth > MAX_DEPTH) return undefined;
  const value: JsonObject = { ...found.value };
  const properties = property(value, "properties");
  const required = property(value, "required");
  let isChanged = false;
  if (isObject(properties) && Object.hasOwn(properties, name)) {
    const { [name]: _, ...rest } = properties;
    if (Object.keys(rest).length > 0) setProperty(value, "properties", rest);
    else Reflect.deleteProperty(value, "properties");
    isChanged = true;
  }
  if (Array.isArray(required) && required.includes(name)) {
    const names: readonly unknown[] = required.filter((one) => one !== name);
    if (names.length > 0) setProperty(value, "required", names);
    else Reflect.deleteProperty(value, "required");
    isChanged = true;
  }
  for (const keyword of SAME_VALUE) {
    const parts = property(value, keyword);
    if (!Array.isArray(parts)) continue;
    const changed = parts.map((part: unknown, index) => {
      const from = { file: found.file, path: [...found.path, keyword, index], value: part };
      return placedIn(reader, {
        schema: found,
        written: from,
        changed: withoutProperty(reader, from, name, depth + 1),
      });
    });
    if (changed.every((part) => part === undefined)) continue;
    setProperty(
      value,
      keyword,
      parts.map((part: unknown, index) => changed[index] ?? part),
    );
    isChanged = true;
  }
  return isChanged ? { ...found, value } : undefined;
}

/** A changed part of a schema, whose references mean the same in the file of the schema. */
function placedIn(
  reader: DocumentReader,
  { schema, written, changed }: { schema: Found; written: Found; changed: Found | undefined },
): unknown {
  if (changed === undefined || changed.file === schema.file) return changed?.value;
  const ref = property(written.value, "$ref");
  const isDirect = typeof ref === "string" && reader.target(ref, written)?.file === changed.file;
  return isDirect ? rebased(changed.value, ref) : undefined;
}

/** An example without the properties of a frame. */
export function withoutFrame(example: unknown, frame: readonly FrameProperty[]): unknown {
  if (!isObject(example) || frame.length === 0) return example;
  const names = new Set(frame.map(({ name }) => name));
  return Object.fromEntries(Object.entries(example).filter(([name]) => !names.has(name)));
}
