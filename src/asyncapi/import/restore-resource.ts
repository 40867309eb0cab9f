import { isObject, property, setProperty, type JsonObject } from "../../json/json.js";
import { pathIn } from "./addresses.js";
import type { Place } from "./places.js";
import { ownKeysOf, type Found } from "./reader.js";
import { protocolKey, textsOf, parameterOf, type RestoreContext } from "./restore-context.js";
import { bodyOf, errorOf, firstMessage, isEmptyWrap } from "./restore-bodies.js";

interface ResourceSource {
  readonly operation: Found;
  readonly own: JsonObject;
  readonly extension: string;
  readonly place: Place;
}

/** Restores a resource from its operation and those of its errors and pushes. */
export function resourceOf(
  context: RestoreContext,
  { operation, own, extension, place }: ResourceSource,
): JsonObject {
  const { reader } = context;
  const {
    extension: _e,
    resource,
    part,
    path: _p,
    topic: _t,
    request,
    response,
    error,
    requestId,
    parameters: hidden,
    ...rest
  } = own;
  const channel = reader.at(operation, "channel");
  const related = relatedTo(context, `${extension}.${String(resource)}`);
  const message = firstMessage(reader, operation);
  const isPush = part === "push";
  const replied =
    firstMessage(reader, reader.at(operation, "reply")) ?? firstMessage(reader, related.get("push"));
  const success = isPush ? message : replied;
  const qos = reader.at(operation, "bindings", "mqtt", "qos")?.value;
  const usual = protocolKey(context, extension, "qos") ?? 1;
  const isRetained = reader.at(operation, "bindings", "mqtt", "retain")?.value === true;
  return {
    ...topicOf(context, own, { channel, extension, isPush }),
    ...pathParameters(context, channel, hidden),
    ...(requestId !== undefined && { requestId }),
    ...(qos !== undefined && qos !== usual && { qos }),
    ...(isRetained && { retain: true }),
    ...textsOf(context, operation, ["summary", "description"]),
    ...rest,
    ...bodyOf(context, "request", request, { message: isPush ? undefined : message, place }),
    ...(response === "empty" &&
    (property(success?.value, "payload") === undefined || isEmptyWrap(context, success))
      ? { response }
      : bodyOf(context, "response", response, { message: success, place })),
    ...errorOf(context, error, firstMessage(reader, related.get("error")), place),
  };
}

/** The operations for the errors and the pushes of a resource. */
function relatedTo(context: RestoreContext, id: string): ReadonlyMap<unknown, Found> {
  const operations = context.reader.entries(context.reader.at(context.reader.document, "operations"));
  return new Map(
    operations.flatMap(([, operation]): (readonly [unknown, Found])[] => {
      const { of, part } = ownKeysOf(operation.value);
      return of === id ? [[part, operation]] : [];
    }),
  );
}

/** The path or the topic: as it was exported, unless the address was changed since. */
function topicOf(
  context: RestoreContext,
  { path, topic }: JsonObject,
  { channel, extension, isPush }: { channel: Found | undefined; extension: string; isPush: boolean },
): JsonObject {
  const address = context.reader.text(channel, "address");
  if (typeof topic === "string" && path === undefined) {
    const isSame = isPush || address === undefined || address === topic.replace(/[[\]]/g, "");
    return { topic: isSame ? topic : address };
  }
  const own = topic === undefined ? {} : { topic };
  if (typeof path !== "string") return own;
  const success = protocolKey(context, extension, "success");
  const suffix = isPush && typeof success === "string" ? success.replace("{request}", "") : "";
  const usual = protocolKey(context, extension, "topic");
  if (typeof usual !== "string" || topic !== undefined) return { path, ...own };
  return { path: pathIn({ address, topic: usual, path, extension, suffix }), ...own };
}

function pathParameters(context: RestoreContext, channel: Found | undefined, hidden: unknown): JsonObject {
  const parameters: JsonObject = isObject(hidden) ? { ...hidden } : {};
  for (const [name, parameter] of context.reader.entries(context.reader.at(channel, "parameters"))) {
    const own = ownKeysOf(parameter.value);
    if (name === "requestId" || typeof property(own, "name") === "string") continue;
    setProperty(parameters, name, { ...parameterOf(context, parameter), ...own });
  }
  return Object.keys(parameters).length === 0 ? {} : { parameters };
}
