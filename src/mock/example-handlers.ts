import type { ApiModel, ExtensionModel, ResourceModel } from "../model/index.js";
import { fillMessage } from "../runtime/api/messages.js";
import { Rejection } from "../runtime/platform.js";
import { type MadeResponse, makeResponses, needsResponse } from "./made-response.js";
import { suggestion } from "./check-fault.js";

/** Handlers by extension and resource, as code names them. Those of resources without an extension are beside the extensions. */
export type MockHandlers = Readonly<Record<string, unknown>>;

/** Handlers for all resources, and the resources whose responses are not from the spec. */
export interface CompleteHandlers {
  readonly handlers: MockHandlers;
  /** The ids of resources that respond with a value made from their schema. */
  readonly made: readonly string[];
  /** The ids of resources that cannot respond: no value was found that their schema accepts. */
  readonly without: readonly string[];
}

/**
 * Completes handlers: a resource without one responds with the first example of its response, or with a value made from its
 * schema.
 *
 * @throws TypeError if `handlers` names an unknown extension or resource.
 */
export async function exampleHandlers(model: ApiModel, handlers: MockHandlers): Promise<CompleteHandlers> {
  const root = model.extensions.find(isRoot)?.resources ?? [];
  const served = (resources: readonly ResourceModel[]) => resources.filter(({ from }) => from === "client");
  refuseUnknown(handlers, [...model.extensions, ...served(root)], "extension");
  const groupOf = (extension: ExtensionModel): object =>
    isRoot(extension) ? handlers : asObject(ownProperty(handlers, extension.name));
  const isHandled = (extension: ExtensionModel, resource: ResourceModel): boolean =>
    resource.from === "platform" || Object.hasOwn(groupOf(extension), resource.name);
  const responses = await makeResponses(model, isHandled);
  const handlersOfAll = Object.fromEntries(
    model.extensions.flatMap((extension): [string, unknown][] => {
      const given = groupOf(extension);
      if (!isRoot(extension))
        refuseUnknown(given, served(extension.resources), `resource of ${extension.name}`);
      const complete = served(extension.resources).map((resource): [string, unknown] => [
        resource.name,
        Object.hasOwn(given, resource.name)
          ? methodOf(given, resource.name)
          : exampleHandler(model, resource, responses.get(resource.id)),
      ]);
      return isRoot(extension) ? complete : [[extension.name, Object.fromEntries(complete)]];
    }),
  );
  const needed = model.extensions.flatMap((extension) =>
    extension.resources.filter((resource) => needsResponse(resource) && !isHandled(extension, resource)),
  );
  const ids = needed.map(({ id }) => id);
  return {
    handlers: handlersOfAll,
    made: ids.filter((id) => responses.has(id)),
    without: ids.filter((id) => !responses.has(id)),
  };
}

function exampleHandler(
  { protocol }: ApiModel,
  resource: ResourceModel,
  made: MadeResponse | undefined,
): () => unknown {
  const { id, response } = resource;
  if (typeof response !== "object") return () => undefined;
  const [example] = response.examples;
  if (example !== undefined || response.optional) return () => example;
  if (made) return () => made.value;
  const payload = fillMessage(protocol.replies?.failed, `The spec has no example of a response of ${id}.`);
  return () => Promise.reject(new Rejection(payload));
}

/** Whether these are the resources without an extension. */
function isRoot({ key }: ExtensionModel): boolean {
  return key === "";
}

function ownProperty(object: object, name: string): unknown {
  return Object.hasOwn(object, name) ? Reflect.get(object, name) : undefined;
}

function asObject(value: unknown): object {
  return typeof value === "object" && value !== null ? value : {};
}

/** Keeps `this`: handlers may be methods of an object with state. */
function methodOf(object: object, name: string): unknown {
  const method: unknown = Reflect.get(object, name);
  return typeof method === "function"
    ? (...args: readonly unknown[]): unknown => Reflect.apply(method, object, args)
    : method;
}

function refuseUnknown(handlers: object, known: readonly { readonly name: string }[], kind: string): void {
  const names = known.map(({ name }) => name);
  for (const name of Object.keys(handlers)) {
    if (!names.includes(name)) throw new TypeError(`unknown ${kind}: ${name}${suggestion(name, names)}`);
  }
}
