/** The API of a fictional greenhouse, declared by hand in the form of generated code. */
import {
  type ItemResponseOf,
  type CallOptions,
  defineExtension,
  defineObservable,
  defineProtocol,
  defineResource,
  defineTopic,
  type HandleOptions,
  type ItemHandler,
  type ItemOf,
  type Observation,
  type ObserveOptions,
  type PayloadDefinition,
  redactPayload,
  type SendOptions,
  type HandlerRegistration,
  type ValidationError,
  type Validator,
} from "../../../src/runtime/index.js";

/** Creates a validator that accepts the values that pass `test`, and reports `message` for the others. */
export function validator<T>(test: (value: unknown) => boolean, message: string): Validator<T> {
  const validate: Validator<T> = Object.assign(
    (value: unknown): value is T => {
      const ok = test(value);
      const errors: ValidationError[] = [
        { instancePath: "", schemaPath: "#", keyword: "test", params: {}, message },
      ];
      validate.errors = ok ? null : errors;
      return ok;
    },
    { errors: null },
  );
  return validate;
}

function member(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined;
}

const isObject = (value: unknown): boolean =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const json = (test: (value: unknown) => boolean, message: string): PayloadDefinition => ({
  type: "json",
  validate: validator(test, message),
});

export const protocol = defineProtocol({
  name: "greenhouse",
  mqtt: "3.1.1",
  clientParameters: ["site"],
  endpointParameters: ["unit"],
  parameters: { unit: { secret: true } },
  requestId: {
    send: { minimum: 1, maximum: 3 },
    accept: { minimum: 0, maximum: 999 },
    uniquePer: ["site", "extension", "unit"],
  },
  success: "/ok",
  error: "/failed",
  errorPayload: {
    ...json((value) => typeof member(value, "code") === "number", "must have a code"),
    sensitive: ["/token"],
    redact: redactPayload,
  },
});

export interface UnitParameters {
  site: string;
  unit: string;
}
export interface ZoneParameters extends UnitParameters {
  zone: string;
}
export interface PlanParameters extends UnitParameters {
  variant?: string;
}

const prefix = "gh/{site}/climate/{unit}";
const topic = <P>(resource: string, path: string, zonePattern?: string) =>
  defineTopic<P>(protocol, {
    extension: "climate",
    resource,
    template: `${prefix}/${path}[/{requestId}]`,
    ...(zonePattern === undefined ? {} : { parameters: { zone: { pattern: zonePattern } } }),
  });

export const readTopic = topic<UnitParameters>("read", "read");
export const readAllTopic = topic<UnitParameters>("read_all", "read/all");
export const setTopic = topic<UnitParameters>("set", "set");
export const logTopic = topic<ZoneParameters>("log", "log/{zone}");
export const modeTopic = topic<ZoneParameters>("mode", "mode/{zone}", "^[a-z0-9-]+$");
export const doneTopic = topic<ZoneParameters>("done", "done/{zone}");
export const planTopic = topic<PlanParameters>("plan", "plan[/{variant}]");
export const appliedTopic = topic<PlanParameters>("applied", "applied[/{variant}]");
export const alarmTopic = topic<UnitParameters>("alarm", "alarm");
export const pictureTopic = topic<UnitParameters>("picture", "picture");
export const topics = [
  readTopic,
  readAllTopic,
  setTopic,
  logTopic,
  modeTopic,
  doneTopic,
  planTopic,
  appliedTopic,
  alarmTopic,
  pictureTopic,
];

export interface Reading {
  value: number;
}
export interface Command {
  id: number;
  task?: unknown;
}
export type Commands = Command[];
export type Done = { id: number; code: number; text?: string }[];
export interface Plan {
  version?: string;
  steps?: unknown;
  [key: string]: unknown;
}
export interface Applied {
  version: string;
  ok?: boolean;
  [key: string]: unknown;
}

