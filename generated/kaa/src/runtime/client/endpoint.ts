/** What is on an endpoint: for each resource the functions that its descriptor offers. */
import { callWithMiddleware } from "./call.js";
import type { Session } from "./session.js";
import { requestOf, targetOf } from "./request.js";
import type { Api, CallArguments, EndpointContext, RequestTarget, Resource } from "../api/resource.js";
import type { TopicValues } from "../topics/topic.js";
import { uncheckedCast } from "../internal/unchecked-cast.js";

/** Everything of an API at one endpoint, by extension and resource; nothing else is there, not even a prototype. */
export function endpointOf(session: Session, api: Api, bound: TopicValues): object {
  const endpoint: object = Object.create(null);
  for (const { name, resources } of api.extensions) {
    offerLazily(endpoint, name, () => {
      const members: object = Object.create(null);
      for (const [key, resource] of Object.entries(resources))
        offerLazily(members, key, () => functionsOf({ session, resources, bound }, resource));
      return members;
    });
  }
  return endpoint;
}

/** Made when it is looked at first: a program may have many endpoints and use little of each. */
function offerLazily(target: object, name: string, make: () => unknown): void {
  const get = (): unknown => {
    const value = make();
    Object.defineProperty(target, name, { enumerable: true, value });
    return value;
  };
  Object.defineProperty(target, name, { enumerable: true, configurable: true, get });
}

function functionsOf(context: EndpointContext, resource: Resource): unknown {
  const { session } = context;
  const { requestId, request } = resource;
  const read = reader(context, resource);

  const requester =
    (purpose: "call" | "send") =>
    async (...args: unknown[]): Promise<unknown> => {
      const input = read(args, request);
      return callWithMiddleware(session, purpose, { resource, values: input.values }, () =>
        requestOf(session, purpose, input),
      );
    };
  const target: object = requestId === "none" ? Object.create(null) : requester("call");
  const addMethod = (name: string, value: unknown): void =>
    void Object.defineProperty(target, name, { value, enumerable: true });

  if (requestId !== "required") addMethod("send", requester("send"));
  resource.addMethods?.({ context, resource, read, addMethod });
  return target;
}

/** Takes arguments apart: required path parameters lead, then comes the payload (or handler) if there is one, then the options. */
function reader(
  context: EndpointContext,
  resource: Resource,
): (args: readonly unknown[], payload: unknown) => CallArguments {
  const { bound } = context;
  const own = resource.template.path.filter(
    ({ kind, text }) => kind === "parameter" && !Object.hasOwn(bound, text),
  );
  const leading = own.filter(({ optional }) => !optional);
  let only: RequestTarget | undefined;
  /** Where nothing varies, there is no more than one. */
  const onlyPlace = (): RequestTarget => (only ??= targetOf(context, resource, bound));
  return (args, payload) => {
    const [value, given] = payload ? args.slice(leading.length) : [undefined, args[leading.length]];
    const options = uncheckedCast<CallArguments["options"] | undefined>(given) ?? {};
    if (own.length === 0) return { values: bound, target: onlyPlace, value, options };
    const levels = leading.map(({ text }, index): [string, unknown] => [text, args[index]]);
    // Levels that may be left out are members of the options.
    for (const { text, optional } of own)
      if (optional && Object.hasOwn(options, text)) levels.push([text, Reflect.get(options, text)]);
    const values = { ...bound, ...Object.fromEntries(levels) };
    return { values, target: () => targetOf(context, resource, values), value, options };
  };
}
