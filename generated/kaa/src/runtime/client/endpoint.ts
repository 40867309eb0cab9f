/** The endpoint object: the methods of each resource, by extension and resource. */
import type { Api, CallArguments, EndpointContext, RequestTarget, Resource } from "../api/resource.js";
import { uncheckedCast } from "../internal/unchecked-cast.js";
import type { TopicValues } from "../topics/topic.js";
import { callWithMiddleware } from "./call.js";
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
  const read = argumentReader(context, resource);

  const requester =
    (purpose: "call" | "send") =>
    async (...args: unknown[]): Promise<unknown> => {
      const input = read(args, request);
      return callWithMiddleware(session, purpose, { resource, values: input.values }, () =>
        requestOf(session, purpose, input),
      );
    };
  const methods: object = requestId === "none" ? Object.create(null) : requester("call");
  const addMethod = (name: string, value: unknown): void =>
    void Object.defineProperty(methods, name, { value, enumerable: true });

  if (requestId !== "required") addMethod("send", requester("send"));
  resource.addMethods?.({ context, resource, read, addMethod });
  return methods;
}

/**
 * Returns a function that sorts a method's arguments by their role. Required path parameters come first, then the payload (or
 * handler) if there is one, then the options. Optional path parameters are properties of the options.
 */
function argumentReader(
  context: EndpointContext,
  resource: Resource,
): (args: readonly unknown[], payload: unknown) => CallArguments {
  const { bound } = context;
  const pathParameters = resource.template.path.filter(
    ({ kind, text }) => kind === "parameter" && !Object.hasOwn(bound, text),
  );
  const required = pathParameters.filter(({ optional }) => !optional);
  /** Without path parameters, all calls have the same target. */
  let onlyTarget: RequestTarget | undefined;
  const getOnlyTarget = (): RequestTarget => (onlyTarget ??= targetOf(context, resource, bound));
  return (args, payload) => {
    const [value, last] = payload ? args.slice(required.length) : [undefined, args[required.length]];
    const options = uncheckedCast<CallArguments["options"] | undefined>(last) ?? {};
    if (pathParameters.length === 0) return { values: bound, target: getOnlyTarget, value, options };
    const levels = required.map(({ text }, index): [string, unknown] => [text, args[index]]);
    for (const { text, optional } of pathParameters)
      if (optional && Object.hasOwn(options, text)) levels.push([text, Reflect.get(options, text)]);
    const values = { ...bound, ...Object.fromEntries(levels) };
    return { values, target: () => targetOf(context, resource, values), value, options };
  };
}
