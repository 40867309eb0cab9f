import { isObject, objectProperty, property, setProperty, type JsonObject } from "../../json/json.js";
import { formatFragment, parsePointer, pointerStep } from "../../json/pointer.js";
import { dialectFor } from "../../schema/dialect.js";
import type { SchemaIndex, SchemaLocation } from "../../schema/index.js";
import { isSchema } from "../../schema/walk.js";
import { Keys } from "../keys.js";
import {
  hasRefName,
  isNew,
  isPortable,
  isValid,
  keep,
  renamedKeyword,
  translateAssertion,
  type Parts,
} from "./keyword-translation.js";
import { containsRef, DATA_KEYWORDS, escapeRefName, escapeRefs, EXTENSION, isCommon } from "./keywords.js";
import { titleBelow } from "./titles.js";

/** The folder of schemas in an AsyncAPI document. */
export const SCHEMAS = "#/components/schemas";

/** A position in the AsyncAPI document: its pointer, and the title of a schema without one. */
interface Target {
  readonly at: string;
  readonly title: string;
}

/** The inputs of a {@link SchemaTranslator}. */
export interface TranslatorDeps {
  readonly index: SchemaIndex;
  /** URIs of schemas that something outside of the schemas refers to. */
  readonly uses: Iterable<string>;
  /** The wanted key of a component, by the URI of its schema. */
  readonly names: ReadonlyMap<string, string>;
}

/**
 * Translates schemas of any dialect into AsyncAPI's, a superset of draft-07. A keyword without a counterpart is kept under
 * `x-topicsmith`, so that {@link fromAsyncApi} restores the schema exactly. Each document becomes a component, and so does
 * each part of it that is referred to: AsyncAPI's own parser does not end for cycles of references to parts.
 */
