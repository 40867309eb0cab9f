import { posix } from "node:path";
import { didYouMean } from "../diagnostics/index.js";
import type { Location, Path, SchemaResource, SchemaUse, SourceFile } from "./document.js";
import { isObject, member, type JsonObject } from "./json.js";
import { below, locationId, valueAt } from "./location.js";
import { follow } from "./pointer.js";
import type { DiagnosticCollector } from "./diagnostic-collector.js";
import { isAbsoluteUri, parseReference, type Reference } from "./reference.js";
import { ReferenceCircles } from "./reference-circles.js";
import { resourceUri } from "./resource-uri.js";
import { SchemaDraft } from "./schema-draft.js";
import type { RegisteredSchema, SchemaRegistry } from "./schema-registry.js";
import type { Scope, Subschema } from "./schema-walk.js";
import { kindOf } from "./shape-words.js";
import type { SourceFiles } from "./source-files.js";
import { refOf, type SpecLocations } from "./spec-locations.js";

/** A place in a schema document, or an anchor in it, whose place the schema room knows. */
interface Target {
  readonly draft: SchemaDraft;
  readonly path: Path;
  readonly anchor?: string;
}

/** What becomes of a reference: it leads somewhere, was reported, or is left as it is for the schema room. */
type Outcome = Target | "reported" | "left";

/** A reference, where it is written, and what it starts from. */
interface Written {
  readonly reference: Reference;
  readonly at: Location;
  readonly scope: Pick<Scope, "base" | "absolute">;
  /** The places without a document of their own that led here. */
  readonly trail: readonly string[];
}

/** What a {@link SchemaReader} reads from. */
export interface SchemaSources {
  readonly files: SourceFiles;
  readonly locations: SpecLocations;
  readonly registry: SchemaRegistry;
  readonly problems: DiagnosticCollector;
}

/** Finds every schema document that is reached from the spec, and follows the references between them. */
export class SchemaReader {
  readonly #sources: SchemaSources;
  readonly #drafts = new Map<string, SchemaDraft>();
  /** Documents and parts of them whose references are still to be followed. */
  readonly #waiting: Target[] = [];
  readonly #byLocation = new Map<string, Target | undefined>();
  readonly #circles: ReferenceCircles;

  constructor(sources: SchemaSources) {
    this.#sources = sources;
    this.#circles = new ReferenceCircles(sources.problems);
  }

  /** The schema that is written at a place of the spec. */
  async use(location: Location): Promise<SchemaUse | undefined> {
    const target = await this.#schemaAt(location, []);
    return target && { uri: uriOf(target), location };
  }

  /** Follows all references in the schemas that are used, and in those that they lead to. */
  async readAll(): Promise<readonly SchemaResource[]> {
    // The list grows while it is gone through.
    for (const { draft, path } of this.#waiting) {
      for (const subschema of draft.unvisited(path)) await this.#readRefs(draft, subschema);
    }
    this.#circles.report();
    return [...this.#drafts.values()].map((draft) => draft.finish());
  }

  async #readRefs(draft: SchemaDraft, { path, schema, scope }: Subschema): Promise<void> {
    await this.#readDialect(draft, schema);
    for (const keyword of ["$ref", "$dynamicRef"]) {
      const ref = Object.hasOwn(schema, keyword) ? schema[keyword] : undefined;
      if (typeof ref !== "string") continue;
      const at = below(draft.location, ...path, keyword);
      const reference = this.#parse(ref, at);
      if (!reference) continue;
      const target =
        reference.uri === ""
          ? this.#local({ draft, scope, reference, at })
          : await this.#outward({ reference, at, scope, trail: [] }, draft);
      if (typeof target === "string") continue;
      this.#waiting.push(target);
      if (reference.uri !== "") draft.replace([...path, keyword], uriOf(target));
      if (keyword === "$ref" && target.anchor === undefined) {
        const [from, to] = [below(draft.location, ...path), below(target.draft.location, ...target.path)];
        this.#circles.add({ from: locationId(from), to: locationId(to), at });
      }
    }
  }

