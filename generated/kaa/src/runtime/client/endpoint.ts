/** The endpoint object: the methods of each resource, by extension and resource. */
import { argumentReader } from "../api/arguments.js";
import type { Api, CallArguments, EndpointContext, RequestTarget, Resource } from "../api/resource.js";
import { isOnlyPushed } from "../api/resource.js";
import type { TopicValues } from "../topics/topic.js";
import { callWithMiddleware } from "./middleware.js";
import { requestOf, targetOf } from "./request.js";
import type { Session } from "./session.js";

/** Creates an endpoint. Its objects have no prototype, so that extensions and resources may have any name. */
export function endpointOf(session: Session, api: Api, bound: TopicValues): object {
  const endpoint: object = Object.create(null);
  for (const { name, resources } of api.extensions) {
    defineLazy(endpoint, name, () => {
      const methods: object = Object.create(null);
      for (const [key, resource] of Object.entries(resources))
        defineLazy(methods, key, () => methodsOf({ session, resources, bound }, resource));
      return methods;
    });
  }
  return endpoint;
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
  const { requestId, request } = resource;
  const read = callReader(context, resource);

  const requester =
    (purpose: "call" | "send") =>
    async (...args: unknown[]): Promise<unknown> => {
      const input = read(args, request !== undefined);
      return callWithMiddleware(session, purpose, { ...input, resource }, () =>
        requestOf(session, purpose, input),
      );
    };
  const methods: object = requestId === "none" ? Object.create(null) : requester("call");
  const addMethod = (name: string, value: unknown): void =>
    void Object.defineProperty(methods, name, { value, enumerable: true });

  if (requestId !== "required" && !isOnlyPushed(resource)) addMethod("send", requester("send"));
  resource.addMethods?.({ context, resource, read, addMethod });
  return methods;
}

/** Adds the target to the arguments that an {@link argumentReader} returns. */
function callReader(
  context: EndpointContext,
  resource: Resource,
): (args: readonly unknown[], hasValue: boolean) => CallArguments {
  const { bound } = context;
  const read = argumentReader(resource.template, bound);
  /** Without path parameters, all calls have the same target. */
  let onlyTarget: RequestTarget | undefined;
  const getOnlyTarget = (): RequestTarget => (onlyTarget ??= targetOf(context, resource, bound));
  return (args, hasValue) => {
    const { values, value, options } = read(args, hasValue);
    const target = values === bound ? getOnlyTarget : () => targetOf(context, resource, values);
    return { values, target, value, options };
  };
}
