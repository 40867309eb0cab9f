import { below } from "../json/pointer.js";
import { validateStructure } from "./validate-structure.js";
import type { Location } from "./document.js";
import { isObject, property } from "../json/json.js";
import { locationId, valueAt } from "./location.js";
import type { DiagnosticCollector } from "./diagnostic-collector.js";
import { typeNameOf } from "./yaml-type-names.js";
import {
  ownEntries,
  refOf,
  resourceLocations,
  schemaLocations,
  type SpecLocations,
} from "./spec-locations.js";
import type { SpecReferences } from "./spec-references.js";

/** An extension whose reference was followed. */
export interface FoundExtension {
  readonly key: string;
  readonly at: Location;
  readonly body: Location;
}

/** What an {@link ExtensionReader} works with. */
export interface ExtensionReaderDeps {
  readonly references: SpecReferences;
  readonly locations: SpecLocations;
  readonly problems: DiagnosticCollector;
}

/** Finds the extensions and error payloads of a spec, wherever they stand, and checks their shape. */
export class ExtensionReader {
  readonly #sources: ExtensionReaderDeps;
  /** What stands in the root file itself, and was checked with it, and what was checked since. */
  readonly #checked = new Set<string>();
  readonly #bodies = new Set<string>();
  readonly #errors = new Map<string, Location>();
  readonly #schemas: Location[] = [];

  constructor(sources: ExtensionReaderDeps) {
    this.#sources = sources;
  }

  /** Where error payloads by `$ref` lead, by the id of the place that has the `$ref`. */
  get errors(): ReadonlyMap<string, Location> {
    return this.#errors;
  }

  /** Every place where a schema is used, in the order met. */
  get schemas(): readonly Location[] {
    return this.#schemas;
  }

  /** Reads the root file's error payload and extensions. */
  async read(root: Location): Promise<readonly FoundExtension[]> {
    const payload = below(root, "protocol", "errorPayload");
    this.#checked.add(locationId(payload));
    this.#take(root, await this.#errorSchemas(payload));

    const found: FoundExtension[] = [];
    for (const [key, value] of ownEntries(property(valueAt(root), "extensions"))) {
      const at = below(root, "extensions", key);
      if (refOf(value) === undefined) this.#checked.add(locationId(at));
      const body = await this.#sources.references.resolve(at);
      if (!body || !this.#isExtension(at, body)) continue;
      found.push({ key, at, body });
      await this.#readBody(body);
    }
    return found;
  }

  #isExtension(at: Location, body: Location): boolean {
    const value = valueAt(body);
    const ref = refOf(valueAt(at));
    if (ref === undefined || !isObject(value) || !Object.hasOwn(value, "topicsmith")) return true;
    const params = { ref, expected: "an extension", found: "a root file" };
    this.#sources.problems.addAt("wrong-target", params, below(at, "$ref"));
    return false;
  }

  async #readBody(body: Location): Promise<void> {
    if (this.#bodies.has(locationId(body))) return;
    this.#bodies.add(locationId(body));
    this.#check("extension", body);
    const places: Location[] = [];
    for (const resource of resourceLocations(body)) {
      const own = schemaLocations(resource);
      places.push(...own);
      const error = below(resource, "error");
      if (refOf(valueAt(error)) !== undefined) places.push(...(await this.#errorSchemas(error)));
    }
    this.#take(body, places);
  }

  /** Where the schema of an error payload stands, a `$ref` followed. */
  async #errorSchemas(at: Location): Promise<readonly Location[]> {
    const ref = refOf(valueAt(at));
    if (ref === undefined) return schemaLocations(at);
    const target = await this.#sources.references.resolve(at);
    if (!target) return [];
    const value = valueAt(target);
    if (!isObject(value) || !Object.hasOwn(value, "schema")) {
      const found = isObject(value) ? 'a mapping without the key "schema"' : typeNameOf(value);
      const params = { ref, expected: "an error payload", found };
      this.#sources.problems.addAt("wrong-target", params, below(at, "$ref"));
      return [];
    }
    this.#check("errorPayload", target);
    this.#errors.set(locationId(at), target);
    const schemas = schemaLocations(target);
    this.#sources.locations.add(target, schemas);
    return schemas;
  }

  #check(shape: "extension" | "errorPayload", at: Location): void {
    if (this.#checked.has(locationId(at))) return;
    this.#checked.add(locationId(at));
    validateStructure(shape, at, this.#sources.problems);
  }

  #take(body: Location, schemas: readonly Location[]): void {
    this.#sources.locations.add(body, schemas);
    this.#schemas.push(...schemas);
  }
}
