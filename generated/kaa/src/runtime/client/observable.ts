/** The methods of resources that push: `observe`, and `handle` if another resource takes responses. */
import type { ResourceDefinition } from "../api/descriptor.js";
import type { AddMethods, CallArguments, Resource } from "../api/resource.js";
import { uncheckedCast } from "../internal/unchecked-cast.js";
import type { AnyTopic } from "../topics/topic.js";
import { handle } from "./handler.js";
import type { ItemHandler } from "./item-worker.js";
import { callWithMiddleware } from "./middleware.js";
import { observe } from "./observation.js";
import type { ObserveRequest } from "./observer-registration.js";
import { encodeFor, requestOf, targetOf } from "./request.js";

/** Declares a resource that pushes. Separate from `defineResource`, so that bundles without one leave observation code out. */
export function defineObservable<Client, Handler = unknown, Push = unknown>(
  topic: AnyTopic,
  definition: ResourceDefinition,
): Resource<Client, Handler, Push> {
  return { ...definition, template: topic.template, addMethods: addPushMethods };
}

const addPushMethods: AddMethods = ({ context, resource, read, addMethod }) => {
  const { session, resources } = context;
  const { push, answeredBy, request } = resource;
  const answeringResource = answeredBy && resources[answeredBy.resource];

  /** Sends a request that concludes another one: even while the client closes, and regardless of the other one's signal. */
  const sendLast = (to: Resource, { values, value, options }: CallArguments): Promise<unknown> => {
    const purpose = to.requestId === "required" ? "call" : "send";
    const { timeoutMs, qos } = options;
    const input = { values, target: () => targetOf(context, to, values), value, options: { timeoutMs, qos } };
    return callWithMiddleware(
      session,
      purpose,
      to,
      () => input,
      () => ({ ...requestOf(session, purpose, input), last: true }),
    );
  };

  const observeRequestOf = (input: CallArguments): ObserveRequest => {
    const observeRequest = requestOf(session, "observe", { ...input, value: merge(input.value, push?.on) });
    if (!push?.off || !input.options.stopPushesOnEnd) return observeRequest;
    return {
      ...observeRequest,
      stopPushes: () => sendLast(resource, { ...input, value: merge(input.value, push.off) }),
    };
  };

  addMethod("observe", (...args: unknown[]) => {
    const input = read(args, request !== undefined && !request.optional);
    const { buffer = session.settings.buffer, overflow = session.settings.overflow } = input.options;
    return observe(session, () => observeRequestOf(input), { buffer, overflow });
  });
  if (!answeringResource) return;
  addMethod("handle", async (...args: unknown[]) => {
    const input = read(args, true);
    const { value: handler, options, values } = input;
    return handle(session, {
      ...answeredBy,
      request: () => observeRequestOf({ ...input, value: undefined }),
      handler: uncheckedCast<ItemHandler<unknown, unknown>>(handler),
      options,
      check: (payload) => void encodeFor(session, { resource: answeringResource, values }, payload),
      respond: (payload) => sendLast(answeringResource, { ...input, value: payload }),
    });
  });
};

/** Adds properties to a request payload. */
function merge(value: unknown, properties: Readonly<Record<string, unknown>> | undefined): unknown {
  return properties ? { ...(typeof value === "object" ? value : undefined), ...properties } : value;
}
