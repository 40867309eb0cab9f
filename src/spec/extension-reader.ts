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

/** An extension with the location of its body, which is that of `at` unless `at` has a `$ref`. */
export interface FoundExtension {
  readonly key: string;
  readonly at: Location;
  readonly body: Location;
  /** Set for the root file's own `resources`; the body is the root then. */
  readonly isRoot?: true;
}

/** The dependencies of an {@link ExtensionReader}. */
export interface ExtensionReaderDeps {
  readonly references: SpecReferences;
  readonly locations: SpecLocations;
  readonly problems: DiagnosticCollector;
}

/** Finds the extensions and error payloads of a spec in all of its files, and validates their structure. */
export class ExtensionReader {
  readonly #deps: ExtensionReaderDeps;
  /** The ids of locations whose structure was validated, as a part of the root file or individually. */
  readonly #validated = new Set<string>();
  readonly #bodies = new Set<string>();
  readonly #errors = new Map<string, Location>();
  readonly #schemas: Location[] = [];

  constructor(deps: ExtensionReaderDeps) {
    this.#deps = deps;
  }

  /** The targets of references to error payloads, by the id of the location that has the `$ref`. */
  get errors(): ReadonlyMap<string, Location> {
    return this.#errors;
  }

  /** Every location at which a schema is used, in reading order. */
  get schemas(): readonly Location[] {
    return this.#schemas;
  }

  /** Reads the root file's error payload and extensions. */
  async read(root: Location): Promise<readonly FoundExtension[]> {
    const payload = below(root, "protocol", "errorPayload");
    this.#validated.add(locationId(payload));
    this.#addSchemas(root, await this.#errorSchemas(payload));

    const found: FoundExtension[] = [];
    const definitions = ownEntries(property(valueAt(root), "definitions"));
    this.#addSchemas(
      root,
      definitions.map(([key]) => below(root, "definitions", key)),
    );
    if (isObject(property(valueAt(root), "resources"))) {
      found.push({ key: "", at: below(root, "resources"), body: root, isRoot: true });
      this.#validated.add(locationId(root));
      await this.#readBody(root);
    }
    for (const [key, value] of ownEntries(property(valueAt(root), "extensions"))) {
      const at = below(root, "extensions", key);
      if (refOf(value) === undefined) this.#validated.add(locationId(at));
      const body = await this.#deps.references.resolve(at);
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
    this.#deps.problems.addAt("wrong-target", params, below(at, "$ref"));
    return false;
  }

  async #readBody(body: Location): Promise<void> {
    if (this.#bodies.has(locationId(body))) return;
    this.#bodies.add(locationId(body));
    this.#validate("extension", body);
    const schemas: Location[] = [];
    if (body.path.length > 0 || !Object.hasOwn(valueAt(body) ?? {}, "topicsmith"))
      schemas.push(...(await this.#errorSchemas(below(body, "protocol", "errorPayload"))));
    for (const resource of resourceLocations(body)) {
      schemas.push(...schemaLocations(resource));
      const error = below(resource, "error");
      if (refOf(valueAt(error)) !== undefined) schemas.push(...(await this.#errorSchemas(error)));
    }
    this.#addSchemas(body, schemas);
  }

  /** The location of an error payload's schema, also if the payload is a `$ref`. Empty if that was reported. */
  async #errorSchemas(at: Location): Promise<readonly Location[]> {
    const ref = refOf(valueAt(at));
    if (ref === undefined) return schemaLocations(at);
    const target = await this.#deps.references.resolve(at);
    if (!target) return [];
    const value = valueAt(target);
    if (!isObject(value) || !Object.hasOwn(value, "schema")) {
      const found = isObject(value) ? 'a mapping without the key "schema"' : typeNameOf(value);
      const params = { ref, expected: "an error payload", found };
      this.#deps.problems.addAt("wrong-target", params, below(at, "$ref"));
      return [];
    }
    this.#validate("errorPayload", target);
    this.#errors.set(locationId(at), target);
    const schemas = schemaLocations(target);
    this.#deps.locations.add(target, schemas);
    return schemas;
  }

  #validate(name: "extension" | "errorPayload", at: Location): void {
    if (this.#validated.has(locationId(at))) return;
    this.#validated.add(locationId(at));
    validateStructure(name, at, this.#deps.problems);
  }

  #addSchemas(body: Location, schemas: readonly Location[]): void {
    this.#deps.locations.add(body, schemas);
    this.#schemas.push(...schemas);
  }
}
