import { setProperty, type JsonObject } from "../../json/json.js";
import { valueName } from "../../model/names.js";
import type { DiagnosticCollector } from "../../spec/index.js";
import type { DocumentReader, Found } from "../import/reader.js";
import { SchemaPlacer, type SchemaSlot } from "../import/schemas.js";
import type { Side } from "../export/context.js";
import { perTopic } from "./apart.js";
import type { DraftContext } from "./context.js";
import { reportOperations, reportRoot } from "./lost.js";
import { readMessages, type OneWay } from "./messages.js";
import { Notes } from "./notes.js";
import { findPairs } from "./pairs.js";
import { resourceOf } from "./resources.js";
import { apiOf, protocolOf, serversOf } from "./root.js";

/** A spec made from another program's document. */
export interface Draft {
  readonly data: JsonObject;
  readonly notes: Notes;
}

/** Makes a draft of a spec from a document that topicsmith did not export. */
export function makeDraft(
  reader: DocumentReader,
  side: Side | undefined,
  problems: DiagnosticCollector,
): Draft {
  const notes = new Notes(problems);
  const slots: SchemaSlot[] = [];
  const context: DraftContext = { reader, notes, slots };
  // The platform receives what clients send.
  const receiving = side === "device" ? "platform" : "client";
  const all = readMessages(reader, receiving, (what, reason, from) => notes.lose(what, reason, from));
  const messages = perTopic(reader, notes, all);
  if (side === undefined) {
    const question =
      "the document is read as the platform's: it receives what devices send. If it describes the device, import it with --side device.";
    notes.decide(["resources"], question, reader.document);
  }
  const pairs = findPairs(messages);
  const responses = new Set(pairs.flatMap(({ success, error }) => [success, error]));
  const names = new Set<string>();
  const resources = messages
    .filter((message) => !responses.has(message))
    .map((message) => {
      const pair = pairs.find(({ request }) => request === message);
      return resourceOf(context, { key: keyOf(message, names), message, pair });
    });
  const protocol = protocolOf(context, resources);
  const servers = serversOf(context);
  const data: JsonObject = {
    topicsmith: 1,
    api: apiOf(context),
    ...(Object.keys(servers).length > 0 && { servers }),
    ...(Object.keys(protocol).length > 0 && { protocol }),
    resources: {},
  };
  const values: JsonObject = {};
  for (const { key, value } of resources) setProperty(values, key, ordered(value));
  setProperty(data, "resources", values);
  placeSchemas(data, context, problems);
  reportOperations(context, all);
  reportRoot(context);
  // The source is frozen, and the draft may have to be repaired.
  return { data: structuredClone(data), notes };
}

/** The key of a resource: the name of its operation without a verb, or words of its topic. */
function keyOf({ key, channel, topic }: OneWay, taken: Set<string>): string {
  const plain = key
    .replace(/^(?:on|send|receive|publish|subscribe|pub|sub|handle|emit)(?=[A-Z_.-])/, "")
    .replace(/\.(?:publish|subscribe)$/, "");
  const named = /[/{}]/.test(plain) ? "" : valueName(plain);
  const literal = topic.template.split("/").filter((level) => /^[^{}]+$/.test(level));
  const channelKey = String(channel?.path.at(-1) ?? "");
  const candidates = [
    named,
    /[/{}]/.test(channelKey) ? "" : valueName(channelKey),
    valueName(...literal.slice(-2)),
    "message",
  ];
  const base = candidates.find((name) => /^[A-Za-z][A-Za-z0-9]*$/.test(name)) ?? "message";
  let name = base;
  for (let count = 2; taken.has(name.toLowerCase()); count += 1) name = `${base}${count}`;
  taken.add(name.toLowerCase());
  return name;
}

const ORDER = [
  "topic",
  "from",
  "parameters",
  "requestId",
  "qos",
  "retain",
  "deprecated",
  "summary",
  "description",
  "request",
  "response",
  "error",
];

function ordered(value: JsonObject): JsonObject {
  return Object.fromEntries(ORDER.filter((key) => Object.hasOwn(value, key)).map((key) => [key, value[key]]));
}

function placeSchemas(
  data: JsonObject,
  { reader, slots, notes }: DraftContext,
  problems: DiagnosticCollector,
): void {
  const dangling = (ref: string, { file, path }: Found) => {
    problems.addAt("lost-reference", { ref }, { file, path });
    notes.lost.push(`the schema ${ref}: the reference cannot be resolved`);
  };
  const definitions: JsonObject = {};
  for (const { place, value } of new SchemaPlacer({
    reader,
    slots,
    rootFile: "",
    placeOf: undefined,
    dangling,
  }).fill())
    setProperty(definitions, String(place.path.at(-1)), value);
  if (Object.keys(definitions).length > 0) setProperty(data, "definitions", definitions);
}