export class SchemaTranslator {
  readonly components: JsonObject = {};
  readonly #index: SchemaIndex;
  readonly #names: ReadonlyMap<string, string>;
  readonly #keys = new Keys();
  /** The URIs of the parts that become components. */
  readonly #parts: ReadonlySet<string>;
  /** The pointers of translated schemas, by the URI of the original. */
  readonly #pointers = new Map<string, string>();
  readonly #references: {
    readonly node: JsonObject;
    readonly from: SchemaLocation;
    readonly text: string;
    readonly title: string;
  }[] = [];

  constructor({ index, uses, names }: TranslatorDeps) {
    this.#index = index;
    this.#names = names;
    this.#parts = partsOf(index, uses);
  }

  /** Translates a document into a component, and its parts. Their references are set by {@link resolve}. */
  document(uri: string, wanted: string, own: JsonObject): void {
    const root = this.#index.at(uri);
    if (root !== undefined) this.#component(root, wanted, own);
  }

  /** Adds a schema that is already AsyncAPI's. Returns its pointer. */
  add(wanted: string, schema: JsonObject): string {
    const key = this.#keys.unique(wanted);
    setProperty(this.components, key, schema);
    return SCHEMAS + pointerStep(key);
  }

  /** Sets the references of all translated documents, when the pointers of all their targets are known. */
  resolve(): void {
    for (const { node, from, text, title } of this.#references) {
      const found = this.#index.resolve(text, from);
      const pointer = found.to === "schema" ? this.#pointers.get(found.location.uri) : undefined;
      if (found.to !== "schema" || pointer === undefined) {
        setProperty(node, "title", title);
        extend(node, { $$ref: text });
        continue;
      }
      if (text !== usualText(from, found.location)) extend(node, { $$ref: text, to: pointer });
      if (!Object.hasOwn(node, EXTENSION)) {
        setProperty(node, "$ref", pointer);
        continue;
      }
      // Nothing may stand beside a `$ref`.
      setProperty(node, "title", title);
      setProperty(node, "allOf", [{ $ref: pointer }]);
      extend(node, { reference: "alone" });
    }
  }

  /** The pointer of a translated schema. */
  pointerOf(uri: string): string | undefined {
    const location = this.#index.at(uri);
    return location && this.#pointers.get(location.uri);
  }

  /** Adds a component. Returns its pointer. */
  #component(location: SchemaLocation, wanted: string, own: JsonObject): string {
    const key = this.#keys.unique(wanted);
    const at = SCHEMAS + pointerStep(key);
    // Reserves the place, so that a document comes before its parts.
    setProperty(this.components, key, {});
    const translated = this.#keywords(location, { at, title: key });
    const component = isObject(translated) ? translated : booleanSchema(translated, key);
    setProperty(component, EXTENSION, { ...own, ...objectProperty(component, EXTENSION) });
    setProperty(this.components, key, component);
    return at;
  }

  #schema(location: SchemaLocation, target: Target): unknown {
    if (!this.#parts.has(location.uri)) return this.#keywords(location, target);
    const wanted = this.#names.get(location.uri) ?? target.title;
    return { $ref: this.#component(location, wanted, { part: target.at }) };
  }

  #keywords(location: SchemaLocation, target: Target): unknown {
    this.#pointers.set(location.uri, target.at);
    const { schema, dialect } = location;
    if (!isObject(schema)) return schema;
    const parts: Parts = { out: {}, own: {} };
    const ref = property(schema, "$ref");
    const isReference = typeof ref === "string";
    const ignored: JsonObject = {};
    for (const [key, value] of Object.entries(schema)) {
      if (key === "$ref" && isReference) continue;
      const isIgnored = isReference && dialect.refIgnoresSiblings && key !== "definitions" && key !== "$defs";
      if (isIgnored) setProperty(ignored, key, escapeRefs(value));
      else this.#keyword(location, { key, value, target, parts });
    }
    if (Object.keys(ignored).length > 0) setProperty(parts.own, "ignored", ignored);
    if (isReference) return this.#reference(location, ref, { target, parts });
    return finish(parts, target.title);
  }

  /** A reference stands alone in AsyncAPI: with other keywords, it becomes the last part of an `allOf`. */
  #reference(
    from: SchemaLocation,
    text: string,
    { target, parts }: { target: Target; parts: Parts },
  ): JsonObject {
    const { out, own } = parts;
    const node: JsonObject = {};
    this.#references.push({ node, from, text, title: target.title });
    if (Object.keys(out).length === 0 && Object.keys(own).every((key) => key === "ignored")) {
      if (Object.keys(own).length > 0) setProperty(node, EXTENSION, own);
      return node;
    }
    const written = property(out, "allOf");
    setProperty(out, "allOf", [...(Array.isArray(written) ? (written as unknown[]) : []), node]);
    setProperty(own, "reference", "last of allOf");
    return finish(parts, target.title);
  }

  #keyword(
    location: SchemaLocation,
    { key, value, target, parts }: { key: string; value: unknown; target: Target; parts: Parts },
  ): void {
    const { dialect, schema } = location;
    const { out, own } = parts;
    const held = (name: string, at: string) =>
      this.#held(location, { key, value, name, target: { ...target, at } });
    const context = { schema, dialect: dialect.name, parts };
    const renamed = renamedKeyword(key, schema, dialect.name);
    if (key === EXTENSION) setProperty(own, "extension", escapeRefs(value));
    else if (key.startsWith("x-") && !containsRef(value)) setProperty(out, key, value);
    else if (translateAssertion(key, value, context)) return;
    else if (dialect.applicators.has(key) && isObject(value) && hasRefName(key, value, dialect)) {
      keep(parts, key, held(key, `${target.at}/${EXTENSION}/keywords`));
    } else if (renamed !== undefined) {
      if (key === "$defs" && !isNew(dialect.name)) setProperty(own, "definitions", key);
      setProperty(out, renamed, held(renamed, target.at));
    } else if (dialect.applicators.has(key) && isPortable(key, schema, dialect)) {
      if (key === "definitions" && isNew(dialect.name)) setProperty(own, "definitions", key);
      setProperty(out, key, held(key, target.at));
    } else if (dialect.applicators.has(key))
      keep(parts, key, held(key, `${target.at}/${EXTENSION}/keywords`));
    else if (
      isCommon(key, dialect) &&
      !(DATA_KEYWORDS.has(key) && containsRef(value)) &&
      isValid(key, value)
    ) {
      setProperty(out, key, value);
      if (key === "title" && value === target.title) setProperty(own, "title", true);
    } else keep(parts, key, escapeRefs(value));
  }

  /** Translates the schemas that a keyword holds. */
  #held(
    location: SchemaLocation,
    { key, value, name, target }: { key: string; value: unknown; name: string; target: Target },
  ): unknown {
    const holds = location.dialect.applicators.get(key)?.holds;
    const at = target.at + pointerStep(name);
    const child = (schema: unknown, step: string, place: Target): unknown => {
      if (!isSchema(schema)) return escapeRefs(schema);
      const translated = this.#schema(this.#inside(location, pointerStep(key) + step, schema), place);
      return isObject(translated) || MAY_BE_BOOLEAN.has(name)
        ? translated
        : booleanSchema(translated, place.title);
    };
    if (Array.isArray(value) && (holds === "list" || holds === "schema-or-list")) {
      return value.map((item, index) =>
        child(item, pointerStep(index), {
          at: at + pointerStep(index),
          title: titleBelow(target.title, name, index),
        }),
      );
    }
    if (isObject(value) && (holds === "map" || holds === "map-or-names")) {
      const map: JsonObject = {};
      for (const [index, [step, item]] of Object.entries(value).entries()) {
        const title = titleBelow(target.title, name, step, index);
        const safe = escapeRefName(step);
        setProperty(map, safe, child(item, pointerStep(step), { at: at + pointerStep(safe), title }));
      }
      return map;
    }
    return child(value, "", { at, title: titleBelow(target.title, name) });
  }

  #inside(location: SchemaLocation, pointer: string, schema: unknown): SchemaLocation {
    const known = this.#index.inside(location, pointer);
    if (known !== undefined) return known;
    const whole = location.pointer + pointer;
    const uri = `${location.document}#${whole}`;
    return {
      ...location,
      uri,
      pointer: whole,
      schema,
      dialect: dialectFor(schema, location.dialect) ?? location.dialect,
    };
  }
}

