import { objectProperty, setProperty, type JsonObject } from "../../json/json.js";
import { formatPointer } from "../../json/pointer.js";
import type { ExtensionModel, ResourceModel } from "../../model/index.js";
import type { ExtensionSpec, Location, ParameterSpec, ResourceSpec } from "../../spec/document.js";
import { EXTENSION } from "../schemas/keywords.js";
import { compact, omit, ref, type ExportContext } from "./context.js";

/** A resource with the parts of the spec and of the document that belong to it. */
export interface ResourceInput {
  readonly extension: ExtensionModel;
  readonly resource: ResourceModel;
  readonly spec: ResourceSpec;
  readonly at: Location;
  /** The value of its extension, or of the root file. */
  readonly group: ExtensionSpec;
  readonly isRoot: boolean;
}

/** The reference to a parameter, which is a component because several channels have it. */
export function parameterReference(
  { draft, protocolParameters }: ExportContext,
  { extension, resource, spec, group, isRoot }: ResourceInput,
  name: string,
): JsonObject {
  const own = spec.parameters?.[name];
  const inherited = group.protocol?.parameters?.[name] ?? group.parameters?.[name];
  if (own === undefined && inherited !== undefined && !isRoot)
    return inheritedParameter({ draft }, extension, { name, spec: inherited });
  const known = own === undefined ? protocolParameters.get(name) : undefined;
  return known ?? addParameter(draft, `${resource.names.descriptor}_${name}`, parameterObject(own ?? {}));
}

/** The reference to a parameter of an extension. */
export function inheritedParameter(
  { draft }: Pick<ExportContext, "draft">,
  extension: ExtensionModel,
  { name, spec }: { readonly name: string; readonly spec: ParameterSpec },
): JsonObject {
  const parameter = parameterObject(spec);
  const own = { name, extension: extension.key, ...objectProperty(parameter, EXTENSION) };
  return addParameter(draft, `${extension.name}_${name}`, { ...parameter, [EXTENSION]: own });
}

/** Adds a parameter, unless it was added before. Returns a reference to it. */
function addParameter(draft: ExportContext["draft"], id: string, parameter: JsonObject): JsonObject {
  const known = draft.resourceParameters.get(id);
  if (known !== undefined) return known;
  const key = draft.parameterKeys.unique(id);
  const reference = ref(`#${formatPointer(["components", "parameters", key])}`);
  setProperty(draft.parameters, key, parameter);
  draft.resourceParameters.set(id, reference);
  return reference;
}

/** A parameter as AsyncAPI describes it: without a pattern, and with examples that are strings. */
export function parameterObject(spec: {
  readonly description?: string;
  readonly example?: string | number;
}): JsonObject {
  return compact({
    description: spec.description,
    examples: spec.example === undefined ? undefined : [String(spec.example)],
    [EXTENSION]: omit(spec, ["description", "example"]),
  });
}

/** The parameters that are not in the address of the main channel, but in a response or in a body. */
export function hiddenParameters({ parameters }: ResourceSpec, address: string): JsonObject {
  const hidden = Object.entries(parameters ?? {}).filter(
    ([name]) => !address.includes(`{${name}}`) && !name.startsWith("x-"),
  );
  return hidden.length === 0 ? {} : { parameters: Object.fromEntries(hidden) };
}
