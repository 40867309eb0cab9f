import { hasErrors, sortDiagnostics, type Diagnostic, type OmittedCounts } from "../diagnostics/index.js";
import { below } from "../json/pointer.js";
import { isObject, property } from "../json/json.js";
import { createSchemaSet, type SchemaProblem, type ValidationErrorLike } from "../schema/index.js";
import type { Location, SpecDocument } from "../spec/document.js";
import { locationId, valueAt } from "../spec/location.js";
import { checkAmbiguity } from "./ambiguity.js";
import type {
  ApiModel,
  BodyModel,
  ExtensionModel,
  MessageModel,
  ResourceModel,
  ViolatedKeyword,
} from "./api-model.js";
import { resolveReceived } from "./bodies.js";
import { Context } from "./context.js";
import { resolveDefinitions } from "./definitions.js";
import { checkNames } from "./name-table.js";
import { typeName, valueName } from "./names.js";
import { namesOf, optionalNames } from "./message-parameters.js";
import { checkMessagePairs } from "./message-pairs.js";
import { checkUnused, type ResolvedProtocol, resolveProtocol } from "./protocol.js";
import { resolveExtension } from "./extensions.js";
import { findViolatedKeyword } from "./violated-keyword.js";
import { fillMessage } from "../runtime/api/messages.js";
import { checkValue } from "./values.js";

/** The result of {@link buildModel}. */
export interface ModelResult {
  /** Absent if there is an error. */
  readonly model?: ApiModel;
  readonly diagnostics: readonly Diagnostic[];
  /** Numbers of diagnostics that were not kept, by file. */
  readonly omitted: OmittedCounts;
}

/** Builds the model that emitters print from a spec that was read. Resolves all names and checks all rules. */
export function buildModel(document: SpecDocument, options: { readonly hints?: boolean } = {}): ModelResult {
  const schemas = createSchemaSet(
    document.schemas.map(({ uri, value, location }) => ({ uri, value, isFile: location.path.length === 0 })),
    document.usedSchemas,
  );
  const context = new Context(document, schemas);
  reportSchemaProblems(context, schemas.problems);
  if (options.hints === true) reportSchemaProblems(context, schemas.hints);
  const model = resolveApi(context);
  const diagnostics = sortDiagnostics(
    context.problems.diagnostics,
    document.files.map((file) => file.path),
  );
  const { omitted } = context.problems;
  return hasErrors(diagnostics) ? { diagnostics, omitted } : { model, diagnostics, omitted };
}

function resolveApi(context: Context): ApiModel {
  const { document, schemas } = context;
  const spec = document.value;
  const { protocol: given = {} } = spec;
  const groups = document.extensions.flatMap(({ value, body, isRoot }) =>
    value.protocol === undefined || isRoot ? [] : [{ value: value.protocol, at: below(body, "protocol") }],
  );
  const protocol = resolveProtocol(context, given, groups);
  const errorPayload = resolveErrorPayload(context);
  const scope = { context, protocol, errorPayload };
  const resolved = document.extensions.map((extension) => resolveExtension(scope, extension));
  const extensions = placeOnEndpoints(resolved, protocol);
  checkUnused(context, protocol, given, groups);
  const replies = given.errorPayload?.replies;
  const { name, title, version, description } = spec.api;
  const { endpoint: endpointMethod = "endpoint" } = spec.api;
  const hasErrorResponses = extensions.some(
    (extension) =>
      extension.errorPayload === undefined &&
      extension.resources.some(({ messages, error }) => messages.error !== undefined && error === undefined),
  );
  const base: Omit<ApiModel, "definitions" | "sharesTopics"> = {
    name,
    title,
    version,
    ...(description !== undefined && { description }),
    package: resolvePackage(document),
    tuples: document.value.package?.tuples ?? "short",
    specFile: document.root.id,
    names: {
      client: typeName(name, "client"),
      endpoint: typeName(name, endpointMethod),
      clientParameters: typeName(name, "client parameters"),
      endpointParameters: typeName(name, endpointMethod, "parameters"),
      connectOptions: typeName(name, "connect options"),
      topic: typeName(name, "topic"),
      handlers: typeName(name, "handlers"),
      pushes: typeName(name, "pushes"),
      platform: typeName(name, "platform"),
    },
    endpointMethod,
    servers: Object.entries(spec.servers ?? {}).map(([key, server]) => ({ key, ...server })),
    protocol: {
      ...protocol.model,
      endpointParameters: protocol.model.endpointParameters.map((parameter) =>
        canBeLacking(parameter.name, extensions) ? { ...parameter, optional: true } : parameter,
      ),
      hasErrors: hasErrorResponses,
      errorPayload,
      ...(replies !== undefined && { replies }),
    },
    extensions,
    schemas,
    violatedAt: (uri, error) => violatedAt(context, uri, error),
  };
  const sharesTopics = checkMessagePairs(context, protocol, extensions);
  const model: ApiModel = { ...base, sharesTopics, definitions: resolveDefinitions(context, base) };
  const described = document.extensions.some(
    ({ value, invalidResources }) => Object.keys(value.resources).length + invalidResources.size > 0,
  );
  // Extensions with an invalid structure are missing here, and already reported.
  if (!described && document.extensions.length === groupCount(spec)) {
    context.report("no-resources", {}, context.root("extensions"), "key");
  }
  checkNames(context, model);
  checkAmbiguity(context, protocol, extensions);
  return model;
}

