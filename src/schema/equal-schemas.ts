import { isObject, property, type JsonObject } from "../json/json.js";
import { DESCRIPTIONS_OF_ENUM, NAMES_OF_ENUM } from "./types/constants.js";
import { baseNameOf } from "./definitions.js";
import { canonicalLocation, referencesOf } from "./references.js";
import type { SchemaIndex, SchemaLocation } from "./schema-index.js";

/** The keywords that change no validator, but the JSDoc or the name of a type. */
const PRINTED_ANNOTATIONS: ReadonlySet<string> = new Set([
  "title",
  "description",
  "default",
  "examples",
  "deprecated",
  "readOnly",
  "writeOnly",
  "x-topicsmith-name",
  "x-topicsmith-index",
  ...NAMES_OF_ENUM,
  ...DESCRIPTIONS_OF_ENUM,
]);

/** A schema's text with its references cut out, and the URIs of their targets in the same order. */
interface Draft {
  readonly location: SchemaLocation;
  readonly text: string;
  readonly targets: readonly string[];
}

/**
 * Groups the schemas that references lead to, and whole files, by name and text. Two schemas are equal if both have the
 * same name and the same keywords, in any order, and if their references lead to equal schemas, wherever these are. Ids,
 * comments and unknown keywords do not count. Two names for one text stay two: a `Latitude` is no `Longitude`.
 */
export class EqualSchemas {
  readonly #index: SchemaIndex;
  readonly #files: readonly string[];
  #representatives: ReadonlyMap<string, SchemaLocation> | undefined;

  /** @param files the URIs of the documents that are whole files. */
  constructor(index: SchemaIndex, files: readonly string[]) {
    this.#index = index;
    this.#files = files;
  }

  /** The first schema that equals the one at `location`: the same for all equal schemas. */
  representativeOf(location: SchemaLocation): SchemaLocation {
    this.#representatives ??= this.#group();
    return this.#representatives.get(location.uri) ?? location;
  }

  /**
   * Starts with classes of equal text and divides them until the targets of equal schemas are in equal classes, too. So
   * schemas that refer to themselves are compared like all others.
   */
  #group(): ReadonlyMap<string, SchemaLocation> {
    const drafts = this.#drafts();
    let classes = numbered(drafts, ({ text }) => text);
    for (let count = 0; count < classes.count;) {
      count = classes.count;
      const { of } = classes;
      classes = numbered(drafts, ({ location, targets }) =>
        [of.get(location.uri), ...targets.map((uri) => of.get(uri))].join(" "),
      );
    }
    const first = new Map<number, SchemaLocation>();
    const representatives = new Map<string, SchemaLocation>();
    for (const { location } of drafts) {
      const number = classes.of.get(location.uri) ?? -1;
      const found = first.get(number) ?? location;
      first.set(number, found);
      representatives.set(location.uri, found);
    }
    return representatives;
  }

  #drafts(): readonly Draft[] {
    const drafts = new Map<string, Draft>();
    const add = (location: SchemaLocation) => {
      if (!drafts.has(location.uri)) drafts.set(location.uri, this.#draft(location));
    };
    for (const file of this.#files.flatMap((uri) => this.#index.at(uri) ?? []))
      add(canonicalLocation(this.#index, file));
    for (const location of this.#index.locations()) {
      for (const { target } of referencesOf(this.#index, location)) {
        if (target.to === "schema") add(canonicalLocation(this.#index, target.location));
      }
    }
    return [...drafts.values()];
  }

  #draft(location: SchemaLocation): Draft {
    const targets: string[] = [];
    const text = JSON.stringify([baseNameOf(location), this.#text(location, targets)]);
    // Where a dynamic reference leads depends on more than the text.
    const isDynamic = this.#index.dynamicAnchorsAround(location).length > 0;
    return { location, text: isDynamic ? `${location.uri} ${text}` : text, targets };
  }

  #text(location: SchemaLocation, targets: string[]): unknown {
    const { schema, dialect } = location;
    if (!isObject(schema)) return schema;
    const references = referencesOf(this.#index, location).map(({ keyword, reference, target }) => {
      if (target.to === "schema") {
        targets.push(canonicalLocation(this.#index, target.location).uri);
        return keyword;
      }
      // A dynamic target, and one that does not exist, belong to this location only.
      return target.to === "meta-schema" ? target.uri : `${location.uri} ${keyword} ${reference}`;
    });
    const isOnlyRef = dialect.refIgnoresSiblings && typeof property(schema, "$ref") === "string";
    const keywords = ownKeywords(location, schema, isOnlyRef);
    const inside = isOnlyRef
      ? []
      : this.#index
          .subschemas(location)
          .filter(({ appliesTo }) => appliesTo !== "nothing" && appliesTo !== "content")
          .toSorted((a, b) => (a.pointer < b.pointer ? -1 : 1))
          .map((one) => [one.pointer, this.#text(one.location, targets)]);
    return [dialect.name, references, keywords, inside];
  }
}

/** The keywords without schemas that count, in the order of their names. */
function ownKeywords({ dialect }: SchemaLocation, schema: JsonObject, isOnlyRef: boolean): unknown {
  const keys = Object.keys(schema).filter(
    (key) =>
      PRINTED_ANNOTATIONS.has(key) ||
      (!isOnlyRef && (dialect.assertions.has(key) || dialect.applicators.get(key)?.holds === "map-or-names")),
  );
  return keys.toSorted().map((key) => [key, sorted(schema[key])]);
}

/** A JSON value with the keys of its objects in order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  return Object.keys(value)
    .toSorted()
    .map((key) => [key, sorted(value[key])]);
}

/** Numbers the drafts: equal numbers for equal keys. */
function numbered(drafts: readonly Draft[], keyOf: (draft: Draft) => string) {
  const numbers = new Map<string, number>();
  const of = new Map<string, number>();
  for (const draft of drafts) {
    const key = keyOf(draft);
    const number = numbers.get(key) ?? numbers.size;
    numbers.set(key, number);
    of.set(draft.location.uri, number);
  }
  return { of, count: numbers.size };
}