  /** A dialect of one's own is registered, and read; those of the drafts are known without. */
  async #readDialect(draft: SchemaDraft, schema: JsonObject): Promise<void> {
    const dialect = property(schema, "$schema");
    const registered = typeof dialect === "string" ? this.#sources.registry.byUri(dialect) : undefined;
    const file = registered && (await this.#readRegistered(registered));
    if (file?.data !== undefined && file !== draft.location.file) this.#draftAt({ file, path: [] });
  }

  #readRegistered({ fullPath, at }: RegisteredSchema): Promise<SourceFile | undefined> {
    return this.#sources.files.read(fullPath, at.file.rangeOf(at.path));
  }

  /** A reference into the document that it stands in, or into the part of it that has an `$id`. */
  #local(written: {
    readonly draft: SchemaDraft;
    readonly scope: Scope;
    readonly reference: Reference;
    readonly at: Location;
  }): Outcome {
    const { draft, scope, reference, at } = written;
    if ("anchor" in reference.target) return "left";
    const start = below(draft.location, ...scope.root);
    const path = this.#existing(start, reference, at);
    return path ? { draft, path: [...scope.root, ...path] } : "reported";
  }

  /** A reference that names a file or an absolute URI. */
  async #outward(written: Written, draft?: SchemaDraft): Promise<Outcome> {
    const { reference, at, scope } = written;
    const { files, registry } = this.#sources;
    // Against a base such as urn:uuid:… there are no relative references.
    if (!URL.canParse(reference.uri, scope.base)) return "left";
    const { href } = new URL(reference.uri, scope.base);
    if (draft?.declares(href)) return "left";
    if (scope.absolute || isAbsoluteUri(reference.uri)) {
      const registered = registry.byUri(href);
      if (!registered) return "left";
      return this.#inFile(await this.#readRegistered(registered), written);
    }
    const path = files.pathOf(href, at);
    if (path === undefined) return "reported";
    return this.#inFile(await files.read(path, at.file.rangeOf(at.path)), written);
  }

  async #inFile(file: SourceFile | undefined, { reference, at, trail }: Written): Promise<Outcome> {
    if (file?.data === undefined) return "reported";
    const { locations: places } = this.#sources;
    const whole: Location = { file, path: [] };
    if ("anchor" in reference.target)
      return this.#atAnchor(whole, reference.target.anchor, { reference, at });
    const path = this.#existing(whole, reference, at);
    if (!path) return "reported";
    if (!places.isSpec(file)) return { draft: this.#draftAt(whole), path };
    return this.#inSpec({ file, path }, { reference, at, trail });
  }

  /** A schema file's schema that has a name. A spec file is no schema, and has none. */
  #atAnchor(whole: Location, anchor: string, { reference, at }: Pick<Written, "reference" | "at">): Outcome {
    const { locations: places, problems } = this.#sources;
    if (places.isSpec(whole.file)) {
      problems.addAt("malformed-reference", { ref: reference.ref, reason: 'a "/" must follow the "#"' }, at);
      return "reported";
    }
    const draft = this.#draftAt(whole);
    if (draft.anchors.has(anchor)) return { draft, path: [], anchor };
    const suggestion = didYouMean(anchor, draft.anchors);
    problems.addAt("dangling-reference", { ref: reference.ref, missing: anchor, suggestion }, at);
    return "reported";
  }

  /** A place in a root or extension file, where each inline schema is a document of its own. */
  async #inSpec(location: Location, written: Omit<Written, "scope">): Promise<Outcome> {
    const standing = this.#sources.locations.classify(location);
    if (standing === "elsewhere") return { draft: this.#draftAt(location), path: [] };
    if (standing === "no schema") {
      this.#wrongTarget(written, "a part of the spec that is no schema");
      return "reported";
    }
    const target = await this.#schemaAt(standing.schema, written.trail);
    if (!target) return "reported";
    return standing.rest.length === 0 ? target : { draft: target.draft, path: standing.rest };
  }

  /** The schema at a place that has no document of its own if it is a bare `$ref`. */
  async #schemaAt(place: Location, trail: readonly string[]): Promise<Target | undefined> {
    const id = locationId(place);
    if (this.#byLocation.has(id)) return this.#byLocation.get(id);
    if (trail.includes(id)) {
      this.#circles.reportChain([...trail.slice(trail.indexOf(id)), id], below(place, "$ref"));
      return undefined;
    }
    const target = await this.#behindBareRef(place, [...trail, id]);
    const found = target === "left" ? { draft: this.#draftAt(place), path: [] } : target;
    const result = found === "reported" ? undefined : found;
    this.#byLocation.set(id, result);
    return result;
  }

  async #behindBareRef(place: Location, trail: readonly string[]): Promise<Outcome> {
    const value = valueAt(place);
    const ref = refOf(value);
    if (ref === undefined || !isObject(value) || Object.keys(value).length > 1) return "left";
    const at = below(place, "$ref");
    const reference = this.#parse(ref, at);
    if (!reference) return "reported";
    if (reference.uri === "") return "left";
    const scope = { base: this.#sources.files.urlOf(place.file), absolute: false };
    const target = await this.#outward({ reference, at, scope, trail });
    if (typeof target !== "string") this.#waiting.push(target);
    return target;
  }

  #parse(ref: string, at: Location): Reference | undefined {
    const parsed = parseReference(ref);
    if (!("reason" in parsed)) return parsed;
    this.#sources.problems.addAt("malformed-reference", { ref, reason: parsed.reason }, at);
    return undefined;
  }

  /** The path, below `start`, that a reference's pointer names, if there is a schema. */
  #existing(start: Location, reference: Reference, at: Location): Path | undefined {
    const { ref, target } = reference;
    if ("anchor" in target) return undefined;
    const found = follow(valueAt(start), target.levels);
    if ("missing" in found) {
      const { missing, siblings } = found;
      const suggestion = didYouMean(missing, siblings);
      const wholeFile = reference.uri === "" ? otherStart(start, reference) : undefined;
      this.#sources.problems.addAt("dangling-reference", { ref, missing, suggestion, wholeFile }, at);
      return undefined;
    }
    if (isObject(found.value) || typeof found.value === "boolean") return found.path;
    this.#wrongTarget({ reference, at }, kindOf(found.value));
    return undefined;
  }

  #wrongTarget({ reference, at }: Pick<Written, "reference" | "at">, found: string): void {
    this.#sources.problems.addAt("wrong-target", { ref: reference.ref, expected: "a schema", found }, at);
  }

  #draftAt(location: Location): SchemaDraft {
    const id = locationId(location);
    const known = this.#drafts.get(id);
    if (known) return known;
    const { files, registry } = this.#sources;
    const { file, path } = location;
    const registered = path.length === 0 ? registry.byPath(files.fullPath(file)) : undefined;
    const draft = new SchemaDraft({
      uri: registered?.uri ?? resourceUri(file.id, path),
      location,
      base: registered?.uri ?? files.urlOf(file),
      absolute: registered !== undefined,
    });
    this.#drafts.set(id, draft);
    this.#waiting.push({ draft, path: [] });
    return draft;
  }
}

function uriOf({ draft, path, anchor }: Target): string {
  return anchor === undefined ? draft.uriOf(path) : `${draft.uri}#${anchor}`;
}

/** How to write a `#/…` that was meant to begin at the file rather than at the inline schema. */
function otherStart(start: Location, { ref, target }: Reference): string | undefined {
  if (start.path.length === 0 || "anchor" in target) return undefined;
  const found = follow(start.file.data, target.levels);
  return "missing" in found ? undefined : `./${posix.basename(start.file.id)}${ref}`;
}
