import type { BodyModel } from "../model/index.js";
import { isObject } from "../json/json.js";
import { bodyNames, isSpread, SPREAD } from "../model/body-names.js";
import type { SchemaNode, SchemaTrees } from "./schema-tree.js";

/** The slots of `api-docs-body.hbs`. */
export interface BodyView {
  readonly title: string;
  readonly facts: readonly string[];
  /** The body template as JSON; absent for a bare payload. */
  readonly wrap?: string;
  /** The meaning of the names in it that are no parameters. */
  readonly wrapNames?: readonly { readonly name: string; readonly meaning: string }[];
  readonly tree?: SchemaNode;
  /** The id of the schema's section; absent if an equal one is shown above. */
  readonly schemaId?: string;
}

const MEDIA_TYPES = {
  json: "application/json",
  text: "text/plain",
  binary: "application/octet-stream",
} as const;

/** Collects what the page shows of a body. */
export function bodyView(title: string, body: BodyModel, trees: SchemaTrees, wrap?: unknown): BodyView {
  const tree = body.schema && trees.treeOf(body.schema.uri);
  const schemaId = body.schema && trees.sectionId(body.schema.typeName);
  return {
    title,
    facts: [
      MEDIA_TYPES[body.type],
      ...(body.optional ? ["may be empty"] : []),
      ...(body.schema === undefined ? [] : [`type ${body.schema.typeName}`]),
    ],
    ...wrapView(wrap),
    ...(tree && { tree }),
    ...(schemaId !== undefined && { schemaId }),
  };
}

/** Collects what the page shows of a body template. */
export function wrapView(wrap: unknown): Pick<BodyView, "wrap" | "wrapNames"> {
  if (wrap === undefined) return {};
  const names = new Set(bodyNames(wrap));
  const meanings: [boolean, string, string][] = [
    [isSpread(wrap), SPREAD, "the properties of the payload"],
    [names.has("body") && !isSpread(wrap), "{body}", "the payload"],
    [names.has("requestId"), "{requestId}", "the request id"],
    [names.has("now"), "{now}", "the time in milliseconds since 1970"],
  ];
  return {
    wrap: JSON.stringify(wrap, undefined, 2),
    wrapNames: meanings.flatMap(([isThere, name, meaning]) => (isThere ? [{ name, meaning }] : [])),
  };
}

/** A body template without the properties that a payload fills. */
export function withoutPayload(wrap: unknown): unknown {
  if (!isObject(wrap)) return wrap;
  const entries = Object.entries(wrap).filter(([key, value]) => key !== SPREAD && value !== "{body}");
  return Object.fromEntries(entries);
}
