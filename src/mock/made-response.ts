import type { ApiModel, BodyModel, ExtensionModel, ResourceModel } from "../model/index.js";
import { isObject } from "../json/json.js";
import { selfContained } from "../schema/index.js";

/** The value of a response that the spec has no example of. */
export interface MadeResponse {
  readonly value: unknown;
}

/** More attempts hardly find a value that satisfies rules which the first ones have missed. */
const ATTEMPTS = 20;
/** The nesting up to which optional parts of a recursive schema are filled in. */
const MAX_DEPTH = 4;
/** Schemas that demand more items, properties or letters get no value: it would take too much time and memory. */
const MAX_SIZE = 1_000;
/** Longer responses are not sent by themselves: no device expects them. */
const MAX_TEXT_LENGTH = 65_536;

/**
 * Makes a value of the schema of each response that has neither an example nor a handler, by id of its resource. The values
 * are the same in every run, and valid; a resource is missing if none was found.
 *
 * @param isHandled Whether a resource has a handler.
 */
export async function makeResponses(
  model: ApiModel,
  isHandled: (extension: ExtensionModel, resource: ResourceModel) => boolean,
): Promise<ReadonlyMap<string, MadeResponse>> {
  const made = new Map<string, MadeResponse>();
  for (const extension of model.extensions) {
    for (const resource of extension.resources) {
      if (!needsResponse(resource) || isHandled(extension, resource)) continue;
      const response = await makeResponse(model, resource.response);
      if (response) made.set(resource.id, response);
    }
  }
  return made;
}

/** Whether a value has to be made for the response of a resource: it has a body, and no example. */
export function needsResponse(
  resource: ResourceModel,
): resource is ResourceModel & { readonly response: BodyModel } {
  const { response } = resource;
  return typeof response === "object" && response.examples.length === 0 && !response.optional;
}

async function makeResponse(model: ApiModel, { type, schema }: BodyModel): Promise<MadeResponse | undefined> {
  if (type === "binary") return { value: new Uint8Array() };
  if (!schema) return { value: type === "text" ? "" : {} };
  const { index } = model.schemas;
  const location = index.at(schema.uri);
  const document = location && selfContained(index, location);
  if (document === undefined || demandsTooMuch(document)) return undefined;
  // Loaded when it is needed: most specs have examples.
  const { generateSync } = await import("json-schema-faker");
  for (let seed = 1; seed <= ATTEMPTS; seed += 1) {
    // First with all optional properties, which shows the most; then with none, and then with some.
    const optionalsProbability = seed === 1 ? 1 : seed === 2 ? 0 : (seed % 5) / 5;
    const value = attempt(() =>
      generateSync(document, { seed, optionalsProbability, maxDepth: MAX_DEPTH, maxDefaultItems: 2 }),
    );
    if (value === undefined || (type === "text" && typeof value !== "string")) continue;
    if (JSON.stringify(value).length > MAX_TEXT_LENGTH) continue;
    if (model.schemas.validate(schema.uri, value).length === 0) return { value };
  }
  return undefined;
}

/** The result of a function; undefined if it throws, as the generator does for schemas that it cannot satisfy. */
function attempt(make: () => unknown): unknown {
  try {
    return make();
  } catch {
    return undefined;
  }
}

/** Whether a schema demands large values, or has a pattern with a large repetition. */
function demandsTooMuch(schema: unknown): boolean {
  if (!isObject(schema) && !Array.isArray(schema)) return false;
  return Object.entries(schema).some(([keyword, value]) => {
    if (/^min(?:Items|Length|Properties|Contains)$/.test(keyword) && Number(value) > MAX_SIZE) return true;
    if (keyword === "pattern" && /\{\d{4,}/.test(String(value))) return true;
    return demandsTooMuch(value);
  });
}
