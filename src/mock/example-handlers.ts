import type { ApiModel, ResourceModel } from "../model/index.js";
import { fillMessage } from "../runtime/api/messages.js";
import { Rejection } from "../runtime/platform.js";
import { type MadeResponse, makeResponses, needsResponse } from "./made-response.js";
import { suggestion } from "./fault.js";

/** Handlers by extension and resource, as code names them. */
export type MockHandlers = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

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
  refuseUnknown(handlers, model.extensions, "extension");
  const isHandled = (extension: string, resource: string): boolean =>
    Object.hasOwn(handlers, extension) && Object.hasOwn(handlers[extension] ?? {}, resource);
  const responses = await makeResponses(model, isHandled);
  const handlersOfAll = Object.fromEntries(
    model.extensions.map((extension) => {
      const given = Object.hasOwn(handlers, extension.name) ? (handlers[extension.name] ?? {}) : {};
      refuseUnknown(given, extension.resources, `resource of ${extension.name}`);
      const complete = extension.resources.map((resource) => [
        resource.name,
        Object.hasOwn(given, resource.name)
          ? methodOf(given, resource.name)
          : exampleHandler(model, resource, responses.get(resource.id)),
      ]);
      return [extension.name, Object.fromEntries(complete)];
    }),
  );
  const needed = model.extensions.flatMap((extension) =>
    extension.resources.filter(
      (resource) => needsResponse(resource) && !isHandled(extension.name, resource.name),
    ),
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
