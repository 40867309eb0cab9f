import { setProperty, type JsonObject } from "../../json/json.js";
import type { DocumentReader, Found } from "../import/reader.js";
import type { DraftContext } from "./context.js";
import type { DraftResource } from "./resources.js";
import { parameterOf, separated } from "./parameters.js";
import { namesIn } from "./topics.js";

/** The `api` of a draft. */
export function apiOf({ reader, notes }: DraftContext): JsonObject {
  const info = reader.at(reader.document, "info");
  const title = reader.text(info, "title")?.trim() ?? "";
  const version = reader.text(info, "version") ?? "";
  const description = reader.text(info, "description");
  const semantic = semanticVersion(version);
  if (semantic !== version) {
    const question = `a version has three numbers, so ${JSON.stringify(version)} became ${semantic}.`;
    notes.decide(["api", "version"], question, info ?? reader.document);
  }
  return {
    name: apiName(title),
    title: title === "" ? "Imported API" : title,
    version: semantic,
    ...(description !== undefined && description.trim() !== "" && { description }),
  };
}

function apiName(title: string): string {
  const words = title
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== "");
  const name =
    words.filter((word) => !["api", "the", "mqtt", "service"].includes(word)).join("-") || words.join("-");
  return /^[a-z]/.test(name) ? name : `api${name === "" ? "" : `-${name}`}`;
}

const SEMANTIC =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-(0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*)(\.(0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*))*)?(\+[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?$/;

function semanticVersion(text: string): string {
  if (SEMANTIC.test(text)) return text;
  const [, major = "0", minor = "0", patch = "0"] =
    /^v?(\d{1,9})(?:\.(\d{1,9}))?(?:\.(\d{1,9}))?/.exec(text.trim()) ?? [];
  return `${Number(major)}.${Number(minor)}.${Number(patch)}`;
}

const SCHEMES: Readonly<Record<string, string>> = {
  mqtt: "mqtt",
  mqtt5: "mqtt",
  "secure-mqtt": "mqtts",
  mqtts: "mqtts",
  ws: "ws",
  wss: "wss",
};

/** The `servers` of a draft: those that speak MQTT. */
export function serversOf({ reader, notes }: DraftContext): JsonObject {
  const servers: JsonObject = {};
  for (const [key, server] of reader.entries(reader.at(reader.document, "servers"))) {
    const scheme = SCHEMES[(reader.text(server, "protocol") ?? "mqtt").toLowerCase()];
    const written = reader.text(server, "url")?.replace(/^[a-z0-9+.-]+:\/\//i, "");
    const host = filled(reader, server, reader.text(server, "host") ?? written ?? "");
    const path = filled(reader, server, reader.text(server, "pathname") ?? "");
    const url = `${scheme}://${host}${path === "" || path.startsWith("/") ? path : `/${path}`}`;
    if (scheme === undefined || !/^\w+:\/\/[^\s/?#{}]+([/?][^\s#{}]*)?$/.test(url)) {
      const reason = scheme === undefined ? "its protocol is not MQTT" : "its address is not known";
      notes.lose(`the server ${key}`, reason, server);
      continue;
    }
    const description = reader.text(server, "description");
    setProperty(servers, key, { url, ...(description !== undefined && { description }) });
    if (reader.items(reader.at(server, "security")).length > 0)
      notes.lose(`the security of the server ${key}`, "credentials are an option of connect", server);
  }
  return servers;
}

/** A text with the default values of the server's variables. */
function filled(reader: DocumentReader, server: Found, text: string): string {
  return text.replace(/\{([^{}]*)\}/g, (hole, name: string) => {
    const variable = reader.at(server, "variables", name);
    return (
      reader.text(variable, "default") ??
      reader.text(variable, "enum", 0) ??
      reader.text(variable, "examples", 0) ??
      hole
    );
  });
}

/** The `protocol` of a draft: what all resources share. Moves the other parameters into the resources. */
export function protocolOf(context: DraftContext, resources: readonly DraftResource[]): JsonObject {
  const { reader, notes } = context;
  const all = resources.map(
    ({ topics }) => new Set(topics.flatMap(namesIn).filter((name) => name !== "requestId")),
  );
  const named = all.filter((names) => names.size > 0).length;
  const counts = new Map<string, number>();
  for (const names of all) for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  const parameters: JsonObject = {};
  for (const [name, count] of counts) {
    if (named > 1 && count * 2 <= named) continue;
    setProperty(parameters, name, {
      bind: "endpoint",
      ...separated(parameterOf(reader, resources, name), resources, name),
    });
    const question = `{${name}} is in ${count} of ${resources.length} topics. Does it name the device (bind: endpoint), or is it the same for a whole connection (bind: client)?`;
    notes.decide(["protocol", "parameters", name], question, reader.document);
  }
  for (const [index, { value, key }] of resources.entries()) {
    const own = [...(all[index] ?? [])].filter((name) => !Object.hasOwn(parameters, name));
    const same = resources.filter((one) => one.key === key);
    const declared = own.map(
      (name) => [name, separated(parameterOf(reader, same, name), resources, name)] as const,
    );
    if (declared.length > 0) setProperty(value, "parameters", Object.fromEntries(declared));
  }
  const rules = resources.flatMap(({ rule }) => (rule === undefined || rule.kind === "single" ? [] : [rule]));
  const isText = rules.some(({ isInteger }) => !isInteger);
  if (isText && rules.some(({ isInteger }) => isInteger))
    notes.decide(
      ["protocol", "requestId"],
      "some request ids are numbers in the document, and others are texts.",
      reader.document,
    );
  const versions = reader
    .entries(reader.at(reader.document, "servers"))
    .map(([, server]) => reader.text(server, "protocolVersion") ?? reader.text(server, "protocol"));
  return {
    ...(versions.some((version) => version !== undefined && /^(?:mqtt)?5/.test(version)) && { mqtt: "5" }),
    ...(Object.keys(parameters).length > 0 && { parameters }),
    ...(rules.length > 0 && { requestId: isText ? { type: "string" } : { minimum: 1, maximum: 65_535 } }),
  };
}
