import {
  isObject,
  objectProperty,
  property,
  setProperty,
  stringProperty,
  type JsonObject,
} from "../../json/json.js";
import { pointerStep } from "../../json/pointer.js";
import { DIALECTS, dialectFor, type Dialect } from "../../schema/dialect.js";
import { isSchema } from "../../schema/walk.js";
import { EXTENSION, unescapeRefName, unescapeRefs } from "./keywords.js";
import { titleBelow as titleOf } from "./titles.js";

/** A reference of an imported schema, whose target is known when all schemas are. */
export interface PendingReference {
  /** The schema that is to get the `$ref`. */
  readonly node: JsonObject;
  /** The pointer in the AsyncAPI document: `#/components/schemas/Lamp/definitions/color`. */
  readonly pointer: string;
}

/** A schema translated back, with what its references need. */
export interface ImportedSchema {
  readonly value: unknown;
  /** Pointers in the result by pointers in the AsyncAPI document, both from their roots. */
  readonly pointers: ReadonlyMap<string, string>;
  readonly references: readonly PendingReference[];
  /** References that are written as they were, whose documents may have another name now. */
  readonly verbatim: readonly { readonly node: JsonObject; readonly keyword: string }[];
}

/** A position in both documents. */
interface Position {
  readonly from: string;
  readonly to: string;
  readonly title: string | undefined;
  readonly dialect: Dialect;
}

/** The place of a schema in an AsyncAPI document, and its context. */
export interface SchemaSource {
  /** The pointer in the AsyncAPI document. */
  readonly pointer: string;
  /** The title that the export gave it, which is taken away; undefined for a document of another program. */
  readonly title?: string;
  /** The value of `components.schemas`. */
  readonly components: JsonObject;
}

/** Translates a schema of an AsyncAPI document into the one that it was exported from, or into one of 2020-12. */
export function fromAsyncApi(value: unknown, { pointer, title, components }: SchemaSource): ImportedSchema {
  const reader = new SchemaReader(components);
  const dialect = DIALECTS["2020-12"];
  const translated = reader.schema(value, { from: pointer, to: "", title, dialect });
  const { pointers, references, verbatim } = reader;
  return { value: translated, pointers, references, verbatim };
}

class SchemaReader {
  readonly pointers = new Map<string, string>();
  readonly references: PendingReference[] = [];
  readonly verbatim: { readonly node: JsonObject; readonly keyword: string }[] = [];
  readonly #components: JsonObject;

  constructor(components: JsonObject) {
    this.#components = components;
  }

  schema(value: unknown, position: Position): unknown {
    this.pointers.set(position.from, position.to);
    if (!isObject(value)) return value;
    const own = objectProperty(value, EXTENSION);
    const ref = referenceOf(value);
    const part = ref === undefined ? undefined : this.#part(ref, position);
    if (part !== undefined) return part.value;
    const boolean = property(own, "boolean");
    const keys = Object.keys(value).filter((key) => key !== EXTENSION && key !== "title" && key !== "not");
    if (typeof boolean === "boolean" && keys.length === 0) return boolean;
    const keywords = objectProperty(own, "keywords");
    const dialect = dialectFor(keywords, position.dialect) ?? position.dialect;
    const result: JsonObject = {};
    const kept = property(own, "$$ref");
    if (ref !== undefined || typeof kept === "string")
      this.#reference(result, { ref, kept, to: property(own, "to") });
    for (const [key, ignored] of Object.entries(objectProperty(own, "ignored")))
      setProperty(result, key, unescapeRefs(ignored));
    if (ref !== undefined) return result;
    const here = { ...position, dialect };
    const parts = this.#withoutReference(value, own, result);
    for (const [key, item] of Object.entries(parts))
      this.#keyword(result, { key, item, schema: value, own, here });
    this.#kept(result, keywords, here);
    const extension = property(own, "extension");
    if (extension !== undefined) setProperty(result, EXTENSION, unescapeRefs(extension));
    return result;
  }

