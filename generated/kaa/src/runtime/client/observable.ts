/** What resources that push have beside call and send: `observe`, and `handle` where items are answered. */
import { callWithMiddleware } from "./call.js";
import { handle, type ItemHandler } from "./handler.js";
import { observe, type ObserveRequest } from "./observation.js";
import { encodeFor, type CallArguments, type RequestTarget, targetOf, requestOf } from "./request.js";
import type { AddMethods, Resource } from "../api/resource.js";
import { uncheckedCast } from "../internal/unchecked-cast.js";

/** Offers `observe`, and `handle` if another resource takes answers. */
export const addPushMethods: AddMethods = ({ site, resource, read, offer }) => {
  const { session, resources } = site;
  const { push, answeredBy, request } = resource;
  const answerer = answeredBy && resources[answeredBy.resource];

  /** One that ends something: it is sent even while the client closes, and the signal of what it ends does not concern it. */
  const lastRequest = async (to: Resource, { values, value, options }: CallArguments): Promise<unknown> => {
    const purpose = to.requestId === "required" ? "call" : "send";
    const place = (): RequestTarget => targetOf(site, to, values);
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

  offer("observe", (...args: unknown[]) => {
    const input = read(args, request?.optional ? undefined : request);
    const { buffer = session.settings.buffer, overflow = session.settings.overflow } = input.options;
    return observe(session, () => standing(input), { buffer, overflow });
  });
  if (!answerer) return;
  offer("handle", async (...args: unknown[]) => {
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
