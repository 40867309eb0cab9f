import { defineExtension } from "../../../src/runtime/api/resource.js";
import type { ResourceDefinition, ValidationError, Validator } from "../../../src/runtime/api/descriptor.js";
import { defineProtocol, type Protocol } from "../../../src/runtime/api/protocol.js";
import { defineResource, type Resource } from "../../../src/runtime/api/resource.js";
import { defineTopic } from "../../../src/runtime/topics/topic.js";
import type { Api } from "../../../src/runtime/platform.js";

/** A validator from a function that says what is wrong. */
export function validator(problem: (value: unknown) => string | undefined): Validator<unknown> {
  const validate = (value: unknown): value is unknown => {
    const message = problem(value);
    const error: ValidationError = {
      instancePath: "",
      schemaPath: "#",
      keyword: "test",
      params: {},
      ...(message && { message }),
    };
    result.errors = message === undefined ? null : [error];
    return message === undefined;
  };
  const result: Validator<unknown> = validate;
  return result;
}

const isObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const object = validator((value) => (isObject(value) ? undefined : "must be object"));
const list = validator((value) => (Array.isArray(value) ? undefined : "must be array"));
const errorPayload = validator((value) =>
  isObject(value) && "statusCode" in value && "reasonPhrase" in value
    ? undefined
    : "must have statusCode and reasonPhrase",
);

/** The protocol of {@link api}. */
export const protocol: Protocol = defineProtocol({
  name: "test",
  mqtt: "3.1.1",
  clientParameters: ["appVersion"],
  endpointParameters: ["endpointToken"],
  parameters: { endpointToken: { secret: true } },
  requestId: {
    send: { minimum: 1, maximum: 99 },
    accept: { minimum: 0, maximum: 2_147_483_647 },
    uniquePer: ["appVersion", "extension", "endpointToken"],
  },
  success: "/status",
  error: "/error",
  errorPayload: { type: "json", validate: errorPayload },
  replies: {
    invalid: { statusCode: 400, reasonPhrase: "{message}" },
    unknown: { statusCode: 404, reasonPhrase: "{message}" },
    tooLarge: { statusCode: 413, reasonPhrase: "{message}" },
    failed: { statusCode: 500, reasonPhrase: "{message}" },
    busy: { statusCode: 503, reasonPhrase: "{message}" },
  },
});

interface Where {
  readonly extension: string;
  readonly resource: string;
  readonly path: string;
}

/** One resource of a protocol whose topics look like the one above. */
export function resource(where: Where, definition: ResourceDefinition, of: Protocol = protocol): Resource {
  const template = `kp1/{appVersion}/${where.extension}/{endpointToken}/${where.path}[/{requestId}]`;
  return defineResource(defineTopic(of, { ...where, template }), definition);
}

/** Three extensions with one resource of each kind: silent, answering, pushing, with an optional level, of text and bytes. */
export const api: Api = {
  protocol,
  extensions: [
    defineExtension({
      key: "dcx",
      name: "dcx",
      resources: {
        json: resource(
          { extension: "dcx", resource: "json", path: "json" },
          { requestId: "optional", qos: 1, request: { type: "json" }, response: "empty" },
        ),
        plain: resource(
          { extension: "dcx", resource: "plain", path: "plain/{metricName}" },
          { requestId: "none", qos: 1, request: { type: "text" }, response: "empty" },
        ),
        blob: resource(
          { extension: "dcx", resource: "blob", path: "blob" },
          { requestId: "optional", qos: 1, request: { type: "binary" }, response: { type: "binary" } },
        ),
      },
    }),
    defineExtension({
      key: "cex",
      name: "cex",
      resources: {
        command: resource(
          { extension: "cex", resource: "command", path: "command/{commandType}" },
          {
            requestId: "optional",
            qos: 1,
            request: { type: "json", validate: object, optional: true },
            response: { type: "json", validate: list },
            withoutRequestId: true,
            push: { on: { observe: true }, off: { observe: false } },
          },
        ),
      },
    }),
    defineExtension({
      key: "cmx_ota",
      name: "cmxOta",
      resources: {
        config: resource(
          { extension: "cmx_ota", resource: "config", path: "config/json[/{configName}]" },
          {
            requestId: "required",
            qos: 0,
            request: { type: "json", validate: object, optional: true },
            response: { type: "json", validate: object, optional: true },
            withoutRequestId: true,
            push: { on: { observe: true }, off: { observe: false } },
          },
        ),
        applied: resource(
          { extension: "cmx_ota", resource: "applied", path: "applied/json" },
          { requestId: "required", qos: 1, request: { type: "json", validate: object } },
        ),
      },
    }),
  ],
};