  /** The component that is a part of the schema at this position, which an export took out. */
  #part(ref: string, position: Position): { readonly value: unknown } | undefined {
    const [, key = ""] = /^#\/components\/schemas\/([^/]+)$/.exec(ref) ?? [];
    const component = property(this.#components, key);
    if (!isObject(component) || property(objectProperty(component, EXTENSION), "part") !== position.from)
      return undefined;
    return { value: this.schema(component, { ...position, from: ref, title: key }) };
  }

  #reference(
    node: JsonObject,
    { ref, kept, to }: { ref: string | undefined; kept: unknown; to: unknown },
  ): void {
    if (typeof kept === "string" && (ref === undefined || ref === to)) {
      setProperty(node, "$ref", kept);
      this.verbatim.push({ node, keyword: "$ref" });
    } else if (ref !== undefined) {
      setProperty(node, "$ref", ref);
      this.references.push({ node, pointer: ref });
    }
  }

  /** Takes the reference out of an `allOf` that was made for it. Returns the other keywords. */
  #withoutReference(value: JsonObject, own: JsonObject, result: JsonObject): JsonObject {
    const list = property(value, "allOf");
    const last: unknown = Array.isArray(list) ? list.at(-1) : undefined;
    if (property(own, "reference") === undefined || !Array.isArray(list) || !isObject(last)) return value;
    const kept = objectProperty(last, EXTENSION);
    const ref = referenceOf(last);
    this.#reference(result, { ref, kept: property(kept, "$$ref"), to: property(kept, "to") });
    const others: unknown[] = list.slice(0, -1);
    const { allOf: _, ...rest } = value;
    return others.length === 0 ? rest : { ...rest, allOf: others };
  }

  #keyword(
    result: JsonObject,
    {
      key,
      item,
      schema,
      own,
      here,
    }: { key: string; item: unknown; schema: JsonObject; own: JsonObject; here: Position },
  ): void {
    if (key === EXTENSION) return;
    if (here.title === undefined && setForeign(result, { key, item, schema })) return;
    if (key === "title" && item === here.title && property(own, "title") !== true) return;
    if (key === "type" && property(own, "type") !== undefined && Array.isArray(item) && item.length === 2) {
      setProperty(result, key, property(own, "type"));
    } else if (here.dialect.name === "draft-04" && key.startsWith("exclusive") && typeof item === "number") {
      setProperty(result, key === "exclusiveMinimum" ? "minimum" : "maximum", item);
      setProperty(result, key, true);
    } else if (key === "dependencies" && isNew(here.dialect)) this.#dependencies(result, item, here);
    else
      setProperty(
        result,
        ...this.#held(key, item, { name: originalKeyword(key, { schema, own, here }), here }),
      );
  }

  #dependencies(result: JsonObject, item: unknown, here: Position): void {
    const all = isObject(item) ? Object.entries(item) : [];
    const lists = all.filter(([, value]) => Array.isArray(value));
    const schemas = all.filter(([, value]) => !Array.isArray(value));
    if (lists.length > 0) setProperty(result, "dependentRequired", fromEntries(lists));
    if (schemas.length === 0) return;
    const name = "dependentSchemas";
    setProperty(result, ...this.#held("dependencies", fromEntries(schemas), { name, here }));
  }

  /** The keywords that AsyncAPI does not have. */
  #kept(result: JsonObject, keywords: JsonObject, here: Position): void {
    const from = `${here.from}/${EXTENSION}/keywords`;
    for (const [key, item] of Object.entries(keywords)) {
      if (here.dialect.applicators.has(key)) {
        setProperty(result, ...this.#held(key, item, { name: key, here: { ...here, from } }));
        continue;
      }
      setProperty(result, key, unescapeRefs(item));
      if (key === "$dynamicRef") this.verbatim.push({ node: result, keyword: key });
    }
  }

  /** The schemas that a keyword holds, under its original name. */
  #held(
    key: string,
    item: unknown,
    { name, here }: { name: string; here: Position },
  ): readonly [name: string, value: unknown] {
    const holds =
      here.dialect.applicators.get(name)?.holds ?? DIALECTS["draft-07"].applicators.get(key)?.holds;
    const below = (step: string, title: string | undefined, original = step): Position => ({
      ...here,
      from: here.from + pointerStep(key) + step,
      to: here.to + pointerStep(name) + original,
      title,
    });
    if (holds === undefined) return [name, item];
    if (Array.isArray(item)) {
      if (holds !== "list" && holds !== "schema-or-list") return [name, item];
      return [
        name,
        item.map((one, index) =>
          isSchema(one)
            ? this.schema(one, below(pointerStep(index), titleBelow(here.title, key, index)))
            : one,
        ),
      ];
    }
    if (holds === "map" || holds === "map-or-names") {
      const entries = isObject(item) ? Object.entries(item) : [];
      const read = entries.map(([step, one], index): [string, unknown] => {
        const original = unescapeRefName(step);
        const title = titleBelow(here.title, key, original, index);
        const position = below(pointerStep(step), title, pointerStep(original));
        return [original, isSchema(one) ? this.schema(one, position) : unescapeRefs(one)];
      });
      return [name, isObject(item) ? fromEntries(read) : item];
    }
    return [name, isSchema(item) ? this.schema(item, below("", titleBelow(here.title, key))) : item];
  }
}

