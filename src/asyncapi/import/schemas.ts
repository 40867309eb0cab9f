import { isObject, objectProperty, property, setProperty, type JsonObject } from "../../json/json.js";
import { follow, formatFragment, parsePointer } from "../../json/pointer.js";
import { resourceUri } from "../../spec/resource-uri.js";
import { Keys } from "../keys.js";
import { fromAsyncApi, type ImportedSchema } from "../schemas/from-asyncapi.js";
import { SCHEMAS } from "../schemas/to-asyncapi.js";
import { parsePlace, placeId, referenceTo, type Place } from "./places.js";
import { ownKeysOf, type DocumentReader, type Found } from "./reader.js";

/** A schema to be put into the spec. */
export interface SchemaSlot {
  /** The schema in the AsyncAPI document, or a reference to it. */
  readonly from: Found;
  /** The place of its use in the spec. */
  readonly to: Place;
  /** The schema is a part of another one, whose root its references would mean. */
  readonly isPart?: true;
  /** Receives the schema. */
  set(schema: unknown): void;
}

/** A schema document of the spec. */
interface Home {
  readonly id: string;
  readonly place: Place;
  readonly imported: ImportedSchema;
  /** The URI of the document when it was exported. */
  readonly exportedUri?: string;
  /** The absolute URI by which other schemas refer to it. */
  readonly uri?: string;
  /** Whether schemas elsewhere can refer to it. */
  readonly isShared: boolean;
}

/** The settings of a {@link SchemaPlacer}. */
export interface PlacerDeps {
  readonly reader: DocumentReader;
  readonly slots: readonly SchemaSlot[];
  /** The root file of the spec; empty if its name is not known. */
  readonly rootFile: string;
  /** The place in the spec for one in the exported spec; undefined if everything goes into one file. */
  readonly placeOf: ((text: unknown) => Place | undefined) | undefined;
  /** Called for a reference that leads nowhere. */
  readonly dangling: (ref: string, from: Found) => void;
}

/**
 * Puts the schemas of an AsyncAPI document into the spec: where they were when topicsmith exported them, else into the
 * message that uses them, or into the root file's `definitions` if there are several uses.
 */
export class SchemaPlacer {
  readonly #deps: PlacerDeps;
  readonly #components: JsonObject;
  readonly #homes = new Map<string, Home>();
  readonly #definitionKeys = new Keys();
  /** The number of references to each place in the AsyncAPI document. */
  readonly #references = new Map<string, number>();

  constructor(deps: PlacerDeps) {
    this.#deps = deps;
    const { data } = deps.reader.root;
    this.#components = objectProperty(objectProperty(isObject(data) ? data : {}, "components"), "schemas");
    this.#countReferences(deps.reader.document);
    this.#findHomes();
  }

  /** The registered URIs of restored schema files. */
  get registered(): readonly (readonly [uri: string, file: string])[] {
    return [...this.#homes.values()].flatMap(({ uri, place }) =>
      uri === undefined ? [] : [[uri, place.file] as const],
    );
  }

