import type { BodyModel, ExtensionModel, ParameterModel, ResourceModel } from "./api-model.js";

/**
 * The arguments of a resource's functions, in this order: `leading`, then the request, handler or payload if the function
 * takes one, then the options.
 */
export interface ResourceSignature {
  /** Required path parameters, in path order; each is an argument. */
  readonly leading: readonly ParameterModel[];
  /** Optional path parameters, in path order; each is a property of the options. */
  readonly optional: readonly ParameterModel[];
  /** The request of calls and sends. */
  readonly request: BodyModel | undefined;
  /** The request of `observe`, which sends an optional one by itself: `push.on` says what that contains. */
  readonly observeRequest: BodyModel | undefined;
  /** The resource that carries the responses of a handler, and the property that names the item in them. */
  readonly handled: { readonly by: ResourceModel; readonly key: string } | undefined;
}

/** Returns the signature of a resource of this extension. */
export function resourceSignature(extension: ExtensionModel, resource: ResourceModel): ResourceSignature {
  const { parameters, request, answeredBy } = resource;
  const by = extension.resources.find(({ name }) => name === answeredBy?.resource);
  return {
    leading: parameters.filter(({ optional }) => !optional),
    optional: parameters.filter(({ optional }) => optional),
    request,
    observeRequest: request?.optional === true ? undefined : request,
    handled: answeredBy === undefined || by === undefined ? undefined : { by, key: answeredBy.key },
  };
}