/** An API that levels and suffixes describe, without parameters of endpoints, has everything on its one endpoint. */
function placeOnEndpoints(
  extensions: readonly ExtensionModel[],
  { model }: ResolvedProtocol,
): readonly ExtensionModel[] {
  const resources = extensions.flatMap((extension) => extension.resources);
  if (model.endpointParameters.length > 0 || resources.some(({ form }) => form === "messages"))
    return extensions;
  return extensions.map((extension) => ({
    ...extension,
    resources: extension.resources.map((resource): ResourceModel => ({ ...resource, on: "endpoint" })),
  }));
}

/** Whether a parameter is in optional parts of topics only, so that an endpoint need not have a value for it. */
function canBeLacking(name: string, extensions: readonly ExtensionModel[]): boolean {
  const messages = extensions
    .flatMap(({ resources }) => resources)
    .flatMap((resource) => Object.values(resource.messages) as readonly MessageModel[])
    .filter((message) => namesOf(message).includes(name));
  return (
    messages.length > 0 &&
    messages.every((message) => !message.bodyNames.includes(name) && optionalNames(message).has(name))
  );
}

/** The number of extensions in a root file; its own resources count as one. */
function groupCount({ extensions = {}, resources }: SpecDocument["value"]): number {
  return Object.keys(extensions).length + (resources === undefined ? 0 : 1);
}

/** Resolves the body of error responses; without a schema, it is any JSON value. */
function resolveErrorPayload(context: Context): BodyModel {
  const { api, protocol = {} } = context.document.value;
  const at = context.root("protocol", "errorPayload");
  const names = {
    typeName: typeName(api.name, "error payload"),
    validatorName: valueName("validate", api.name, "error payload"),
  };
  const strict = protocol.errorPayload?.strict === true && { strict: true };
  const contentType = protocol.errorPayload?.contentType;
  const spec = { ...strict, ...(contentType !== undefined && { contentType }) };
  const body = resolveReceived(context, { spec, at, names });
  for (const [occasion, reply] of Object.entries(protocol.errorPayload?.replies ?? {})) {
    if (body.schema === undefined) continue;
    const value = fillMessage(reply, "message");
    checkValue(context, {
      uri: body.schema.uri,
      value,
      what: "this value of replies",
      at: below(at, "replies", occasion),
    });
  }
  return body;
}

function resolvePackage({ value }: SpecDocument): ApiModel["package"] {
  const { api, package: published = {} } = value;
  return {
    name: published.name ?? `${api.name.toLowerCase()}-device-client`,
    version: published.version ?? api.version,
    license: published.license ?? "UNLICENSED",
    description: published.description ?? `Typed MQTT client for the ${api.title}.`,
    keywords: published.keywords ?? ["mqtt", api.name],
    ...(published.author !== undefined && { author: published.author }),
    ...(published.repository !== undefined && { repository: published.repository }),
  };
}

function violatedAt(
  { document, schemas }: Context,
  uri: string,
  error: ValidationErrorLike,
): ViolatedKeyword | undefined {
  const place = findViolatedKeyword(schemas.index, uri, error);
  const location = place && document.locate(place.schema.document, place.pointer);
  if (!location) return undefined;
  const { schema } = place.schema;
  const properties = isObject(schema) ? property(schema, "properties") : undefined;
  return {
    range: location.file.rangeOf(location.path, "key"),
    properties: isObject(properties) ? Object.keys(properties) : [],
  };
}

/** Reports problems of schemas, which have URIs and pointers, at their lines in the spec. */
function reportSchemaProblems(context: Context, problems: readonly SchemaProblem[]): void {
  for (const problem of problems) {
    const location = context.document.locate(problem.uri, problem.pointer) ?? context.root();
    context.report(problem.code, writtenParams(context, problem, location), location, problem.at);
  }
}

/** The parameters of a problem, with references as the spec author wrote them instead of the URIs they resolve to. */
function writtenParams(
  { document }: Context,
  { params }: SchemaProblem,
  location: Location,
): SchemaProblem["params"] {
  if ("reference" in params) {
    const written = valueAt(location);
    return typeof written === "string" ? { ...params, reference: written } : params;
  }
  if (!("chain" in params)) return params;
  const chain = params.chain.map((uri) => {
    const target = document.locate(uri, "");
    return target === undefined ? uri : locationId(target);
  });
  return { chain };
}
