/** What resources that push have beside call and send: `observe`, and `handle` where items are answered. */
import { callWithMiddleware } from "./call.js";
import { handle, type ItemHandler } from "./handler.js";
import { observe, type ObserveRequest } from "./observation.js";
import { encodeFor, requestOf, targetOf } from "./request.js";
import type { ResourceDefinition } from "../api/descriptor.js";
import type { AddMethods, CallArguments, RequestTarget, Resource } from "../api/resource.js";
import type { AnyTopic } from "../topics/topic.js";
import { uncheckedCast } from "../internal/unchecked-cast.js";

/** Offers `observe`, and `handle` if another resource takes answers. */
const addPushMethods: AddMethods = ({ context, resource, read, addMethod }) => {
  const { session, resources } = context;
  const { push, answeredBy, request } = resource;
  const answerer = answeredBy && resources[answeredBy.resource];

  /** One that ends something: it is sent even while the client closes, and the signal of what it ends does not concern it. */
  const lastRequest = async (to: Resource, { values, value, options }: CallArguments): Promise<unknown> => {
    const purpose = to.requestId === "required" ? "call" : "send";
    const place = (): RequestTarget => targetOf(context, to, values);
    const { timeoutMs, qos } = options;
    return callWithMiddleware(session, purpose, { resource: to, values }, () => ({
      ...requestOf(session, purpose, { values, target: place, value, options: { timeoutMs, qos } }),
      last: true,
    }));
  };

  /** The standing request of an observation. */
  const standing = (input: CallArguments): ObserveRequest => {
    const asking = requestOf(session, "observe", { ...input, value: merge(input.value, push?.on) });
    if (!push?.off || !input.options.stopPushesOnEnd) return asking;
    return {
      ...asking,
      stopPushes: async () => lastRequest(resource, { ...input, value: merge(input.value, push.off) }),
    };
  };

  addMethod("observe", (...args: unknown[]) => {
    const input = read(args, request?.optional ? undefined : request);
    const { buffer = session.settings.buffer, overflow = session.settings.overflow } = input.options;
    return observe(session, () => standing(input), { buffer, overflow });
  });
  if (!answerer) return;
  addMethod("handle", async (...args: unknown[]) => {
    const { value: handler, ...input } = read(args, true);
    const { options } = input;
    return handle(session, {
      request: () => standing({ ...input, value: undefined }),
      handler: uncheckedCast<ItemHandler<unknown, unknown>>(handler),
      options,
      key: answeredBy.key,
      failure: answeredBy.failure,
      check: (payload) => void encodeFor(session, { resource: answerer, values: input.values }, payload),
      answer: async (payload) => lastRequest(answerer, { ...input, value: payload }),
    });
  });
};

function merge(value: unknown, members: Readonly<Record<string, unknown>> | undefined): unknown {
  return members ? { ...(typeof value === "object" ? value : undefined), ...members } : value;
}

/** Declares a resource that pushes. Separate from `defineResource`, so that bundles without one leave observation code out. */
export function defineObservable<Client, Handler = unknown, Push = unknown>(
  topic: AnyTopic,
  definition: ResourceDefinition,
): Resource<Client, Handler, Push> {
  return { ...definition, template: topic.template, addMethods: addPushMethods };
}
