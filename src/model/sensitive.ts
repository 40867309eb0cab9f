import type { SchemaResource } from "../spec/document.js";

/** A schema and the document that references in it start from. */
interface Placed {
  readonly schema: Keywords;
  readonly base: string;
}

type Keywords = Readonly<Record<string, unknown>>;

/** One step from a schema to another: into a member (its pointer token), or `undefined` for the same value. */
interface Step {
  readonly token: string | undefined;
  readonly to: Placed;
}

/** More pointers than this are not worth telling apart: all of the value is hidden then. */
const MOST_POINTERS = 200;

const IN_PLACE = ["allOf", "anyOf", "oneOf", "if", "then", "else", "not", "dependentSchemas", "dependencies"];
const ANY_MEMBER = [
  "patternProperties",
  "additionalProperties",
  "unevaluatedProperties",
  "items",
  "prefixItems",
  "additionalItems",
  "unevaluatedItems",
  "contains",
];

/**
 * JSON pointers, with `*` for any member or item, to the members that the schema at `uri` marks `sensitive`. Where
 * pointers can not say it (below a recursive reference, or one that can not be followed here) they hide more, never less.
 */
export function sensitivePointers(documents: readonly SchemaResource[], uri: string): readonly string[] {
  const start = lookUp(documents, uri, "");
  if (start === undefined) return [];
  const graph = new Graph(documents);
  const found = new Set<string>();
  const walk = (place: Placed, pointer: string, open: readonly Keywords[]): void => {
    if (found.size > MOST_POINTERS || found.has(pointer) || !graph.leadsToSensitive(place)) return;
    if (isSensitive(place.schema) || open.includes(place.schema)) {
      found.add(pointer);
      return;
    }
    for (const { token, to } of graph.steps(place)) {
      walk(to, token === undefined ? pointer : `${pointer}/${token}`, [...open, place.schema]);
    }
  };
  walk(start, "", []);
  return found.size > MOST_POINTERS ? [""] : [...found].toSorted();
}

/** The schemas that can be reached from one, each looked at once. */
class Graph {
  readonly #steps = new Map<Keywords, readonly Step[]>();
  readonly #sensitive = new Map<Keywords, boolean>();

  constructor(readonly documents: readonly SchemaResource[]) {}

  /** Whether anything reachable from here is sensitive. */
  leadsToSensitive(place: Placed): boolean {
    const known = this.#sensitive.get(place.schema);
    if (known !== undefined) return known;
    const seen = new Set<Keywords>();
    const pending = [place];
    let found = false;
    for (let next = pending.pop(); next !== undefined && !found; next = pending.pop()) {
      if (seen.has(next.schema)) continue;
      seen.add(next.schema);
      found = isSensitive(next.schema) || this.#sensitive.get(next.schema) === true;
      pending.push(...this.steps(next).map(({ to }) => to));
    }
    // What is reachable from a schema without any has none either.
    if (found) this.#sensitive.set(place.schema, true);
    else for (const schema of seen) this.#sensitive.set(schema, false);
    return found;
  }

  steps(place: Placed): readonly Step[] {
    const known = this.#steps.get(place.schema);
    if (known !== undefined) return known;
    const steps = [...this.#references(place), ...subschemas(place)];
    this.#steps.set(place.schema, steps);
    return steps;
  }

  #references({ schema, base }: Placed): Step[] {
    return ["$ref", "$dynamicRef", "$recursiveRef"].flatMap((keyword): Step[] => {
      const reference = schema[keyword];
      if (typeof reference !== "string") return [];
      const to = lookUp(this.documents, reference, base);
      // Not followed here: whatever its document marks may be meant.
      if (to === undefined && !mentionsSensitive(this.documents)) return [];
      return [{ token: undefined, to: to ?? { schema: { sensitive: true }, base } }];
    });
  }
}

function subschemas({ schema, base }: Placed): Step[] {
  const steps: Step[] = [];
  const add = (token: string | undefined, value: unknown): void => {
    if (Array.isArray(value)) for (const item of value) add(token, item);
    else if (isKeywords(value)) steps.push({ token, to: { schema: value, base } });
  };
  for (const keyword of IN_PLACE) {
    const value = schema[keyword];
    const isMap = keyword.startsWith("depend") && isKeywords(value);
    add(undefined, isMap ? Object.values(value) : value);
  }
  const properties = schema["properties"];
  if (isKeywords(properties)) {
    for (const [name, member] of Object.entries(properties)) add(escapePointer(name), member);
  }
  for (const keyword of ANY_MEMBER) {
    const value = schema[keyword];
    add("*", keyword === "patternProperties" && isKeywords(value) ? Object.values(value) : value);
  }
  return steps;
}

/** Anything but `false`: who writes `"true"` or `1` means it. */
function isSensitive(schema: Keywords): boolean {
  return schema["sensitive"] !== undefined && schema["sensitive"] !== false;
}

function mentionsSensitive(documents: readonly SchemaResource[]): boolean {
  return documents.some(({ value }) => (JSON.stringify(value) ?? "").includes('"sensitive":'));
}

/** What a reference leads to: a document, a pointer in it, or a plain-name anchor in it. */
function lookUp(documents: readonly SchemaResource[], reference: string, base: string): Placed | undefined {
  const [uri = "", fragment = ""] = reference.split("#");
  const document = documents.find((candidate) => candidate.uri === (uri || base));
  if (document === undefined) return undefined;
  const name = decodeURIComponent(fragment);
  const schema =
    name === "" || name.startsWith("/") ? atPointer(document.value, name) : anchored(document.value, name);
  return isKeywords(schema) ? { schema, base: document.uri } : undefined;
}

function atPointer(value: unknown, pointer: string): unknown {
  return pointer
    .split("/")
    .slice(1)
    .map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"))
    .reduce<unknown>((parent, token) => (isContainer(parent) ? parent[token] : undefined), value);
}

/** The schema inside `value` that has the anchor; before 2019-09 an `$id` or `id` of only a fragment was one. */
function anchored(value: unknown, name: string): unknown {
  if (!isContainer(value)) return undefined;
  const names = [value["$anchor"], value["$dynamicAnchor"], value["$id"], value["id"]];
  if (names.includes(name) || names.includes(`#${name}`)) return value;
  for (const member of Object.values(value)) {
    const found = anchored(member, name);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isContainer(value: unknown): value is Keywords {
  return typeof value === "object" && value !== null;
}

function isKeywords(value: unknown): value is Keywords {
  return isContainer(value) && !Array.isArray(value);
}

function escapePointer(name: string): string {
  return name.replaceAll("~", "~0").replaceAll("/", "~1");
}
