/** Reports what documents say and a spec does not. */
import { isObject } from "../../json/json.js";
import type { Found } from "../import/reader.js";
import type { DraftContext } from "./context.js";
import { traited, type OneWay } from "./messages.js";

/** Keys of MQTT bindings that a spec has. */
const KNOWN = new Set(["qos", "retain", "bindingVersion"]);

/** Keys of `info` that are about the document. */
const ABOUT = ["termsOfService", "contact", "license", "tags", "externalDocs"];

/** Reports the headers and the bindings of a message. */
export function reportMessage(context: DraftContext, message: Found, path: readonly string[]): void {
  const headers = traited(context.reader, message, "headers");
  if (headers !== undefined)
    context.notes.lose(`the headers of ${path.join(".")}`, "a spec has no headers", headers);
  reportBindings(context, traited(context.reader, message, "bindings"), path.join("."));
}

/** Reports the bindings of operations and channels, and parameters that are also in payloads. */
export function reportOperations(context: DraftContext, messages: readonly OneWay[]): void {
  const { reader, notes } = context;
  const seen = new Set<string>();
  const once = (found: Found | undefined): Found | undefined => {
    if (found === undefined || seen.has(reader.id(found))) return undefined;
    seen.add(reader.id(found));
    return found;
  };
  for (const { key, operation, channel } of messages) {
    reportBindings(context, once(traited(reader, operation, "bindings")), `the operation ${key}`);
    reportBindings(context, once(reader.at(channel, "bindings")), `the channel of ${key}`);
    for (const [name, parameter] of reader.entries(reader.at(channel, "parameters"))) {
      const location = reader.at(once(parameter), "location");
      if (location !== undefined)
        notes.lose(
          `the location of the parameter ${name}`,
          `that ${String(location.value)} has the same value is not checked`,
          location,
        );
    }
  }
  for (const [key, operation] of reader.entries(reader.at(reader.document, "operations"))) {
    if (reader.items(traited(reader, operation, "security")).length > 0)
      notes.lose(`the security of the operation ${key}`, "credentials are an option of connect", operation);
  }
}

/** Reports what is about the document itself, and the bindings of its servers. */
export function reportRoot(context: DraftContext): void {
  const { reader, notes } = context;
  const info = reader.at(reader.document, "info");
  const about = ABOUT.filter((key) => reader.at(info, key) !== undefined);
  if (info !== undefined && about.length > 0)
    notes.lose(`info: ${about.join(", ")}`, "a spec has only an author and a license, under package", info);
  for (const [key, server] of reader.entries(reader.at(reader.document, "servers")))
    reportBindings(context, reader.at(server, "bindings"), `the server ${key}`);
}

function reportBindings({ reader, notes }: DraftContext, bindings: Found | undefined, owner: string): void {
  for (const [protocol, binding] of reader.entries(bindings)) {
    if (protocol !== "mqtt")
      notes.lose(`the ${protocol} binding of ${owner}`, "it is not about MQTT", binding);
    else if (isObject(binding.value)) {
      const keys = Object.keys(binding.value).filter((key) => !KNOWN.has(key) && !key.startsWith("x-"));
      if (keys.length > 0)
        notes.lose(`the MQTT binding of ${owner}: ${keys.join(", ")}`, "a spec has no such key", binding);
    }
  }
}
