import { setProperty, type JsonObject } from "../../json/json.js";
import { below, formatPointer } from "../../json/pointer.js";
import type { ApiModel } from "../../model/index.js";
import { typeName } from "../../model/names.js";
import type { ExtensionDocument, Location, ProtocolSpec, SpecDocument } from "../../spec/document.js";
import { escapeRefs, EXTENSION } from "../schemas/keywords.js";
import {
  compact,
  Draft,
  omit,
  ref,
  securityKey,
  securityReference,
  tagReference,
  type ExportContext,
  type Side,
} from "./context.js";
import { placeText } from "./place-text.js";
import { addMessage } from "./messages.js";
import { bodyProse } from "./prose.js";
import { parameterObject } from "./parameters.js";
import { addExtension, source } from "./resources.js";
import { tagText } from "../tags.js";
import { exportSchemas } from "./schemas.js";

/** The version of AsyncAPI that is written. */
const ASYNCAPI_VERSION = "3.0.0";

/** The inputs of {@link exportAsyncApi}. */
export interface ExportInput {
  readonly document: SpecDocument;
  readonly model: ApiModel;
  /** The side that the document describes. */
  readonly side: Side;
}

/**
 * Describes an API as an AsyncAPI document. What AsyncAPI cannot say is in its descriptions, and under `x-topicsmith`, from
 * which an import restores the spec.
 */
export function exportAsyncApi({ document, model, side }: ExportInput): JsonObject {
  const draft = new Draft(document.extensions.map(({ key }) => key));
  const schemas = exportSchemas(document, model);
  const protocolParameters = addProtocolParameters(draft, { document, model });
  const errorMessage = addMessage(
    { model, draft, schemas },
    {
      key: typeName(model.name, "error"),
      title: "Error response",
      body: model.protocol.errorPayload,
      prose: bodyProse(model.protocol.errorPayload),
    },
  );
  const context: ExportContext = { document, model, side, schemas, draft, protocolParameters, errorMessage };
  for (const [index, extension] of model.extensions.entries()) {
    const read = document.extensions[index];
    if (read !== undefined) addExtension(context, extension, read);
  }
  const { channels, operations, messages, parameters } = draft;
  const securitySchemes = securitySchemesOf(model);
  const tags: JsonObject = {};
  for (const extension of document.extensions) {
    if (extension.isRoot === true) continue;
    setProperty(tags, String(draft.tagKeys.get(extension.key)), tagOf(context, extension));
  }
  return compact({
    asyncapi: ASYNCAPI_VERSION,
    info: infoOf(document, draft),
    defaultContentType: "application/json",
    servers: serversOf(model, Object.keys(securitySchemes)),
    channels,
    operations,
    components: compact({ messages, schemas: schemas.components, parameters, securitySchemes, tags }),
    [EXTENSION]: rootKeys(context),
  });
}

function infoOf(document: SpecDocument, draft: Draft): JsonObject {
  const { api, package: published } = document.value;
  const { repository } = published ?? {};
  return compact({
    title: api.title,
    version: api.version,
    description: api.description,
    license: published?.license === undefined ? undefined : { name: published.license },
    contact: published?.author === undefined ? undefined : { name: published.author },
    externalDocs: isUrl(repository) ? { url: repository, description: "Repository" } : undefined,
    tags: [...draft.tagKeys.values()].map(tagReference),
  });
}

function isUrl(text: string | undefined): boolean {
  return text !== undefined && /^https?:\/\//.test(text) && URL.canParse(text);
}

/** An extension as a tag, with its place if it is not in the root file. */
function tagOf(context: ExportContext, { key, at, body, value }: ExtensionDocument): JsonObject {
  const own = omit(value, ["description", "resources", "parameters", "protocol"]);
  const text = tagText(key, own);
  return {
    name: key,
    description: value.description ?? text,
    [EXTENSION]: {
      extension: key,
      ...own,
      ...ownProtocol(context, value.protocol, below(body, "protocol")),
      ...(value.description === undefined && { description: false }),
      ...(placeText(body) !== placeText(at) && { at: placeText(body) }),
    },
  };
}

