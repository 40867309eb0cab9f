import { setProperty, type JsonObject } from "../../json/json.js";
import { below, formatPointer } from "../../json/pointer.js";
import type { ApiModel, BodyModel, ExtensionModel, MessageModel } from "../../model/index.js";
import { typeName } from "../../model/names.js";
import type { ExtensionDocument, Location } from "../../spec/document.js";
import { locationId } from "../../spec/location.js";
import { escapeRefs, EXTENSION } from "../schemas/keywords.js";
import {
  actionOf,
  compact,
  omit,
  ref,
  securityKey,
  securityReference,
  tagReference,
  type ExportContext,
  type Side,
} from "./context.js";
import {
  hiddenParameters,
  inheritedParameter,
  parameterReference,
  type ResourceInput,
} from "./parameters.js";
import { placeText } from "./place-text.js";
import { addMessage } from "./messages.js";
import { bodyProse, pushProse, requestProse } from "./prose.js";

/** Adds the channels, operations and messages of an extension. */
export function addExtension(
  context: ExportContext,
  extension: ExtensionModel,
  read: ExtensionDocument,
): void {
  for (const resource of extension.resources) {
    const spec = read.value.resources[resource.key];
    if (spec === undefined) continue;
    const at = below(read.body, "resources", resource.key);
    addResource(context, { extension, resource, spec, at, group: read.value, isRoot: read.isRoot === true });
  }
  // A name that is in no topic, but in a body, has no channel to be in.
  const inherited = {
    ...read.value.parameters,
    ...(read.isRoot === true ? {} : read.value.protocol?.parameters),
  };
  for (const name of Object.keys(inherited))
    if (!name.startsWith("x-")) inheritedParameter(context, extension, { name, spec: inherited[name] ?? {} });
}

function addResource(context: ExportContext, input: ResourceInput): void {
  const { side } = context;
  const { resource, extension } = input;
  const { operations, names, messages, from } = resource;
  const [sender, receiver]: readonly [Side, Side] =
    from === "client" ? ["device", "platform"] : ["platform", "device"];
  const isSent =
    operations.call || operations.send || operations.event || operations.served || !operations.observe;
  const main = isSent ? messages.request : (messages.success ?? messages.request);
  const own = { ...ownKeys(context, input), ...hiddenParameters(input.spec, addressOf(main, true)) };
  const success = messages.success === undefined ? undefined : successMessage(context, input);
  const id = `${extension.key}.${resource.key}`;
  if (isSent) {
    const request = addChannel(context, input, {
      key: names.descriptor,
      address: addressOf(messages.request, resource.requestId !== "none"),
      message: addMessage(context, {
        key: typeName(extension.key, resource.key, "request"),
        title: `${resource.id}: ${operations.event ? "event" : "request"}`,
        body: resource.request,
        message: messages.request,
        resource,
        prose: bodyProse(resource.request),
      }),
      part: "request",
      description: requestProse(context.model, extension, resource),
    });
    const reply =
      success === undefined || messages.success === undefined || resource.requestId === "none"
        ? undefined
        : addChannel(context, input, {
            key: `${names.descriptor}Success`,
            address: addressOf(messages.success, true),
            message: success,
            part: "success",
            description: `Success responses of \`${resource.id}\`.`,
          });
    addOperation(context, input, {
      key: names.descriptor,
      action: actionOf(side, sender),
      on: request,
      reply,
      own,
    });
    addErrors(context, input, receiver);
  }
  if (resource.withoutRequestId && success !== undefined && messages.success !== undefined) {
    const on = addChannel(context, input, {
      key: `${names.descriptor}Push`,
      address: addressOf(messages.success, false),
      message: success,
      part: "push",
      description: pushProse(resource),
    });
    const action = actionOf(side, receiver);
    const key = `${names.descriptor}Push`;
    addOperation(context, input, {
      key,
      action,
      on,
      own: isSent ? { of: id, part: "push" } : { ...own, part: "push" },
    });
  }
}

function successMessage(context: ExportContext, { extension, resource }: ResourceInput): JsonObject {
  const body = resource.response === "empty" ? undefined : resource.response;
  return addMessage(context, {
    key: typeName(extension.key, resource.key, "response"),
    title: `${resource.id}: response`,
    body,
    message: resource.messages.success,
    resource,
    prose: bodyProse(body),
  });
}

function addErrors(context: ExportContext, input: ResourceInput, sender: Side): void {
  const { extension, resource } = input;
  const { error } = resource.messages;
  if (error === undefined) return;
  const body = resource.error ?? extension.errorPayload;
  const message =
    body === undefined && error.wrap === undefined
      ? context.errorMessage
      : addMessage(context, {
          key: typeName(extension.key, resource.key, "error"),
          title: `${resource.id}: error`,
          body: body ?? context.model.protocol.errorPayload,
          message: error,
          resource,
          prose: bodyProse(body),
        });
  const key = `${resource.names.descriptor}Error`;
  const on = addChannel(context, input, {
    key,
    address: addressOf(error, resource.requestId !== "none"),
    message,
    part: "error",
    description: `Error responses of \`${resource.id}\`.`,
  });
  const own = { of: `${extension.key}.${resource.key}`, part: "error" };
  addOperation(context, input, { key, action: actionOf(context.side, sender), on, own });
}

