import { didYouMean } from "../diagnostics/index.js";
import type { ApiModel, ResourceModel } from "../model/index.js";
import { fillMessage } from "../runtime/api/fill-message.js";
import { Rejection } from "../runtime/platform.js";

/** Handlers by extension and resource, as code names them. */
export type MockHandlers = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/**
 * Answers every resource with the first example of its response, save for those that `own` answers.
 *
 * @throws TypeError if `own` names what the API does not have.
 */
export function exampleHandlers(model: ApiModel, own: MockHandlers): MockHandlers {
  refuseUnknown(own, model.extensions, "extension");
  return Object.fromEntries(
    model.extensions.map((extension) => {
      const mine = Object.hasOwn(own, extension.name) ? (own[extension.name] ?? {}) : {};
      refuseUnknown(mine, extension.resources, `resource of ${extension.name}`);
      const handlers = extension.resources.map((resource) => [
        resource.name,
        Object.hasOwn(mine, resource.name) ? methodOf(mine, resource.name) : exampleHandler(model, resource),
      ]);
      return [extension.name, Object.fromEntries(handlers)];
    }),
  );
}

function exampleHandler({ protocol }: ApiModel, { id, response }: ResourceModel): () => unknown {
  if (typeof response !== "object") return () => undefined;
  const [example] = response.examples;
  if (example !== undefined || response.optional) return () => example;
  if (response.type === "binary") return () => new Uint8Array();
  const reply = fillMessage(protocol.replies?.failed, `The spec has no example of what ${id} answers.`);
  return () => Promise.reject(new Rejection(reply));
}

/** It stays the method of its object. */
function methodOf(object: object, name: string): unknown {
  const method: unknown = Reflect.get(object, name);
  return typeof method === "function"
    ? (...given: readonly unknown[]): unknown => Reflect.apply(method, object, given)
    : method;
}

function refuseUnknown(own: object, known: readonly { readonly name: string }[], kind: string): void {
  const names = known.map(({ name }) => name);
  for (const name of Object.keys(own)) {
    if (names.includes(name)) continue;
    const meant = didYouMean(name, names);
    throw new TypeError(
      `no ${kind} is called ${name}${meant === undefined ? "" : `; did you mean ${meant}?`}`,
    );
  }
}