/** The keywords that other tools expect true or false at, too. */
const MAY_BE_BOOLEAN: ReadonlySet<string> = new Set(["additionalProperties", "additionalItems"]);

/** The schema true or false as an object, because some tools take only those. */
function booleanSchema(schema: unknown, title: string): JsonObject {
  const own = { [EXTENSION]: { boolean: schema } };
  return schema === true ? { title, ...own } : { title, not: { title: `${title}Anything` }, ...own };
}

/** The parts of documents that are referred to, from schemas or from outside. */
function partsOf(index: SchemaIndex, uses: Iterable<string>): ReadonlySet<string> {
  const parts = new Set<string>();
  const add = (location: SchemaLocation | undefined) => {
    if (location !== undefined && location.pointer !== "") parts.add(location.uri);
  };
  for (const uri of uses) add(index.at(uri));
  for (const location of index.locations()) {
    const text = isObject(location.schema) ? property(location.schema, "$ref") : undefined;
    const found = typeof text === "string" ? index.resolve(text, location) : undefined;
    if (found?.to === "schema") add(found.location);
  }
  return parts;
}

/** The text of a reference that needs no record: a pointer from the root of its document, or from that of another one. */
function usualText(from: SchemaLocation, to: SchemaLocation): string {
  const fragment = formatFragment(parsePointer(to.pointer) ?? []);
  if (from.document === to.document && from.resource === "") return `#${fragment}`;
  return fragment === "" ? to.document : `${to.document}#${fragment}`;
}

/** Adds to the keys of a node that only topicsmith reads. */
function extend(node: JsonObject, more: JsonObject): void {
  setProperty(node, EXTENSION, { ...objectProperty(node, EXTENSION), ...more });
}

/** Adds the title, first, and the keys that only topicsmith reads, last. */
function finish({ out, own }: Parts, title: string): JsonObject {
  return {
    ...(!Object.hasOwn(out, "title") && { title }),
    ...out,
    ...(Object.keys(own).length > 0 && { [EXTENSION]: own }),
  };
}
