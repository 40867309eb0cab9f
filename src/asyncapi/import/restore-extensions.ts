import { objectProperty, setProperty, stringProperty, type JsonObject } from "../../json/json.js";
import { unescapeRefs } from "../schemas/keywords.js";
import { tagText } from "../tags.js";
import { referenceTo, type Place } from "./places.js";
import { ownKeysOf } from "./reader.js";
import { placeOf, type RestoreContext } from "./restore-context.js";
import { resourceOf } from "./restore-resource.js";
import { protocolOf, sharedParameters } from "./restore-root.js";

/** Restores the extensions, and the resources of the root, each in the file that it was in. */
export function restoreExtensions(context: RestoreContext): void {
  const { reader } = context;
  const bodies = new Map<string, { place: Place; value: JsonObject }>();
  const extensionOf = (key: string): { place: Place; value: JsonObject } => {
    const known = bodies.get(key);
    if (known !== undefined) return known;
    const path = key === "" ? [] : ["extensions", key];
    const added = { place: { ...context.root, path }, value: { resources: {} } };
    bodies.set(key, added);
    return added;
  };
  for (const tag of reader.items(reader.at(reader.document, "info", "tags"))) {
    const own = unescapeRefs(ownKeysOf(tag.value)) as JsonObject;
    const { extension, at, description: isOwn, protocol: _, ...rest } = own;
    if (typeof extension !== "string") continue;
    const place = placeOf(context, at) ?? { ...context.root, path: ["extensions", extension] };
    const text = reader.text(tag, "description");
    const description = isOwn === false && text === tagText(extension, rest) ? undefined : text;
    const parameters = sharedParameters(context, extension, false);
    const value = {
      ...rest,
      ...(description !== undefined && { description }),
      ...protocolOf(context, own, extension, { ...place, path: [...place.path, "protocol"] }),
      ...(Object.keys(parameters).length > 0 && { parameters }),
      resources: {},
    };
    bodies.set(extension, { place, value });
    context.protocols.set(extension, objectProperty(own, "protocol"));
  }
  for (const [, operation] of reader.entries(reader.at(reader.document, "operations"))) {
    const own = unescapeRefs(ownKeysOf(operation.value)) as JsonObject;
    const [extension, resource] = [stringProperty(own, "extension"), stringProperty(own, "resource")];
    if (extension === undefined || resource === undefined) continue;
    const body = extensionOf(extension);
    const place = { ...body.place, path: [...body.place.path, "resources", resource] };
    setProperty(
      objectProperty(body.value, "resources"),
      resource,
      resourceOf(context, { operation, own, extension, place }),
    );
  }
  for (const [key, { place, value }] of bodies) {
    context.files.set(place, value);
    const isInline = place.file === context.root.file && place.path.join("/") === `extensions/${key}`;
    if (!isInline && key !== "")
      context.files.set(
        { ...context.root, path: ["extensions", key] },
        { $ref: referenceTo(place, context.root.file) },
      );
  }
}
