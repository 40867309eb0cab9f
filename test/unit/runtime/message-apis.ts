/** APIs of other shapes than a request's topic and a suffix, declared by hand in the form of generated code. */
import {
  bodyTemplate,
  type BodyTemplateJson,
  defineEvent,
  defineExtension,
  defineMessageResource,
  defineMessageTopic,
  defineProtocol,
  defineServedCall,
  type PayloadDefinition,
  type ProtocolDefinition,
  type Resource,
  type ResourceDefinition,
  scalarText,
} from "../../../src/runtime/index.js";
import type { Api } from "../../../src/runtime/api/resource.js";
import { validator } from "./greenhouse-api.js";

const isObject = (value: unknown): boolean =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Any JSON value. */
export const any: PayloadDefinition = { type: "json", validate: validator(() => true, "") };
/** A JSON object. */
export const object: PayloadDefinition = { type: "json", validate: validator(isObject, "must be an object") };
export const optionalObject: PayloadDefinition = { ...object, optional: true };

/** The topics of a resource, its definition, and the bodies of its messages as templates. */
interface Shape extends Omit<Partial<ResourceDefinition>, "wraps"> {
  readonly template: string;
  readonly success?: string;
  readonly failure?: string;
  readonly from?: "platform";
  readonly parameters?: Parameters<typeof defineMessageTopic>[1]["parameters"];
  readonly wraps?: Readonly<Partial<Record<"request" | "success" | "error", BodyTemplateJson>>>;
}

/** Defines an API of these resources, by extension; those of `""` have none. */
export function apiOf(
  protocol: Partial<ProtocolDefinition>,
  extensions: Readonly<Record<string, Readonly<Record<string, Shape>>>>,
): Api {
  const whole = defineProtocol({
    name: "shapes",
    mqtt: "3.1.1",
    clientParameters: [],
    endpointParameters: [],
    parameters: {},
    ...protocol,
  });
  const resourceOf = (extension: string, resource: string, shape: Shape): Resource => {
    const { template, success, failure, from, parameters, wraps = {}, ...definition } = shape;
    const topic = defineMessageTopic(whole, {
      ...(extension !== "" && { extension }),
      resource,
      template,
      ...(success !== undefined && { success }),
      ...(failure !== undefined && { error: failure }),
      ...(from !== undefined && { from }),
      ...(parameters !== undefined && { parameters }),
    });
    const define =
      from === undefined
        ? defineMessageResource
        : definition.response === undefined
          ? defineEvent
          : defineServedCall;
    const compiled = Object.entries(wraps).map(([kind, wrap]) => [kind, bodyTemplate(wrap)]);
    return define(topic, {
      requestId: definition.response === undefined ? "none" : "required",
      qos: 1,
      ...definition,
      wraps: Object.fromEntries(compiled) as NonNullable<ResourceDefinition["wraps"]>,
    });
  };
  return {
    protocol: whole,
    extensions: Object.entries(extensions).map(([name, resources]) =>
      defineExtension({
        key: name,
        name,
        resources: Object.fromEntries(
          Object.entries(resources).map(([key, shape]) => [key, resourceOf(name, key, shape)]),
        ),
      }),
    ),
  };
}

/** Everyone hears everyone: a token in the body, and responses on the request's topic and a suffix. */
const token: BodyTemplateJson = { "...": "{body}", token: "{requestId}" };
const tokens = { request: token, success: token, error: token };
const suffixes = { success: "{request}/accepted", failure: "{request}/rejected" };

export const shadows = apiOf(
  {
    endpointName: "thing",
    endpointParameters: ["thing"],
    requestId: { type: "string", maxLength: 64, uniquePer: ["thing"] },
    errorPayload: object,
  },
  {
    shadow: {
      get: {
        template: "$cloud/things/{thing}/shadow[/name/{shadow}]/get",
        ...suffixes,
        response: object,
        wraps: tokens,
      },
      update: {
        template: "$cloud/things/{thing}/shadow[/name/{shadow}]/update",
        ...suffixes,
        request: object,
        response: object,
        wraps: tokens,
        requestId: "optional",
      },
      delta: {
        from: "platform",
        template: "$cloud/things/{thing}/shadow[/name/{shadow}]/update/delta",
        request: object,
      },
    },
    provisioning: {
      create: {
        on: "client",
        template: "$cloud/certificates/create",
        ...suffixes,
        requestId: "single",
        response: object,
      },
      register: {
        on: "client",
        template: "$cloud/fleet/{fleet}/register",
        ...suffixes,
        requestId: "single",
        request: object,
        response: object,
      },
    },
  },
);

/** JSON-RPC: all methods on one topic, all responses on one, events by method. */
const rpc = (method: string): Pick<Shape, "template" | "success" | "failure" | "wraps"> => ({
  template: "{prefix}/rpc",
  success: "{src}/rpc",
  failure: "{src}/rpc",
  wraps: {
    request: { id: "{requestId}", src: "{src}", method, params: "{body}" },
    success: { id: "{requestId}", dst: "{src}", result: "{body}" },
    error: { id: "{requestId}", dst: "{src}", error: "{body}" },
  },
});
const notification = (method: string): Shape => ({
  from: "platform",
  template: "{prefix}/events/rpc",
  request: object,
  wraps: { request: { method, params: "{body}" } },
});

