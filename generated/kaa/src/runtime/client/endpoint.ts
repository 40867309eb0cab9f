/** The methods of resources, by extension and resource: on an endpoint, or on the client itself. */
import { argumentReader } from "../api/arguments.js";
import type { CallArguments, EndpointContext, Extension, RequestTarget, Resource } from "../api/resource.js";
import { isOnlyPushed } from "../api/resource.js";
import { checkOptions } from "../internal/check-options.js";
import type { TopicValues } from "../topics/topic.js";
import { callWithMiddleware } from "./middleware.js";
import { requestOf, targetOf } from "./request.js";
import type { Session } from "./session.js";

/**
 * Adds the methods of resources to an object: of those for which `isHere` returns true, and of extensions with one of them. These have no
 * prototype, so that extensions and resources may have any name.
 */
export function addResources<Target extends object>(
  target: Target,
  session: Session,
  extensions: readonly Extension[],
  isHere: (resource: Resource) => boolean,
  bound: TopicValues,
): Target {
  for (const { name, resources } of extensions) {
    const addTo = (object: object): object => {
      for (const [key, resource] of Object.entries(resources))
        if (isHere(resource))
          defineLazy(object, key, () => methodsOf({ session, resources, bound }, resource));
      return object;
    };
    // Resources of the root have no extension.
    if (name === "") addTo(target);
    else if (Object.values(resources).some(isHere))
      defineLazy(target, name, () => addTo(Object.create(null)));
  }
  return target;
}

/** Defines a property that is created at first use, because a program may have many endpoints and use few methods of each. */
function defineLazy(target: object, name: string, create: () => unknown): void {
  const get = (): unknown => {
    const value = create();
    Object.defineProperty(target, name, { enumerable: true, value });
    return value;
  };
  Object.defineProperty(target, name, { enumerable: true, configurable: true, get });
}

/** The call of a resource with its other methods as properties; an object without a call if the resource takes no request id. */
function methodsOf(context: EndpointContext, resource: Resource): unknown {
  const { session } = context;
  const { requestId, request, support } = resource;
  const read = callReader(context, resource);

  const requester =
    (purpose: "call" | "send") =>
    // Not `async`: each promise more is another turn until the message is written.
    (...args: unknown[]): Promise<unknown> =>
      callWithMiddleware(
        session,
        purpose,
        resource,
        () => read(args, request !== undefined),
        (input) => (support?.requestOf ?? requestOf)(session, purpose, input),
      );
  const { incoming = false } = support ?? {};
  const methods: object = requestId === "none" || incoming ? Object.create(null) : requester("call");
  const addMethod = (name: string, value: unknown): void =>
    void Object.defineProperty(methods, name, { value, enumerable: true });

  if (/^(?:optional|none)$/.test(requestId) && !incoming && !isOnlyPushed(resource))
    addMethod("send", requester("send"));
  resource.addMethods?.({ context, resource, read, addMethod });
  return methods;
}

/** Adds the target to the arguments that an {@link argumentReader} returns. */
function callReader(
  context: EndpointContext,
  resource: Resource,
): (args: readonly unknown[], hasValue: boolean) => CallArguments {
  const { bound } = context;
  const { support, template } = resource;
  const read = argumentReader(support?.argumentLevels(resource) ?? template.path, bound);
  const createTarget = support?.targetOf ?? targetOf;
  /** Without path parameters, all calls have the same target. */
  let onlyTarget: RequestTarget | undefined;
  return (args, hasValue) => {
    const { values, value, options } = read(args, hasValue);
    const target = (): RequestTarget => {
      checkOptions(options);
      return values === bound
        ? (onlyTarget ??= createTarget(context, resource, bound))
        : createTarget(context, resource, values);
    };
    return { values, target, value, options };
  };
}
