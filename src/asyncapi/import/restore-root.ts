/** The keys of the root file. */
import { isObject, objectProperty, property, setProperty, type JsonObject } from "../../json/json.js";
import type { Place } from "./places.js";
import { ownKeysOf, type Found } from "./reader.js";
import { errorPayloadOf, parameterOf, textsOf, type RestoreContext } from "./restore-context.js";

/** The root file without extensions and schemas. */
export function rootOf(context: RestoreContext): JsonObject {
  const info = context.reader.at(context.reader.document, "info");
  return {
    topicsmith: 1,
    api: {
      ...objectProperty(context.own, "api"),
      ...textsOf(context, info, ["title", "version", "description"]),
    },
    ...packageOf(context, info),
    ...serversOf(context),
    ...protocolOf(context, context.own, undefined, { ...context.root, path: ["protocol"] }),
    ...otherKeys(context),
  };
}

function packageOf(context: RestoreContext, info: Found | undefined): JsonObject {
  const own = property(context.own, "package");
  const license = context.reader.text(info, "license", "name");
  const author = context.reader.text(info, "contact", "name");
  const repository = context.reader.text(info, "externalDocs", "url");
  const published = {
    ...(isObject(own) && own),
    ...(license !== undefined && { license }),
    ...(author !== undefined && { author }),
    ...(repository !== undefined && isObject(own) && { repository }),
  };
  return Object.keys(published).length === 0 && own === undefined ? {} : { package: published };
}

function serversOf(context: RestoreContext): JsonObject {
  const servers: JsonObject = {};
  for (const [key, server] of context.reader.entries(context.reader.at(context.reader.document, "servers"))) {
    const [protocol, host, pathname] = ["protocol", "host", "pathname"].map((name) =>
      context.reader.text(server, name),
    );
    const url = `${protocol ?? "mqtt"}://${host ?? ""}${pathname ?? ""}`;
    setProperty(servers, key, { url, ...textsOf(context, server, ["description"]) });
  }
  return Object.keys(servers).length === 0 ? {} : { servers };
}

/** The protocol of the root file, or that of an extension. */
export function protocolOf(
  context: RestoreContext,
  owner: JsonObject,
  extension: string | undefined,
  place: Place,
): JsonObject {
  const own = property(owner, "protocol");
  const parameters = sharedParameters(context, extension, true);
  if (!isObject(own) && Object.keys(parameters).length === 0) return {};
  const { errorPayload, ...rest } = isObject(own) ? own : ({} as JsonObject);
  const protocol: JsonObject = { ...rest, ...(Object.keys(parameters).length > 0 && { parameters }) };
  if (isObject(errorPayload)) {
    const { schema, ...payload } = errorPayload;
    const from = schema === undefined ? undefined : { file: context.reader.root, path: [], value: schema };
    const at = { ...place, path: [...place.path, "errorPayload"] };
    setProperty(protocol, "errorPayload", errorPayloadOf(context, payload, from, at));
  }
  return { protocol };
}

/** The parameters that several resources have: of the root's protocol, or of an extension. */
export function sharedParameters(
  context: RestoreContext,
  of: string | undefined,
  bound: boolean,
): JsonObject {
  const parameters: JsonObject = {};
  const components = context.reader.at(context.reader.document, "components", "parameters");
  for (const [, parameter] of context.reader.entries(components)) {
    const { name, extension, ...rest } = ownKeysOf(parameter.value);
    if (typeof name !== "string" || extension !== of || (rest["bind"] !== undefined) !== bound) continue;
    setProperty(parameters, name, { ...rest, ...parameterOf(context, parameter) });
  }
  return parameters;
}

/** The keys of the root file that no part of AsyncAPI has. */
function otherKeys(context: RestoreContext): JsonObject {
  const { format: _f, side: _s, file: _n, api: _a, package: _p, protocol: _o, ...rest } = context.own;
  return rest;
}