export const rpcs = apiOf(
  {
    clientParameters: ["src"],
    endpointParameters: ["prefix"],
    requestId: {
      send: { minimum: 1, maximum: 3 },
      accept: { minimum: 0, maximum: 999 },
      uniquePer: ["src"],
    },
    errorPayload: object,
  },
  {
    relay: {
      set: { ...rpc("Relay.Set"), request: object, response: object, requestId: "optional" },
      status: { ...rpc("Relay.GetStatus"), response: any, idempotent: true },
      reboot: { ...rpc("Reboot"), request: optionalObject, response: "empty" },
    },
    events: {
      status: notification("NotifyStatus"),
      full: notification("NotifyFullStatus"),
      online: {
        from: "platform",
        template: "{prefix}/online",
        retain: true,
        request: { type: "text", scalar: scalarText("boolean") },
      },
      component: {
        from: "platform",
        template: "{prefix}/status/{component}",
        retain: "allowed",
        request: object,
        parameters: { component: { pattern: "^[a-z]+:[0-9]+$" } },
      },
    },
  },
);

/** A device API: pairs of topics with the id in them, calls in both directions on the same topics, a gateway's devices in the body. */
const gateway = (path: string, wraps: NonNullable<Shape["wraps"]>): Pick<Shape, "template" | "wraps"> => ({
  template: `v1/gateway/${path}`,
  wraps,
});

export const devices = apiOf(
  {
    endpointName: "device",
    endpointParameters: ["device"],
    requestId: {
      send: { minimum: 1, maximum: 2_147_483_647 },
      accept: { minimum: 0, maximum: 2_147_483_647 },
      uniquePer: [],
    },
    replies: {
      invalid: { error: "{message}" },
      failed: { error: "{message}" },
      busy: { error: "{message}" },
    },
  },
  {
    "": {
      telemetry: { on: "client", template: "v1/me/telemetry", request: any, retain: "allowed" },
      attributes: { on: "client", template: "v1/me/attributes", request: object },
      updates: { on: "client", from: "platform", template: "v1/me/attributes", request: object },
      getAttributes: {
        on: "client",
        template: "v1/me/attributes/request/{requestId}",
        success: "v1/me/attributes/response/{requestId}",
        request: object,
        response: object,
      },
      call: {
        on: "client",
        template: "v1/me/rpc/request/{requestId}",
        success: "v1/me/rpc/response/{requestId}",
        request: object,
        response: any,
      },
      rpc: {
        on: "client",
        from: "platform",
        template: "v1/me/rpc/request/{requestId}",
        success: "v1/me/rpc/response/{requestId}",
        request: object,
        response: any,
      },
      job: {
        on: "client",
        template: "v1/me/ask/{requestId}",
        success: "v1/me/tell/{requestId}",
        failure: "v1/me/tell/{requestId}",
        response: { ...object, optional: false },
        error: object,
        wraps: {
          success: { status: "ok", data: "{body}" },
          error: { status: "error", data: "{body}" },
        },
      },
      pause: {
        on: "client",
        template: "v1/me/ask/{requestId}",
        success: "v1/me/tell/{requestId}",
        response: "empty",
        wraps: { request: { pause: true }, success: { status: "ok", data: "{body}" } },
      },
      restarted: { on: "client", from: "platform", template: "v1/me/restarted" },
    },
    gateway: {
      connect: {
        ...gateway("connect", { request: { device: "{device}", "...": "{body}" } }),
        request: optionalObject,
      },
      telemetry: { ...gateway("telemetry", { request: { "{device}": "{body}" } }), request: any },
      updates: {
        ...gateway("attributes", { request: { device: "{device}", data: "{body}" } }),
        from: "platform",
        request: object,
      },
      getAttributes: {
        ...gateway("attributes/request", {
          request: { id: "{requestId}", device: "{device}", "...": "{body}" },
          success: { id: "{requestId}", device: "{device}", "...": "{body}" },
        }),
        success: "v1/gateway/attributes/response",
        request: object,
        response: object,
      },
      rpc: {
        ...gateway("rpc", {
          request: { device: "{device}", data: { id: "{requestId}", "...": "{body}" } },
          success: { device: "{device}", id: "{requestId}", data: "{body}" },
          error: { device: "{device}", id: "{requestId}", data: { error: "{body}" } },
        }),
        from: "platform",
        success: "v1/gateway/rpc",
        failure: "v1/gateway/rpc",
        request: object,
        response: any,
        error: object,
      },
    },
    ota: {
      chunk: {
        on: "client",
        template: "v2/fw/request/{requestId}/chunk/{chunk}",
        success: "v2/fw/response/{requestId}/chunk/{chunk}",
        failure: "v2/fw/error",
        parameters: { chunk: { integer: { minimum: 0 } } },
        idempotent: true,
        request: { type: "text", optional: true, scalar: scalarText("number") },
        response: { type: "binary" },
        error: { type: "text" },
      },
    },
    provisioning: {
      provision: {
        on: "client",
        template: "/provision/request",
        success: "/provision/response",
        failure: "/provision/response",
        requestId: "single",
        request: object,
        response: object,
        error: object,
        wraps: { success: { status: "SUCCESS", "...": "{body}" } },
        subscribe: { success: "/provision/#", error: "/provision/#" },
      },
    },
  },
);
