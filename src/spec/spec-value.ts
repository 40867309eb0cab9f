import { below } from "../json/pointer.js";
import type { ExtensionSpec, Location, RootSpec } from "./document.js";
import { isObject, property, setProperty } from "../json/json.js";
import { locationId, valueAt } from "./location.js";
import { ownEntries } from "./spec-locations.js";

/** The targets of references to error payloads, by the id of the location that has the `$ref`. */
export type ErrorTargets = ReadonlyMap<string, Location>;

/**
 * The mappings of the format in which `x-` keys are allowed, by key. `*` matches any other key. Values without a
 * structure, such as schemas and examples, are copied unchanged.
 */
interface Structure {
  readonly [key: string]: Structure;
}

const LEAF: Structure = {};
const NAMED: Structure = { "*": LEAF };

const RESOURCE: Structure = {
  parameters: NAMED,
  request: LEAF,
  response: LEAF,
  push: LEAF,
  answeredBy: LEAF,
  error: LEAF,
};

const PROTOCOL: Structure = {
  parameters: NAMED,
  requestId: { accept: LEAF },
  success: LEAF,
  error: LEAF,
  errorPayload: { replies: LEAF },
};

const EXTENSION: Structure = { protocol: PROTOCOL, parameters: NAMED, resources: { "*": RESOURCE } };

const ROOT: Structure = {
  api: LEAF,
  package: LEAF,
  servers: NAMED,
  protocol: PROTOCOL,
  schemas: LEAF,
  resources: { "*": RESOURCE },
  definitions: LEAF,
  extensions: LEAF,
};

/** The root file's value without `x-` keys, and with the `$ref` of its error payload resolved. */
export function rootValue(root: Location, errors: ErrorTargets): RootSpec {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the type describes the same structure as spec.schema.json
  return toValue(root, ROOT, errors) as RootSpec;
}

/** An extension's value without `x-` keys, and with the `$ref`s of error payloads resolved. */
export function extensionValue(body: Location, errors: ErrorTargets, isRoot = false): ExtensionSpec {
  const value = toValue(body, EXTENSION, errors);
  // Of the root file, only the resources belong to its own group.
  const own = isRoot ? { resources: property(value, "resources") } : value;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the type describes the same structure as spec.schema.json
  return own as ExtensionSpec;
}

function toValue(at: Location, structure: Structure, errors: ErrorTargets): unknown {
  const target = errors.get(locationId(at)) ?? at;
  const value = valueAt(target);
  if (!isObject(value)) return value;
  const copy: Record<string, unknown> = {};
  for (const [key, item] of ownEntries(value)) {
    const inner = Object.hasOwn(structure, key) ? structure[key] : structure["*"];
    setProperty(copy, key, inner ? toValue(below(target, key), inner, errors) : item);
  }
  return Object.freeze(copy);
}
