import type { ApiModel, ResourceModel } from "../model/index.js";
import { fillMessage } from "../runtime/api/messages.js";
import { Rejection } from "../runtime/platform.js";
import { suggestion } from "./fault.js";

/** Handlers by extension and resource, as code names them. */
export type MockHandlers = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/**
 * Completes handlers: a resource without one responds with the first example of its response.
 *
 * @throws TypeError if `handlers` names an unknown extension or resource.
 */
export function exampleHandlers(model: ApiModel, handlers: MockHandlers): MockHandlers {
  refuseUnknown(handlers, model.extensions, "extension");
  return Object.fromEntries(
    model.extensions.map((extension) => {
      const given = Object.hasOwn(handlers, extension.name) ? (handlers[extension.name] ?? {}) : {};
      refuseUnknown(given, extension.resources, `resource of ${extension.name}`);
      const complete = extension.resources.map((resource) => [
        resource.name,
        Object.hasOwn(given, resource.name)
          ? methodOf(given, resource.name)
          : exampleHandler(model, resource),
      ]);
      return [extension.name, Object.fromEntries(complete)];
    }),
  );
}

function exampleHandler({ protocol }: ApiModel, { id, response }: ResourceModel): () => unknown {
  if (typeof response !== "object") return () => undefined;
  const [example] = response.examples;
  if (example !== undefined || response.optional) return () => example;
  if (response.type === "binary") return () => new Uint8Array();
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
