import { didYouMean } from "../diagnostics/index.js";
import type { Location, Path, SchemaResource, SchemaUse, SourceFile } from "./document.js";
import { isObject, property, type JsonObject } from "../json/json.js";
import { nameOf } from "./file-access.js";
import { locationId, valueAt } from "./location.js";
import { below, follow } from "../json/pointer.js";
import type { DiagnosticCollector } from "./diagnostic-collector.js";
import { isAbsoluteUri, parseReference, type Reference } from "./reference.js";
import type { ReferenceCycles } from "./reference-cycles.js";
import { resourceUri } from "./resource-uri.js";
import { SchemaBuilder } from "./schema-builder.js";
import type { RegisteredSchema, SchemaRegistry } from "./schema-registry.js";
import type { Scope, Subschema } from "./schema-walk.js";
import { typeNameOf } from "./yaml-type-names.js";
import type { SourceFiles } from "./source-files.js";
import { refOf, type SpecLocations } from "./spec-locations.js";

/** A path in a schema document, or an anchor in it, whose path is known to the schema layer only. */
interface Target {
  readonly builder: SchemaBuilder;
  readonly path: Path;
  readonly anchor?: string;
}

/** The result of following a reference: its target, an error that was reported, or nothing (left to the schema layer). */
type Outcome = Target | "reported" | "left";

/** A reference and its context. */
interface ReferenceContext {
  readonly reference: Reference;
  /** The location of the `$ref` keyword. */
  readonly at: Location;
  readonly scope: Pick<Scope, "base" | "absolute">;
  /** The ids of the bare `$ref`s that were followed to get to this reference. */
  readonly trail: readonly string[];
}

/** The dependencies of a {@link SchemaReader}. */
export interface SchemaReaderDeps {
  readonly files: SourceFiles;
  readonly locations: SpecLocations;
  readonly registry: SchemaRegistry;
  readonly cycles: ReferenceCycles;
  readonly problems: DiagnosticCollector;
}

/** Collects the schema documents that are reachable from the spec, and resolves the references between them. */
export class SchemaReader {
  readonly #deps: SchemaReaderDeps;
  readonly #builders = new Map<string, SchemaBuilder>();
  /** The documents and parts of documents whose references have not been followed yet. */
  readonly #waiting: Target[] = [];
  readonly #byLocation = new Map<string, Target | undefined>();

  constructor(deps: SchemaReaderDeps) {
    this.#deps = deps;
  }

  /** The schema used at a location in the spec; undefined if its `$ref` was reported. */
  async use(location: Location): Promise<SchemaUse | undefined> {
    const target = await this.#schemaAt(location, []);
    return target && { uri: uriOf(target), location };
  }

  /** Resolves all references in the schemas passed to {@link use}, and in their targets. Returns every document. */
  async readAll(): Promise<readonly SchemaResource[]> {
    // Resolving a reference appends its target to the list that this loop iterates over.
    for (const { builder, path } of this.#waiting) {
      for (const subschema of builder.unvisited(path)) await this.#readRefs(builder, subschema);
    }
    return [...this.#builders.values()].map((builder) => builder.build());
  }

  async #readRefs(builder: SchemaBuilder, { path, schema, scope }: Subschema): Promise<void> {
    await this.#readDialect(builder, schema);
    for (const keyword of ["$ref", "$dynamicRef"]) {
      const ref = Object.hasOwn(schema, keyword) ? schema[keyword] : undefined;
      if (typeof ref !== "string") continue;
      const at = below(builder.location, ...path, keyword);
      const reference = this.#parse(ref, at);
      if (!reference) continue;
      const target =
        reference.uri === ""
          ? await this.#local({ builder, scope, reference, at })
          : await this.#outward({ reference, at, scope, trail: [] }, builder);
      if (typeof target === "string") continue;
      this.#waiting.push(target);
      const isDefinition = this.#definition(reference, below(builder.location, ...scope.root)) !== undefined;
      if (reference.uri !== "" || isDefinition) builder.replace([...path, keyword], uriOf(target));
    }
  }

