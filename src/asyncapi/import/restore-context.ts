import { objectProperty, property, setProperty, type JsonObject } from "../../json/json.js";
import { parsePlace, referenceTo, type Place, type SpecFiles } from "./places.js";
import type { DocumentReader, Found } from "./reader.js";
import type { SchemaSlot } from "./schemas.js";

/** The settings of {@link restoreSpec}. */
export interface RestoreOptions {
  /** The name of the root file; undefined to put everything into one file whose name is not known. */
  readonly rootFile: string | undefined;
  readonly dangling: (ref: string, from: Found) => void;
}

/** The inputs and the unfinished output of a restored spec. */
export interface RestoreContext {
  readonly reader: DocumentReader;
  readonly options: RestoreOptions;
  /** The own keys of topicsmith at the root of the document. */
  readonly own: JsonObject;
  readonly files: SpecFiles;
  readonly slots: SchemaSlot[];
  /** The place of the root file. */
  readonly root: Place;
  /** The protocols of extensions, by key. */
  readonly protocols: Map<string, JsonObject>;
}

/** The texts of a value, by these keys. */
export function textsOf(
  context: RestoreContext,
  from: Found | undefined,
  keys: readonly string[],
): JsonObject {
  const entries = keys.map((key) => [key, context.reader.text(from, key)] as const);
  return Object.fromEntries(entries.filter(([, text]) => text !== undefined));
}

/** The keys of a parameter that AsyncAPI has, too. */
export function parameterOf(context: RestoreContext, parameter: Found): JsonObject {
  const example = context.reader.text(parameter, "examples", 0);
  return { ...textsOf(context, parameter, ["description"]), ...(example !== undefined && { example }) };
}

/** Reserves a key for a schema, which is placed when all are known. */
export function addSlot(
  context: RestoreContext,
  target: JsonObject,
  key: string,
  { from, place }: { from: Found | undefined; place: Place },
): void {
  if (from === undefined) return;
  // Keeps the key in its position.
  setProperty(target, key, {});
  const to = { file: place.file, path: [...place.path, key] };
  context.slots.push({ from, to, set: (schema) => setProperty(target, key, schema) });
}

/** The place in the spec for one in the exported spec: its root file may be called otherwise now. */
export function placeOf(context: RestoreContext, text: unknown): Place | undefined {
  if (context.options.rootFile === undefined) return undefined;
  const place = parsePlace(text);
  if (place === undefined) return undefined;
  return place.file === property(context.own, "file") ? { ...place, file: context.options.rootFile } : place;
}

/** A key of the protocol of an extension, or else of the root file. */
export function protocolKey(context: RestoreContext, extension: string, key: string): unknown {
  return context.protocols.get(extension)?.[key] ?? property(objectProperty(context.own, "protocol"), key);
}

/** An error payload, or a reference to the place where it was. */
export function errorPayloadOf(
  context: RestoreContext,
  own: JsonObject,
  from: Found | undefined,
  home: Place,
): JsonObject {
  const { at, ...rest } = own;
  const elsewhere = placeOf(context, at);
  const payload: JsonObject = { ...rest };
  addSlot(context, payload, "schema", { from, place: elsewhere ?? home });
  if (elsewhere === undefined) return payload;
  context.files.set(elsewhere, payload);
  return { $ref: referenceTo(elsewhere, home.file) };
}
