/** Completes what the converter of AsyncAPI 2 leaves out: channels in other files, and the schemas of parameters. */
import { isObject, property, setProperty, type JsonObject } from "../../json/json.js";
import { rebased } from "./rebase.js";
import type { DocumentReader, Found } from "./reader.js";

/** The data of a document of AsyncAPI 2, with the channels that are references in place of these. */
export function withChannels(reader: DocumentReader): unknown {
  const channels = reader.raw(reader.document, "channels");
  if (!isObject(reader.root.data) || !isObject(channels?.value)) return reader.root.data;
  const resolved = Object.entries(channels.value).map(([address, channel]): [string, unknown] => {
    const ref = property(channel, "$ref");
    const from = { ...channels, path: [...channels.path, address], value: channel };
    const target = typeof ref === "string" ? reader.target(ref, from) : undefined;
    if (!isObject(channel) || typeof ref !== "string" || !isObject(target?.value)) return [address, channel];
    const { $ref: _, ...own } = channel;
    return [address, { ...(rebased(target.value, ref) as JsonObject), ...own }];
  });
  return { ...reader.root.data, channels: Object.fromEntries(resolved) };
}

/** Adds the schemas of parameters to a converted document, where the draft reads them like those of AsyncAPI 2. */
export function addParameterSchemas(converted: unknown, reader: DocumentReader): void {
  const shared = reader.at(reader.document, "components", "parameters");
  addTo(property(property(converted, "components"), "parameters"), shared, reader);
  const channels = property(converted, "channels");
  if (!isObject(channels)) return;
  for (const channel of Object.values(channels)) {
    const address = property(channel, "address");
    const original =
      typeof address === "string" ? reader.at(reader.document, "channels", address) : undefined;
    addTo(property(channel, "parameters"), reader.at(original, "parameters"), reader);
  }
}

function addTo(converted: unknown, originals: Found | undefined, reader: DocumentReader): void {
  if (!isObject(converted)) return;
  for (const [name, parameter] of Object.entries(converted)) {
    const schema = reader.at(originals, name, "schema");
    const isReference = property(parameter, "$ref") !== undefined;
    if (isObject(parameter) && !isReference && isObject(schema?.value) && !Object.hasOwn(parameter, "schema"))
      setProperty(parameter, "schema", schema.value);
  }
}