/** The credentials that topics contain. AsyncAPI has no place for them, so their description says it. */
function securitySchemesOf({ protocol }: ApiModel): JsonObject {
  const schemes: JsonObject = {};
  for (const { name, secret } of [...protocol.clientParameters, ...protocol.endpointParameters]) {
    if (!secret) continue;
    setProperty(schemes, securityKey(name), {
      type: "apiKey",
      in: "user",
      description: `The credential is the level \`{${name}}\` of the topics. It is not sent as a user name.`,
    });
  }
  return schemes;
}

function serversOf(model: ApiModel, schemes: readonly string[]): JsonObject {
  const servers: JsonObject = {};
  for (const { key, url, description } of model.servers) {
    const [, protocol = "", host = "", pathname = ""] = /^([a-z]+):\/\/([^/?]*)(.*)$/s.exec(url) ?? [];
    const server = compact({
      host,
      pathname: pathname === "" ? undefined : pathname,
      protocol,
      protocolVersion: model.protocol.mqtt,
      description,
      security: schemes.map(securityReference),
    });
    setProperty(servers, key, server);
  }
  return servers;
}

function addProtocolParameters(
  draft: Draft,
  { document, model }: Pick<ExportInput, "document" | "model">,
): ReadonlyMap<string, JsonObject> {
  const references = new Map<string, JsonObject>();
  const add = (name: string, parameter: JsonObject) => {
    const key = draft.parameterKeys.unique(name);
    setProperty(draft.parameters, key, parameter);
    references.set(name, ref(`#${formatPointer(["components", "parameters", key])}`));
  };
  for (const [name, spec] of Object.entries(document.value.protocol?.parameters ?? {})) {
    if (name.startsWith("x-")) continue;
    const parameter = parameterObject(spec);
    add(name, { ...parameter, [EXTENSION]: { name, ...(parameter[EXTENSION] as JsonObject | undefined) } });
  }
  const ids = model.extensions.map(({ requestId }) => requestId).find((id) => id !== undefined);
  const id = model.protocol.requestId ?? ids;
  const isText = id !== undefined && "type" in id;
  add("requestId", {
    description: `Request id, which matches a response to its request${isText ? "" : ": a whole number"}.`,
    examples: [id === undefined || isText ? "k3vq8x2n" : String(id.send.minimum)],
  });
  return references;
}

/** The keys of the root file that AsyncAPI has none for. */
function rootKeys(context: ExportContext): JsonObject {
  const { document, side } = context;
  const { api, package: published, protocol } = document.value;
  const said = [
    "topicsmith",
    "api",
    "package",
    "servers",
    "protocol",
    "schemas",
    "extensions",
    "resources",
    "definitions",
  ];
  const repository = isUrl(published?.repository) ? ["repository"] : [];
  const own = escapeRefs({
    format: 1,
    side,
    file: document.root.id,
    api: omit(api, ["title", "version", "description"]),
    ...(published !== undefined && { package: omit(published, ["license", "author", ...repository]) }),
    ...omit(document.value, said),
  }) as JsonObject;
  const at = { file: document.root, path: ["protocol"] };
  return { ...own, ...ownProtocol(context, protocol, at) };
}

/** The keys of a protocol that AsyncAPI has none for. */
function ownProtocol(context: ExportContext, protocol: ProtocolSpec | undefined, at: Location): JsonObject {
  if (protocol === undefined) return {};
  const { errorPayload } = protocol;
  const own = escapeRefs(omit(protocol, ["parameters", "errorPayload"])) as JsonObject;
  if (errorPayload === undefined) return { protocol: own };
  const payloadAt = below(at, "errorPayload");
  const use = context.document.schemaAt(below(payloadAt, "schema"));
  const schema = use && context.schemas.reference(use.uri);
  const payload = {
    ...(escapeRefs(omit(errorPayload, ["schema"])) as JsonObject),
    ...source(context, payloadAt),
    ...(schema !== undefined && { schema }),
  };
  return { protocol: { ...own, errorPayload: payload } };
}