interface ClimateClient {
  readonly read: (options?: CallOptions) => Promise<Reading>;
  readonly readAll: { send(options?: SendOptions): Promise<void>; (options?: CallOptions): Promise<Reading> };
  readonly set: {
    send(request: object, options?: SendOptions): Promise<void>;
    (request: object, options?: CallOptions): Promise<void>;
  };
  readonly log: { send(zone: string, request: string | number, options?: SendOptions): Promise<void> };
  readonly mode: {
    (zone: string, request?: object, options?: CallOptions): Promise<Commands>;
    send(zone: string, request?: object, options?: SendOptions): Promise<void>;
    observe(zone: string, options?: ObserveOptions): Observation<Commands>;
    handle(
      zone: string,
      handler: ItemHandler<ItemOf<Commands>, ItemResponseOf<Done, "id">>,
      options?: HandleOptions,
    ): Promise<HandlerRegistration>;
  };
  readonly done: {
    (zone: string, request: Done, options?: CallOptions): Promise<void>;
    send(zone: string, request: Done, options?: SendOptions): Promise<void>;
  };
  readonly plan: {
    (request?: object, options?: CallOptions & Pick<PlanParameters, "variant">): Promise<Plan | undefined>;
    observe(options?: ObserveOptions & Pick<PlanParameters, "variant">): Observation<Plan>;
    handle(
      handler: ItemHandler<ItemOf<Plan>, ItemResponseOf<Applied, "version">>,
      options?: HandleOptions & Pick<PlanParameters, "variant">,
    ): Promise<HandlerRegistration>;
  };
  readonly applied: (
    request: Applied,
    options?: CallOptions & Pick<PlanParameters, "variant">,
  ) => Promise<void>;
  readonly alarm: { observe(options?: ObserveOptions): Observation<string> };
  readonly picture: (request: Uint8Array, options?: CallOptions) => Promise<Uint8Array>;
}

/** The type of an endpoint of this API. */
export interface Unit {
  readonly climate: ClimateClient;
}

export const resources = {
  read: defineResource(readTopic, {
    requestId: "required",
    qos: 1,
    idempotent: true,
    response: {
      ...json((value) => typeof member(value, "value") === "number", "must have a value"),
      sensitive: [],
    },
  }),
  readAll: defineResource(readAllTopic, { requestId: "optional", qos: 1, response: json(() => true, "") }),
  set: defineResource(setTopic, {
    requestId: "optional",
    qos: 1,
    request: { ...json(isObject, "must be an object"), sensitive: ["/password"] },
    response: "empty",
  }),
  log: defineResource(logTopic, { requestId: "none", qos: 1, request: { type: "text" }, response: "empty" }),
  mode: defineObservable(modeTopic, {
    requestId: "optional",
    qos: 1,
    idempotent: true,
    withoutRequestId: true,
    request: { ...json(isObject, "must be an object"), optional: true },
    response: json(Array.isArray, "must be a list"),
    push: { on: { watch: true }, off: { watch: false } },
    answeredBy: { resource: "done", key: "id", failure: { code: 500, text: "{message}" } },
  }),
  done: defineResource(doneTopic, {
    requestId: "optional",
    qos: 1,
    idempotent: true,
    request: json(
      (value) => Array.isArray(value) && value.every((item) => typeof member(item, "code") === "number"),
      "must have codes",
    ),
    response: "empty",
  }),
  plan: defineObservable(planTopic, {
    requestId: "required",
    qos: 1,
    idempotent: true,
    withoutRequestId: true,
    request: { ...json(isObject, "must be an object"), optional: true },
    response: {
      ...json(isObject, "must be an object"),
      optional: true,
      emptyWhen: validator(
        (value) => value === null || (isObject(value) && Object.keys(Object(value)).length === 0),
        "is something",
      ),
    },
    push: { on: { watch: true }, off: { watch: false } },
    answeredBy: { resource: "applied", key: "version" },
  }),
  applied: defineResource(appliedTopic, {
    requestId: "required",
    qos: 1,
    idempotent: true,
    request: json((value) => typeof member(value, "version") === "string", "must have a version"),
    response: "empty",
  }),
  alarm: defineObservable(alarmTopic, { requestId: "none", qos: 1, response: { type: "text" }, push: {} }),
  picture: defineResource(pictureTopic, {
    requestId: "required",
    qos: 1,
    request: { type: "binary" },
    response: { type: "binary" },
  }),
};

export const climate = defineExtension<ClimateClient>({ key: "climate", name: "climate", resources });

/** The descriptors that `connectTo` takes. */
export const api = { protocol, extensions: [climate] };
