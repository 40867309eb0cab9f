/** Parameters of the topics of a draft. */
import { isObject, property, type JsonObject } from "../../json/json.js";
import type { DocumentReader, Found } from "../import/reader.js";
import type { DraftResource } from "./resources.js";

/** A parameter as the first channel that has it describes it. */
export function parameterOf(
  reader: DocumentReader,
  resources: readonly DraftResource[],
  name: string,
): JsonObject {
  for (const { message } of resources) {
    const level = message.topic.composed.get(name);
    if (level !== undefined) return composed(reader, message.channel, level);
  }
  const found = resources
    .map(({ message }) => reader.at(message.channel, "parameters", message.topic.names.get(name) ?? name))
    .find((one) => one !== undefined && isObject(one.value));
  return found === undefined ? {} : described(reader, found);
}

function described(reader: DocumentReader, found: Found): JsonObject {
  const schema = reader.at(found, "schema");
  const text = (...path: readonly (string | number)[]) =>
    reader.text(found, ...path) ?? reader.text(schema, ...path);
  const options = reader
    .items(reader.at(found, "enum") ?? reader.at(schema, "enum"))
    .map(({ value }) => String(value));
  const pattern =
    options.length > 0 ? `^(?:${options.map(escaped).join("|")})$` : reader.text(schema, "pattern");
  const example = text("examples", 0) ?? text("default") ?? options[0];
  const isNumber = property(schema?.value, "type") === "integer";
  const description = text("description");
  return {
    ...(description !== undefined && { description }),
    ...(isNumber && { type: "integer", ...limitsOf(schema) }),
    ...(pattern !== undefined && !isNumber && { pattern }),
    ...(example !== undefined && { example: isNumber ? Number(example) : example }),
  };
}

function limitsOf(schema: Found | undefined): JsonObject {
  const limits = ["minimum", "maximum"].map((key): [string, unknown] => [key, property(schema?.value, key)]);
  return Object.fromEntries(limits.filter(([, value]) => Number.isSafeInteger(value)));
}

/** The parameter for a level with several parameters: `{env}-{version}`. */
function composed(reader: DocumentReader, channel: Found | undefined, level: string): JsonObject {
  const parts = level.split(/\{([^{}]*)\}/).map((text, index) => {
    if (index % 2 === 0) return { pattern: escaped(text), example: text };
    const found = reader.at(channel, "parameters", text);
    const { pattern, example } = found === undefined ? {} : described(reader, found);
    return { pattern: typeof pattern === "string" ? pattern.replace(/^\^|\$$/g, "") : undefined, example };
  });
  const unknown = parts.filter(({ pattern }) => pattern === undefined).length;
  // Several parts of any text would make a pattern that takes long.
  const pattern = parts.map((part) => part.pattern ?? ".+").join("");
  const isKnown = parts.every(({ example }) => example !== undefined);
  return {
    description: `Has the form \`${level}\`.`,
    ...(unknown <= 1 && { pattern: `^${pattern}$` }),
    ...(isKnown && { example: parts.map(({ example }) => String(example)).join("") }),
  };
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
}

/** A parameter with a pattern that excludes the texts which other topics have in its place. */
export function separated(
  parameter: JsonObject,
  resources: readonly DraftResource[],
  name: string,
): JsonObject {
  if (Object.hasOwn(parameter, "pattern") || Object.hasOwn(parameter, "type")) return parameter;
  const topics = resources.flatMap((resource) => resource.topics.map((topic) => topic.split("/")));
  const texts = new Set<string>();
  for (const topic of topics) {
    const index = topic.indexOf(`{${name}}`);
    if (index < 0) continue;
    for (const other of topics) {
      const text = other[index] ?? "";
      const isHole = text.includes("{") || text === "";
      if (isHole || other.length !== topic.length) continue;
      if (
        topic.every(
          (level, at) =>
            at === index || level === other[at] || level.includes("{") || other[at]?.includes("{"),
        )
      )
        texts.add(text);
    }
  }
  const excluded = [...texts].filter((text) => text !== parameter["example"]);
  return excluded.length === 0
    ? parameter
    : { ...parameter, pattern: `^(?!(?:${excluded.map(escaped).join("|")})$).+$` };
}