/** The reference that a schema consists of: a `$ref`, or the only part of an `allOf` that was made for it. */
function referenceOf(value: JsonObject): string | undefined {
  const parts = property(value, "allOf");
  const isAlone = property(objectProperty(value, EXTENSION), "reference") === "alone";
  const part: unknown = isAlone && Array.isArray(parts) && parts.length === 1 ? parts[0] : undefined;
  return stringProperty(isObject(part) ? part : value, "$ref");
}

function isNew({ name }: Dialect): boolean {
  return name === "2019-09" || name === "2020-12";
}

/** Keywords that address schemas, which pointers do here, and those of AsyncAPI and OpenAPI that constrain nothing. */
const FOREIGN = new Set(["$schema", "$id", "id", "discriminator", "externalDocs", "xml"]);

/** Translates a keyword of another program's schema that is not one of JSON Schema 2020-12. */
function setForeign(
  result: JsonObject,
  { key, item, schema }: { key: string; item: unknown; schema: JsonObject },
): boolean {
  if (FOREIGN.has(key) || key.startsWith("x-parser-")) return true;
  if (key === "example") {
    if (!Object.hasOwn(schema, "examples")) setProperty(result, "examples", [item]);
    return true;
  }
  const bound = key === "exclusiveMinimum" ? "minimum" : key === "exclusiveMaximum" ? "maximum" : undefined;
  if (bound !== undefined && typeof item === "boolean") {
    const limit = property(schema, bound);
    if (item && typeof limit === "number") setProperty(result, key, limit);
    return true;
  }
  const exclusive =
    key === "minimum" ? "exclusiveMinimum" : key === "maximum" ? "exclusiveMaximum" : undefined;
  return exclusive !== undefined && property(schema, exclusive) === true;
}

/** The keyword that an exported one stands for in the dialect. */
function originalKeyword(
  key: string,
  { schema, own, here }: { schema: JsonObject; own: JsonObject; here: Position },
): string {
  if (key === "definitions") {
    const named = property(own, "definitions");
    if (typeof named === "string") return named;
    const isTaken = Object.hasOwn(objectProperty(own, "keywords"), "$defs");
    return isNew(here.dialect) && !isTaken ? "$defs" : key;
  }
  if (here.dialect.name !== "2020-12" || !Array.isArray(property(schema, "items"))) return key;
  return key === "items" ? "prefixItems" : key === "additionalItems" ? "items" : key;
}

function fromEntries(entries: readonly (readonly [string, unknown])[]): JsonObject {
  const result: JsonObject = {};
  for (const [key, value] of entries) setProperty(result, key, value);
  return result;
}

/** The title that an export would have given; undefined below a schema of another program. */
function titleBelow(
  parent: string | undefined,
  keyword: string,
  step?: string | number,
  index?: number,
): string | undefined {
  return parent === undefined ? undefined : titleOf(parent, keyword, step, index);
}