  /** Reads the file of a custom dialect, which must be registered. The dialects of JSON Schema are built in. */
  async #readDialect(builder: SchemaBuilder, schema: JsonObject): Promise<void> {
    const dialect = property(schema, "$schema");
    const registered = typeof dialect === "string" ? this.#deps.registry.byUri(dialect) : undefined;
    const file = registered && this.#readRegistered(registered);
    if (file?.data !== undefined && file !== builder.location.file) this.#builderAt({ file, path: [] });
  }

  #readRegistered({ fullPath, at }: RegisteredSchema): SourceFile | undefined {
    return this.#deps.files.read(fullPath, at.file.rangeOf(at.path));
  }

  /** Follows a reference within a document, or within the part of it that has an `$id`. */
  async #local({
    builder,
    scope,
    reference,
    at,
  }: {
    readonly builder: SchemaBuilder;
    readonly scope: Scope;
    readonly reference: Reference;
    readonly at: Location;
  }): Promise<Outcome> {
    if ("anchor" in reference.target) return "left";
    const definition = this.#definition(reference, below(builder.location, ...scope.root));
    if (definition !== undefined) return this.#inSpec(definition, { reference, at, trail: [] });
    const start = below(builder.location, ...scope.root);
    const path = this.#existing(start, reference, at);
    return path ? { builder, path: [...scope.root, ...path] } : "reported";
  }

  /** The root file's definition that `#/definitions/name` in one of its schemas means, unless the schema has its own. */
  #definition({ target }: Reference, start: Location): Location | undefined {
    if ("anchor" in target || target.levels[0] !== "definitions" || start.path[0] === undefined)
      return undefined;
    const whole: Location = { file: start.file, path: [] };
    if (!this.#deps.locations.isSpec(start.file) || !("missing" in follow(valueAt(start), target.levels)))
      return undefined;
    const found = follow(valueAt(whole), target.levels);
    return "missing" in found ? undefined : below(whole, ...found.path);
  }

  /** Follows a reference to a file or to an absolute URI. */
  async #outward(context: ReferenceContext, builder?: SchemaBuilder): Promise<Outcome> {
    const { reference, at, scope } = context;
    const { files, registry } = this.#deps;
    // No relative reference can be resolved against a base such as urn:uuid:….
    if (!URL.canParse(reference.uri, scope.base)) return "left";
    const { href } = new URL(reference.uri, scope.base);
    if (builder?.declares(href)) return "left";
    if (scope.absolute || isAbsoluteUri(reference.uri)) {
      const registered = registry.byUri(href);
      if (!registered) return "left";
      return this.#inFile(this.#readRegistered(registered), context);
    }
    const path = files.pathOf(href, at);
    if (path === undefined) return "reported";
    return this.#inFile(files.read(path, at.file.rangeOf(at.path)), context);
  }

  async #inFile(file: SourceFile | undefined, { reference, at, trail }: ReferenceContext): Promise<Outcome> {
    if (file?.data === undefined) return "reported";
    const { locations } = this.#deps;
    const whole: Location = { file, path: [] };
    if ("anchor" in reference.target)
      return this.#atAnchor(whole, reference.target.anchor, { reference, at });
    const path = this.#existing(whole, reference, at);
    if (!path) return "reported";
    if (!locations.isSpec(file)) return { builder: this.#builderAt(whole), path };
    return this.#inSpec({ file, path }, { reference, at, trail });
  }

  /** Finds an anchor in a schema file. Spec files have no anchors. */
  #atAnchor(
    whole: Location,
    anchor: string,
    { reference, at }: Pick<ReferenceContext, "reference" | "at">,
  ): Outcome {
    const { locations, problems } = this.#deps;
    if (locations.isSpec(whole.file)) {
      problems.addAt("invalid-reference", { ref: reference.ref, reason: 'a "/" must follow the "#"' }, at);
      return "reported";
    }
    const builder = this.#builderAt(whole);
    if (builder.anchors.has(anchor)) return { builder, path: [], anchor };
    const suggestion = didYouMean(anchor, builder.anchors);
    problems.addAt("dangling-reference", { ref: reference.ref, missing: anchor, suggestion }, at);
    return "reported";
  }

  /** Finds a schema in a root or extension file, where each inline schema is a document. */
  async #inSpec(location: Location, context: Omit<ReferenceContext, "scope">): Promise<Outcome> {
    const kind = this.#deps.locations.classify(location);
    if (kind === "below x- key") return { builder: this.#builderAt(location), path: [] };
    if (kind === "no schema") {
      this.#wrongTarget(context, "a part of the spec that is not a schema");
      return "reported";
    }
    const target = await this.#schemaAt(kind.schema, context.trail);
    if (!target) return "reported";
    return kind.rest.length === 0 ? target : { builder: target.builder, path: kind.rest };
  }

  /** The schema at a location. A bare `{ $ref }` does not become a document: its target is returned instead. */
  async #schemaAt(location: Location, trail: readonly string[]): Promise<Target | undefined> {
    const id = locationId(location);
    if (this.#byLocation.has(id)) return this.#byLocation.get(id);
    if (this.#deps.cycles.report(trail, id, location)) return undefined;
    const outcome = await this.#behindBareRef(location, [...trail, id]);
    const found = outcome === "left" ? { builder: this.#builderAt(location), path: [] } : outcome;
    const target = found === "reported" ? undefined : found;
    this.#byLocation.set(id, target);
    return target;
  }

  async #behindBareRef(location: Location, trail: readonly string[]): Promise<Outcome> {
    const value = valueAt(location);
    const ref = refOf(value);
    if (ref === undefined || !isObject(value) || Object.keys(value).length > 1) return "left";
    const at = below(location, "$ref");
    const reference = this.#parse(ref, at);
    if (!reference) return "reported";
    const definition = reference.uri === "" ? this.#definition(reference, location) : undefined;
    if (definition !== undefined) return this.#inSpec(definition, { reference, at, trail });
    if (reference.uri === "") return "left";
    const scope = { base: this.#deps.files.urlOf(location.file), absolute: false };
    const target = await this.#outward({ reference, at, scope, trail });
    if (typeof target !== "string") this.#waiting.push(target);
    return target;
  }

  #parse(ref: string, at: Location): Reference | undefined {
    const parsed = parseReference(ref);
    if (!("reason" in parsed)) return parsed;
    this.#deps.problems.addAt("invalid-reference", { ref, reason: parsed.reason }, at);
    return undefined;
  }

  /** Follows a reference's pointer from `start`. Returns the path below `start` if it leads to a schema. */
  #existing(start: Location, reference: Reference, at: Location): Path | undefined {
    const { ref, target } = reference;
    if ("anchor" in target) return undefined;
    const found = follow(valueAt(start), target.levels);
    if ("missing" in found) {
      const { missing, siblings } = found;
      const suggestion = didYouMean(missing, siblings);
      const wholeFile = reference.uri === "" ? fromFileRoot(start, reference) : undefined;
      this.#deps.problems.addAt("dangling-reference", { ref, missing, suggestion, wholeFile }, at);
      return undefined;
    }
    if (isObject(found.value) || typeof found.value === "boolean") return found.path;
    this.#wrongTarget({ reference, at }, typeNameOf(found.value));
    return undefined;
  }

  #wrongTarget({ reference, at }: Pick<ReferenceContext, "reference" | "at">, found: string): void {
    this.#deps.problems.addAt("wrong-target", { ref: reference.ref, expected: "a schema", found }, at);
  }

  #builderAt(location: Location): SchemaBuilder {
    const id = locationId(location);
    const known = this.#builders.get(id);
    if (known) return known;
    const { files, registry } = this.#deps;
    const { file, path } = location;
    const registered = path.length === 0 ? registry.byPath(files.fullPath(file)) : undefined;
    const builder = new SchemaBuilder({
      uri: registered?.uri ?? resourceUri(file.id, path),
      location,
      base: registered?.uri ?? files.urlOf(file),
      absolute: registered !== undefined,
    });
    this.#builders.set(id, builder);
    this.#waiting.push({ builder, path: [] });
    return builder;
  }
}

function uriOf({ builder, path, anchor }: Target): string {
  return anchor === undefined ? builder.uriOf(path) : `${builder.uri}#${anchor}`;
}

/** The spelling of a `#/…` that was meant to start at the file's root instead of the inline schema. */
function fromFileRoot(start: Location, { ref, target }: Reference): string | undefined {
  if (start.path.length === 0 || "anchor" in target) return undefined;
  const found = follow(start.file.data, target.levels);
  return "missing" in found ? undefined : `./${nameOf(start.file.id)}${ref}`;
}
