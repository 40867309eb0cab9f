import type { Location, PayloadSpec } from "../spec/document.js";
import { below } from "../json/pointer.js";
import type { BodyModel, BodyType, SchemaModel } from "./api-model.js";
import { refusesUnknownProperties } from "./closed-schemas.js";
import type { Context } from "./context.js";
import { typeName, valueName } from "./names.js";
import type { ProtocolLayer } from "./protocol-layers.js";
import type { ResourceInput } from "./resource-input.js";
import { sensitivePointers } from "./sensitive.js";
import { checkValue } from "./values.js";
import { referencesOf, type SchemaLocation } from "../schema/index.js";
import { isObject, property } from "../json/json.js";

const BODY_TYPES: Readonly<Record<string, BodyType>> = {
  "application/json": "json",
  "text/plain": "text",
  "application/octet-stream": "binary",
};

/** Resolves the request, response and error bodies of a resource. */
export function resolveBodies(
  context: Context,
  input: ResourceInput,
): { request?: BodyModel; response?: BodyModel | "empty"; error?: BodyModel } {
  const { extension, key, spec, at } = input;
  const names = (part: string) => ({
    typeName: typeName(extension, key, part),
    validatorName: valueName("validate", extension, key, part),
  });
  const request =
    spec.request &&
    (spec.from === "platform" ? resolveReceived : resolveBody)(context, {
      spec: spec.request,
      at: below(at, "request"),
      names: names(spec.from === "platform" && spec.response === undefined ? "message" : "request"),
    });
  const response =
    spec.response === "empty" || spec.response === undefined
      ? spec.response
      : {
          ...resolveReceived(context, {
            spec: spec.response,
            at: below(at, "response"),
            names: names("response"),
          }),
          ...resolveEmptyWhen(
            context,
            below(at, "response", "emptyWhen"),
            valueName("validate", extension, key, "emptyWhen"),
          ),
          ...(spec.answeredBy === undefined
            ? {}
            : resolveItems(
                context,
                below(at, "response", "schema"),
                valueName("validate", extension, key, "response item"),
              )),
        };
  // An error with a topic or a body template only has the payload of the protocol.
  const hasErrorBody = spec.error?.schema !== undefined || spec.error?.contentType !== undefined;
  const error =
    spec.error &&
    hasErrorBody &&
    resolveReceived(context, {
      spec: payloadOf(spec.error),
      at: below(at, "error"),
      names: names("error payload"),
    });
  return {
    ...(request !== undefined && { request }),
    ...(response !== undefined && { response }),
    ...(error !== undefined && error !== false && { error }),
  };
}

/** The payload of an error response, as far as it describes the body. */
function payloadOf({
  contentType,
  strict,
}: {
  readonly contentType?: PayloadSpec["contentType"];
  readonly strict?: boolean;
}): PayloadSpec {
  return { ...(contentType !== undefined && { contentType }), ...(strict === true && { strict: true }) };
}

/** Resolves the error payload of an extension that has another than the API. */
export function resolveErrorBody(
  context: Context,
  { key, layer }: { readonly key: string; readonly layer: ProtocolLayer },
): BodyModel | undefined {
  const { errorPayload } = layer;
  if (errorPayload === undefined) return undefined;
  const names = {
    typeName: typeName(key, "error payload"),
    validatorName: valueName("validate", key, "error payload"),
  };
  return resolveReceived(context, { spec: payloadOf(errorPayload.value), at: errorPayload.at, names });
}

/** The entry of a body in the spec, and the names of what is generated for it. */
interface BodyInput {
  readonly spec: PayloadSpec;
  /** Has a `schema` unless the body is binary. */
  readonly at: Location;
  readonly names: { readonly typeName: string; readonly validatorName: string };
}

/** Resolves a body that clients receive: they accept what its platform has added, unless the spec is strict. */
export function resolveReceived(context: Context, input: BodyInput): BodyModel {
  const body = resolveBody(context, input);
  const tolerant =
    body.schema !== undefined &&
    input.spec.strict !== true &&
    refusesUnknownProperties(context.schemas.index, body.schema.uri);
  return { ...body, ...(tolerant && { tolerant }) };
}

/** Resolves one body. */
function resolveBody(context: Context, body: BodyInput): BodyModel {
  const { spec, at, names } = body;
  const type = BODY_TYPES[spec.contentType ?? "application/json"] ?? "json";
  const use = context.document.schemaAt(below(at, "schema"));
  const scalar = type === "text" && use !== undefined ? scalarOf(context, use.uri) : undefined;
  // Without a schema, a JSON body is any value and a text body any string.
  const schema: SchemaModel | undefined = use && { uri: use.uri, ...names };
  const examples = (spec.examples ?? []).map((example) =>
    type === "text" && scalar === undefined && typeof example === "number" ? String(example) : example,
  );
  if (schema !== undefined) {
    for (const [index, example] of examples.entries()) {
      const exampleAt = below(at, "examples", index);
      checkValue(context, { uri: schema.uri, value: example, what: "this example", at: exampleAt });
    }
  }
  return {
    type,
    ...(schema !== undefined && { schema }),
    ...(scalar !== undefined && { scalar }),
    optional: spec.optional === true,
    examples,
    sensitive: schema === undefined ? [] : sensitivePointers(context.schemas.index, schema.uri),
  };
}

/** The type of a text that is a number or a boolean in code: that of its schema, behind references. */
function scalarOf(context: Context, uri: string): BodyModel["scalar"] {
  const { index } = context.schemas;
  const seen = new Set<string>();
  let location: SchemaLocation | undefined = index.at(uri);
  while (location !== undefined && !seen.has(location.uri)) {
    seen.add(location.uri);
    const type = isObject(location.schema) ? property(location.schema, "type") : undefined;
    if (type === "number" || type === "integer") return "number";
    if (type === "boolean") return "boolean";
    if (type !== undefined) return undefined;
    const [reference] = referencesOf(index, location);
    location = reference?.target.to === "schema" ? reference.target.location : undefined;
  }
  return undefined;
}

function resolveEmptyWhen(
  context: Context,
  at: Location,
  validatorName: string,
): Pick<BodyModel, "emptyWhen"> {
  const use = context.document.schemaAt(at);
  return use === undefined ? {} : { emptyWhen: { uri: use.uri, validatorName } };
}

/** The schema of an item, if the one of the response says that all items of a list have the same. */
function resolveItems(context: Context, at: Location, validatorName: string): Pick<BodyModel, "items"> {
  const use = context.document.schemaAt(at);
  const { index } = context.schemas;
  const seen = new Set<string>();
  let location: SchemaLocation | undefined = use && index.at(use.uri);
  while (location !== undefined && !seen.has(location.uri)) {
    seen.add(location.uri);
    const { schema } = location;
    if (isObject(schema) && isObject(property(schema, "items"))) {
      const items =
        property(schema, "prefixItems") === undefined ? index.inside(location, "/items") : undefined;
      return items === undefined ? {} : { items: { uri: items.uri, validatorName } };
    }
    const [reference] = referencesOf(index, location);
    location = reference?.target.to === "schema" ? reference.target.location : undefined;
  }
  return {};
}