  /** Fills all slots. Returns the documents that are not in a slot: files and definitions. */
  fill(): readonly { readonly place: Place; readonly value: unknown }[] {
    const filled = new Set<string>();
    for (const slot of this.#deps.slots) {
      const home = this.#homes.get(this.#idOf(slot.from));
      if (home !== undefined && placeId(home.place) === placeId(slot.to)) {
        filled.add(home.id);
        slot.set(home.imported.value);
        this.#setReferences(home, this.#sourceOf(slot.from));
      } else slot.set(this.#use(slot));
    }
    const others: { place: Place; value: unknown }[] = [];
    // Setting references may add definitions, which the loop reaches too.
    for (const home of this.#homes.values()) {
      if (filled.has(home.id)) continue;
      if (!home.place.path.includes("definitions") || home.exportedUri !== undefined)
        this.#setReferences(home, this.#deps.reader.document);
      others.push({ place: home.place, value: home.imported.value });
    }
    return others;
  }

  #countReferences({ file, path, value }: Found): void {
    const waiting: Found[] = [{ file, path, value }];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const ref = property(next.value, "$ref");
      const target = typeof ref === "string" ? this.#deps.reader.target(ref, next) : undefined;
      if (target !== undefined) {
        const id = this.#deps.reader.id(target);
        this.#references.set(id, (this.#references.get(id) ?? 0) + 1);
      }
      if (typeof next.value !== "object" || next.value === null) continue;
      for (const [key, child] of Object.entries(next.value))
        waiting.push({ file, path: [...next.path, key], value: child });
    }
  }

  /** The schema behind a reference. */
  #sourceOf(from: Found): Found {
    const ref = property(from.value, "$ref");
    return (typeof ref === "string" ? this.#deps.reader.target(ref, from) : undefined) ?? from;
  }

  #idOf(from: Found): string {
    return this.#deps.reader.id(this.#sourceOf(from));
  }

  #findHomes(): void {
    const { placeOf, slots } = this.#deps;
    if (placeOf === undefined) return;
    const used = new Map(slots.map((slot) => [placeId(slot.to), this.#idOf(slot.from)]));
    for (const [key, value] of Object.entries(this.#components)) {
      const own = ownKeysOf(value);
      const id = `${SCHEMAS}/${key}`;
      const [exported, place] = [parsePlace(own["at"]), placeOf(own["at"])];
      if (exported === undefined || place === undefined) continue;
      const isUsed = used.get(placeId(place)) === id;
      const isFile = place.path.length === 0 || place.path[0] === "definitions";
      if (!isUsed && !isFile && !place.path.some((step) => step.startsWith("x-"))) continue;
      if (place.path[0] === "definitions") this.#definitionKeys.unique(String(place.path[1]));
      const imported = fromAsyncApi(value, { pointer: id, title: key, components: this.#components });
      const uri = property(own, "uri");
      const exportedUri = resourceUri(exported.file, exported.path);
      const isRegistered = place.path.length === 0 && typeof uri === "string";
      this.#homes.set(id, { id, place, imported, exportedUri, isShared: true, ...(isRegistered && { uri }) });
    }
  }

  /** The schema of a message that was not exported from there: a reference to another place, or the schema itself. */
  #use({ from, to, isPart }: SchemaSlot): unknown {
    const source = this.#sourceOf(from);
    const id = this.#deps.reader.id(source);
    const uses = this.#deps.slots.filter((slot) => this.#idOf(slot.from) === id).length;
    const isReference = source !== from;
    const isShared = uses > 1 || (this.#references.get(id) ?? 0) > 1 || this.#sharedHome(id) !== undefined;
    if (isPart === true || (isReference && isShared))
      return { $ref: this.#referenceText({ file: to.file }, source) };
    const home: Home = { id, place: to, imported: this.#import(source), isShared: false };
    this.#setReferences(home, source);
    return home.imported.value;
  }

  #import(found: Found): ImportedSchema {
    const id = this.#deps.reader.id(found);
    const key = id.startsWith(`${SCHEMAS}/`) ? id.slice(SCHEMAS.length + 1) : "";
    const isOwn = Object.keys(ownKeysOf(property(this.#components, key))).length > 0;
    return fromAsyncApi(found.value, {
      pointer: id,
      components: this.#components,
      ...(isOwn && { title: key }),
    });
  }

  #setReferences({ place, imported }: Home, from: Found): void {
    const unit = { file: place.file, imported };
    for (const { node, pointer } of imported.references) {
      const target = this.#targetOf(pointer, from);
      if (target !== undefined) setProperty(node, "$ref", this.#referenceText(unit, target));
      else {
        this.#deps.dangling(pointer, from);
        Reflect.deleteProperty(node, "$ref");
      }
    }
    for (const { node, keyword } of imported.verbatim)
      setProperty(node, keyword, this.#verbatim(place.file, property(node, keyword)));
  }

  /** The target of a reference: from the root of the file, or else from the schema's own, as JSON Schema has it. */
  #targetOf(ref: string, from: Found): Found | undefined {
    const { reader } = this.#deps;
    const target = reader.target(ref, from);
    if (target !== undefined || !ref.startsWith("#/")) return target;
    const found = follow(from.value, parsePointer(ref.slice(1)) ?? [""]);
    return "missing" in found
      ? undefined
      : { file: from.file, path: [...from.path, ...found.path], value: found.value };
  }

  /** The text of a reference to a document of the spec, whose file may have another name now. */
  #verbatim(file: string, text: unknown): unknown {
    const [address = "", fragment] = String(text).split("#");
    const home = [...this.#homes.values()].find(({ exportedUri }) => exportedUri === address);
    if (home === undefined) return text;
    const reference = referenceTo(home.place, file);
    return fragment === undefined ? reference : `${reference}#${fragment}`;
  }

  #referenceText(unit: { readonly file: string; readonly imported?: ImportedSchema }, target: Found): string {
    const id = this.#deps.reader.id(target);
    const within = unit.imported?.pointers.get(id);
    if (within !== undefined) return `#${formatFragment(stepsOf(within))}`;
    const home = this.#sharedHome(id) ?? this.#define(target);
    const rest = stepsOf(home.imported.pointers.get(id) ?? "");
    if (home.uri !== undefined) return rest.length === 0 ? home.uri : `${home.uri}#${formatFragment(rest)}`;
    const place = { file: home.place.file, path: [...home.place.path, ...rest] };
    const isDefinition = place.path[0] === "definitions" && place.file === this.#deps.rootFile;
    if (isDefinition && unit.file === place.file) return `#${formatFragment(place.path)}`;
    return referenceTo(place, unit.file);
  }

  /** The document that contains a schema and that others can refer to. */
  #sharedHome(id: string): Home | undefined {
    return [...this.#homes.values()].find(({ isShared, imported }) => isShared && imported.pointers.has(id));
  }

  /** Adds a schema to the root file's definitions. */
  #define(target: Found): Home {
    const { reader, rootFile } = this.#deps;
    const source = this.#componentAround(target);
    const key = this.#definitionKeys.unique(nameOf(source));
    const id = reader.id(source);
    const place = { file: rootFile, path: ["definitions", key] };
    const home: Home = { id, place, imported: this.#import(source), isShared: true };
    this.#homes.set(id, home);
    this.#setReferences(home, source);
    return home;
  }

  /** The component that a schema is a part of, or else the schema. */
  #componentAround(target: Found): Found {
    const { reader } = this.#deps;
    const [components, schemas, key] = target.path;
    if (target.file !== reader.root || components !== "components" || schemas !== "schemas") return target;
    const all = { file: reader.root, path: [components, schemas], value: this.#components };
    return (key === undefined ? undefined : reader.raw(all, key)) ?? target;
  }
}

function stepsOf(pointer: string): readonly string[] {
  return parsePointer(pointer) ?? [];
}

/** The name of a schema: its key, or that of what it is the payload of, or its file. */
function nameOf({ file, path }: Found): string {
  const steps = path.map(String).filter((step) => !["payload", "schema"].includes(step));
  return steps.at(-1) ?? file.id.replace(/^.*\//, "").replace(/\.[^.]*$/, "");
}
