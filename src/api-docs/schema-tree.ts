import { isObject, type JsonObject } from "../json/json.js";
import { parsePointer } from "../json/pointer.js";
import { namedSchemas, type ApiModel } from "../model/index.js";
import { referencesOf, targetsOf, type SchemaLocation } from "../schema/index.js";
import { factsOf, typeOf } from "./schema-facts.js";
import { markdown } from "./markdown.js";

/** A schema as the page shows it. Texts are escaped by the template, except for those whose name ends with `Html`. */
export interface SchemaNode {
  /** The name of a property, or the words that lead to this schema: `items`, `one of`. */
  readonly label: string;
  readonly isProperty: boolean;
  readonly required: boolean;
  readonly sensitive: boolean;
  readonly deprecated: boolean;
  readonly type: string;
  /** The shared schema that it refers to. */
  readonly link?: { readonly id: string; readonly name: string };
  readonly descriptionHtml: string;
  /** `at most 100`, `matches ^[a-z]+$` */
  readonly facts: readonly string[];
  readonly children: readonly SchemaNode[];
}

/** Levels of a tree that are shown. Nobody reads deeper ones, and each level indents the text. */
const MAX_LEVELS = 24;

/** The words for the schemas inside a schema, by keyword. Properties have their names. */
const LABELS: ReadonlyMap<string, string> = new Map([
  ["items", "each item"],
  ["additionalItems", "further items"],
  ["contains", "some item"],
  ["additionalProperties", "other properties"],
  ["unevaluatedProperties", "other properties"],
  ["unevaluatedItems", "further items"],
  ["propertyNames", "names of properties"],
  ["oneOf", "exactly one of"],
  ["anyOf", "any of"],
  ["allOf", "all of"],
  ["not", "not"],
  ["if", "if"],
  ["then", "then"],
  ["else", "otherwise"],
  ["contentSchema", "content"],
]);

/** Builds the trees of an API's schemas. */
export class SchemaTrees {
  readonly #model: ApiModel;
  /** The names of shared schemas, and of those of bodies, by URI. */
  readonly #names: ReadonlyMap<string, string>;
  /** The names that have a section. */
  readonly #shown = new Set<string>();

  constructor(model: ApiModel) {
    this.#model = model;
    this.#names = new Map(
      [...namedSchemas(model), ...model.definitions].map(({ uri, typeName }) => [uri, typeName]),
    );
  }

  /** The id of the section of a named schema; undefined if it has one already, because equal schemas have one name. */
  sectionId(name: string): string | undefined {
    if (this.#shown.has(name)) return undefined;
    this.#shown.add(name);
    return schemaId(name);
  }

  /** The tree of the schema at a URI. */
  treeOf(uri: string): SchemaNode | undefined {
    const location = this.#model.schemas.index.at(uri);
    return location && this.#node(location, { label: "", isRoot: true, path: [] });
  }

  #node(location: SchemaLocation, place: Place): SchemaNode {
    const { label, isProperty = false, required = false, isRoot = false, path } = place;
    const { schema } = location;
    const [target] = this.#targets(location);
    const name = target && this.#nameOf(target);
    const own = isRoot ? undefined : this.#nameOf(location);
    const linked = name ?? own;
    const facts = isObject(schema) ? schema : {};
    // An unnamed target is shown in place of the reference, unless it contains the reference.
    const inner =
      target !== undefined && name === undefined && !path.includes(target.uri) ? target : undefined;
    const shown =
      inner === undefined ? undefined : this.#node(inner, { label: "", path: [...path, location.uri] });
    const isDeep = path.length >= MAX_LEVELS;
    return {
      label,
      isProperty,
      required,
      sensitive: facts["sensitive"] === true,
      deprecated: facts["deprecated"] === true,
      type: linked === undefined ? (shown?.type ?? typeOf(schema)) : "",
      ...(linked === undefined ? {} : { link: { id: schemaId(linked), name: linked } }),
      descriptionHtml:
        own === undefined ? markdown(descriptionOf(facts)) || (shown?.descriptionHtml ?? "") : "",
      facts: own === undefined ? [...factsOf(schema), ...(shown?.facts ?? []), ...(isDeep ? ["…"] : [])] : [],
      children:
        own !== undefined || isDeep ? [] : [...this.#children(location, path), ...(shown?.children ?? [])],
    };
  }

  #children(location: SchemaLocation, path: readonly string[]): readonly SchemaNode[] {
    const { schema, dialect } = location;
    if (!isObject(schema) || (dialect.refIgnoresSiblings && "$ref" in schema)) return [];
    const required = Array.isArray(schema["required"]) ? schema["required"] : [];
    const groups = new Map<string, SchemaNode[]>();
    const children: SchemaNode[] = [];
    for (const { keyword, appliesTo, location: inside, pointer } of this.#model.schemas.index.subschemas(
      location,
    )) {
      if (appliesTo === "nothing" || isSilent(keyword, inside.schema)) continue;
      const words = parsePointer(pointer) ?? [];
      const name = words.length > 1 ? String(words[1]) : undefined;
      const isProperty = keyword === "properties";
      const node = this.#node(inside, {
        ...(isProperty ? { isProperty, required: required.includes(name) } : {}),
        label: labelOf(keyword, name),
        path: [...path, location.uri],
      });
      const title = LABELS.get(keyword);
      if (name === undefined || title === undefined || isProperty) children.push(node);
      else {
        const group = groups.get(keyword);
        if (group) group.push(node);
        else {
          const nodes = [node];
          groups.set(keyword, nodes);
          children.push(groupOf(keyword === "items" ? "items by position" : title, nodes));
        }
      }
    }
    return children;
  }

  #targets(location: SchemaLocation): readonly SchemaLocation[] {
    const references = referencesOf(this.#model.schemas.index, location);
    return references.flatMap(targetsOf);
  }

  #nameOf({ uri }: SchemaLocation): string | undefined {
    return this.#names.get(uri) ?? this.#names.get(this.#model.schemas.representative(uri));
  }
}

/** The place of a schema in a tree. */
interface Place {
  readonly label: string;
  readonly isProperty?: boolean;
  readonly required?: boolean;
  readonly isRoot?: boolean;
  /** The URIs of the schemas around it. */
  readonly path: readonly string[];
}

/** The id of a named schema's section. */
function schemaId(name: string): string {
  return `schema-${name}`;
}

function groupOf(label: string, children: readonly SchemaNode[]): SchemaNode {
  const none = { isProperty: false, required: false, sensitive: false, deprecated: false, type: "" };
  return { ...none, label, descriptionHtml: "", facts: [], children };
}

function labelOf(keyword: string, name: string | undefined): string {
  if (keyword === "properties") return name ?? "";
  if (keyword === "patternProperties") return `properties that match ${name ?? ""}`;
  if (keyword === "prefixItems" || (keyword === "items" && name !== undefined))
    return `item ${Number(name) + 1}`;
  if (keyword === "dependentSchemas" || keyword === "dependencies") return `with ${name ?? ""}`;
  // A member of a group is named by its number.
  return name === undefined ? (LABELS.get(keyword) ?? keyword) : String(Number(name) + 1);
}

/** Whether a schema inside another adds nothing to a tree: facts tell that other properties are refused. */
function isSilent(keyword: string, schema: unknown): boolean {
  return /^(?:additional|unevaluated)/.test(keyword) && typeof schema === "boolean";
}

function descriptionOf({ title, description }: JsonObject): string | undefined {
  if (typeof description === "string") return description;
  return typeof title === "string" ? title : undefined;
}
