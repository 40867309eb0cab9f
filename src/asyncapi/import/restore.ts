import { property, setProperty, type JsonObject } from "../../json/json.js";
import { unescapeRefs } from "../schemas/keywords.js";
import { referenceTo, SpecFiles } from "./places.js";
import { ownKeysOf, type DocumentReader } from "./reader.js";
import { placeOf, type RestoreContext, type RestoreOptions } from "./restore-context.js";
import { restoreExtensions } from "./restore-extensions.js";
import { rootOf } from "./restore-root.js";
import { SchemaPlacer } from "./schemas.js";

/** Whether topicsmith exported a document: it has what no other program writes. */
export function isExported(reader: DocumentReader): boolean {
  return property(ownKeysOf(reader.root.data), "format") === 1;
}

/** Restores the spec that a document was exported from, with the changes that were made to the document since. */
export function restoreSpec(reader: DocumentReader, options: RestoreOptions): SpecFiles {
  const context: RestoreContext = {
    reader,
    options,
    own: unescapeRefs(ownKeysOf(reader.root.data)) as JsonObject,
    files: new SpecFiles(),
    slots: [],
    root: { file: options.rootFile ?? "", path: [] },
    protocols: new Map(),
  };
  const root = rootOf(context);
  context.files.set(context.root, root);
  restoreExtensions(context);
  placeSchemas(context, root);
  return context.files;
}

function placeSchemas(context: RestoreContext, root: JsonObject): void {
  const placer = new SchemaPlacer({
    reader: context.reader,
    slots: context.slots,
    rootFile: context.root.file,
    placeOf: context.options.rootFile === undefined ? undefined : (text) => placeOf(context, text),
    dangling: context.options.dangling,
  });
  for (const { place, value } of placer.fill()) context.files.set(place, value);
  const { registered } = placer;
  if (registered.length === 0) return;
  const schemas = registered.map(
    ([uri, file]) => [uri, referenceTo({ file, path: [] }, context.root.file)] as const,
  );
  setProperty(root, "schemas", Object.fromEntries(schemas));
}