/** A channel and its only message. */
interface Channel {
  readonly key: string;
  readonly part: string;
  readonly address: string;
}

function addChannel(
  context: ExportContext,
  input: ResourceInput,
  channel: { key: string; address: string; message: JsonObject; part: string; description: string },
): Channel {
  const { draft } = context;
  const key = draft.channelKeys.unique(channel.key);
  const parameters: JsonObject = {};
  for (const [, name = ""] of channel.address.matchAll(/\{([^}]*)\}/g))
    setProperty(parameters, name, parameterReference(context, input, name));
  const value = compact({
    address: channel.address,
    title: `${input.resource.id}: ${channel.part}`,
    description: channel.description,
    parameters,
    messages: { [channel.part]: channel.message },
  });
  setProperty(draft.channels, key, value);
  return { key, part: channel.part, address: channel.address };
}

function addOperation(
  { draft, model }: ExportContext,
  { extension, resource }: ResourceInput,
  operation: { key: string; action: string; on: Channel; reply?: Channel | undefined; own: JsonObject },
): void {
  const { on, reply, own } = operation;
  const isMain = Object.hasOwn(own, "resource");
  const tagKey = draft.tagKeys.get(extension.key);
  const value = compact({
    action: operation.action,
    channel: ref(`#${formatPointer(["channels", on.key])}`),
    summary: isMain ? resource.summary : undefined,
    description: isMain ? resource.description : undefined,
    security: securityOf(model, on),
    tags: tagKey === undefined ? [] : [tagReference(tagKey)],
    bindings: {
      mqtt: { qos: resource.qos, retain: resource.retain === true && isMain, bindingVersion: "0.2.0" },
    },
    messages: [messageOf(on)],
    reply: reply && {
      channel: ref(`#${formatPointer(["channels", reply.key])}`),
      messages: [messageOf(reply)],
    },
    [EXTENSION]: own,
  });
  setProperty(draft.operations, draft.operationKeys.unique(operation.key), value);
}

/** The secrets of the protocol that are in a topic. */
function securityOf({ protocol }: ApiModel, { address }: Channel): readonly JsonObject[] {
  return [...protocol.clientParameters, ...protocol.endpointParameters]
    .filter(({ name, secret }) => secret && address.includes(`{${name}}`))
    .map(({ name }) => securityReference(securityKey(name)));
}

function messageOf({ key, part }: Channel): JsonObject {
  return ref(`#${formatPointer(["channels", key, "messages", part])}`);
}

/** The keys of a resource that AsyncAPI has none for. */
function ownKeys(context: ExportContext, { extension, resource, spec, at }: ResourceInput): JsonObject {
  const said = ["summary", "description", "qos", "parameters", "request", "response", "error"];
  if (spec.retain === true) said.push("retain");
  const { request, response, error } = spec;
  return {
    extension: extension.key,
    resource: resource.key,
    ...(escapeRefs(omit(spec, said)) as JsonObject),
    ...(request !== undefined && { request: ownBody(request) }),
    ...(response !== undefined && {
      response:
        response === "empty" ? response : { ...ownBody(response), ...emptyWhen(context, resource.response) },
    }),
    ...(error !== undefined && {
      error: {
        ...omit(error, ["schema", "examples"]),
        // Without a schema, an error has the payload of the protocol, which its message shows.
        ...(error.schema === undefined && { schema: false }),
        ...source(context, below(at, "error")),
      },
    }),
  };
}

function ownBody(spec: object): JsonObject {
  return omit(spec, ["contentType", "schema", "examples", "emptyWhen"]);
}

function emptyWhen({ schemas }: ExportContext, response: BodyModel | "empty" | undefined): JsonObject {
  const uri = typeof response === "object" ? response.emptyWhen?.uri : undefined;
  const reference = uri === undefined ? undefined : schemas.reference(uri);
  return reference === undefined ? {} : { emptyWhen: reference };
}

/** The place of an error payload that the spec refers to by `$ref`. */
export function source(
  { document }: { readonly document: ExportContext["document"] },
  at: Location,
): JsonObject {
  const use = document.schemaAt(below(at, "schema"));
  if (use === undefined) return {};
  const { file, path } = use.location;
  const home = { file, path: path.slice(0, -1) };
  return locationId(home) === locationId(at) ? {} : { at: placeText(home) };
}

/** A topic template with every optional part, as an address. */
function addressOf({ topic }: MessageModel, hasId: boolean): string {
  return (hasId ? topic : topic.replace("[/{requestId}]", "")).replace(/[[\]]/g, "");
}
