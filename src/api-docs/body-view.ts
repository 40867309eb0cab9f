import type { BodyModel } from "../model/index.js";
import type { SchemaNode, SchemaTrees } from "./schema-tree.js";

/** The slots of `api-docs-body.hbs`. */
export interface BodyView {
  readonly title: string;
  readonly facts: readonly string[];
  /** The body template as JSON; absent for a bare payload. */
  readonly wrap?: string;
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
    ...(wrap === undefined ? {} : { wrap: JSON.stringify(wrap, undefined, 2) }),
    ...(tree && { tree }),
    ...(schemaId !== undefined && { schemaId }),
  };
}
