/** What is on an endpoint: for each resource the functions that its descriptor offers. */
import { ask } from "./ask.js";
import { encode } from "./codec.js";
import type { Api, Engine } from "./engine.js";
import { TopicsmithError } from "./errors.js";
import type { Request } from "./exchange.js";
import { formatErrors } from "./format-errors.js";
import { handle, type ItemHandler } from "./handle.js";
import { maskParameters } from "./mask.js";
import { observe, type WatchRequest } from "./observe.js";
import type { HandleOptions, ObserveOptions } from "./options.js";
import type { Resource } from "./resource.js";
import { buildTopic, type TopicValues } from "./topic.js";
import { vouched } from "./vouched.js";

/** Everything of an API at one endpoint, by extension and resource; nothing else is there, not even a prototype. */
export function endpointOf(engine: Engine, api: Api, bound: TopicValues): object {
  const endpoint: object = Object.create(null);
  const group = JSON.stringify(bound);
  for (const { name, resources } of api.extensions) {
    let members: Record<string, unknown> | undefined;
    const get = (): object => {
      if (members) return members;
      members = Object.create(null) as Record<string, unknown>;
      for (const key of Object.keys(resources))
        members[key] = functionsOf({ engine, resources, bound, group }, key);
      return members;
    };
    // Made when it is looked at first: a program may have many endpoints and use little of each.
    Object.defineProperty(endpoint, name, { enumerable: true, get });
  }
  return endpoint;
}

/** The resources of an extension at one endpoint. */
interface Site {
  readonly engine: Engine;
  readonly resources: Readonly<Record<string, Resource>>;
  readonly bound: TopicValues;
  /** Tells endpoints apart. */
  readonly group: string;
}

/** What a function of a resource was called with. */
interface Input {
  readonly values: TopicValues;
  /** The request payload, or a handler. */
  readonly value: unknown;
  readonly options: HandleOptions & ObserveOptions;
}

function functionsOf(site: Site, key: string): unknown {
  const { engine, resources } = site;
  const resource = resources[key]!;
  const { requestId, push, answeredBy, request } = resource;
  const read = reader(resource, site.bound);
  const answerer = answeredBy && resources[answeredBy.resource];

  /** The standing request of an observation. */
  const standing = (input: Input): WatchRequest => {
    const asking = requestOf(site, resource, "observe", { ...input, value: merge(input.value, push?.on) });
    if (!push?.off || !input.options.disarm) return asking;
    return {
      ...asking,
      disarm: lastRequest(site, resource, { ...input, value: merge(input.value, push.off) }),
    };
  };

  const requester =
    (purpose: "call" | "send") =>
    async (...args: unknown[]): Promise<unknown> => {
      const input = read(args, request);
      const next = async (): Promise<unknown> => ask(engine, requestOf(site, resource, purpose, input));
      const { around } = engine.settings;
      if (!around) return next();
      const parameters = maskParameters(resource.shape, input.values);
      return around({ resource: resource.shape.name, kind: purpose, parameters }, next);
    };
  const target: object = requestId === "none" ? Object.create(null) : requester("call");
  const offer = (name: string, value: unknown): void =>
    void Object.defineProperty(target, name, { value, enumerable: true });

  if (requestId !== "required") offer("send", requester("send"));
  if (push) {
    offer("observe", (...args: unknown[]) => {
      const input = read(args, request?.optional ? undefined : request);
      const { buffer = engine.settings.buffer, overflow = engine.settings.overflow } = input.options;
      return observe(engine, () => standing(input), { buffer, overflow });
    });
  }
  if (answerer) {
    offer("handle", async (...args: unknown[]) => {
      const { values, value, options } = read(args, true);
      return handle(engine, {
        request: () => standing({ values, value: undefined, options }),
        handler: vouched<ItemHandler<unknown, unknown>>(value),
        options,
        key: answeredBy.key,
        failure: answeredBy.failure,
        check: (payload) => void encodeFor(engine, answerer, payload),
        answer: async (payload) =>
          ask(engine, lastRequest(site, answerer, { values, value: payload, options })),
      });
    });
  }
  return target;
}

/** One that ends something: it is sent even while the client closes, and the signal of what it ends does not concern it. */
function lastRequest(
  site: Site,
  resource: Resource,
  { values, value, options: { timeoutMs } }: Input,
): Request {
  const purpose = resource.requestId === "required" ? "call" : "send";
  return { ...requestOf(site, resource, purpose, { values, value, options: { timeoutMs } }), last: true };
}

/** Takes arguments apart: required path parameters lead, then comes the payload (or handler) if there is one, then the options. */
function reader(
  { shape }: Resource,
  bound: TopicValues,
): (args: readonly unknown[], payload: unknown) => Input {
  const own = shape.levels.filter(({ kind, text }) => kind === "parameter" && !Object.hasOwn(bound, text));
  const leading = own.filter(({ optional }) => !optional);
  return (args, payload) => {
    const [value, given] = payload ? args.slice(leading.length) : [undefined, args[leading.length]];
    const options = vouched<Input["options"] | undefined>(given) ?? {};
    const members = Object.entries<unknown>({ ...options });
    const levels = leading.map(({ text }, index): [string, unknown] => [text, args[index]]);
    // Levels that may be left out are members of the options.
    for (const { text, optional } of own)
      if (optional) levels.push(...members.filter(([name]) => name === text));
    return { values: { ...bound, ...Object.fromEntries(levels) }, value, options };
  };
}

/** Throws `invalid-topic` or `invalid-request`. */
function requestOf(
  { engine, group }: Site,
  resource: Resource,
  purpose: "call" | "send" | "observe",
  input: Input,
): Request {
  const { values, value, options } = input;
  const { settings, protocol } = engine;
  const { shape } = resource;
  const { extension, resource: key } = shape;
  const path = { ...shape, levels: shape.path };
  const base = buildTopic(path, "request", values);
  const shared = settings.subscribe === "all-endpoints";
  const any = shared ? protocol.endpointParameters.map((name) => [name, "+"]) : [];
  const listened = shared
    ? buildTopic(path, "request", { ...values, ...Object.fromEntries(any) }, true)
    : base;
  const watches = purpose === "observe";
  const asks = !watches || resource.push?.on !== undefined;
  const withId = asks && purpose !== "send" && resource.requestId !== "none";
  const places: TopicValues = { extension, resource: key, ...values };
  const filters = watches ? [listened + protocol.success] : [];
  if (withId) filters.push(`${listened}/+${protocol.success}`, `${listened}/+${protocol.error}`);
  // Errors without an id are of use to those who asked without one, or who listen to the event.
  else if (watches ? asks : engine.events.has("rejected")) filters.push(listened + protocol.error);
  return {
    resource,
    values,
    base,
    scope: withId ? JSON.stringify(protocol.requestId?.uniquePer.map((name) => places[name])) : undefined,
    group: shared ? "" : group,
    body: asks ? encodeFor(engine, resource, value) : undefined,
    qos: options.qos ?? (purpose !== "send" && resource.idempotent ? 0 : resource.qos),
    timeoutMs: options.timeoutMs ?? settings.timeoutMs,
    signal: options.signal,
    filters: settings.subscribe === "never" ? [] : filters,
  };
}

function encodeFor(engine: Engine, { request, shape }: Resource, value: unknown): Uint8Array {
  const encoded = encode(request, value, engine.settings.maxDepth);
  if (!encoded.errors) return encoded.body;
  const { errors } = encoded;
  throw new TopicsmithError("invalid-request", formatErrors(errors), { resource: shape.name, errors });
}

function merge(value: unknown, members: Readonly<Record<string, unknown>> | undefined): unknown {
  return members ? { ...(typeof value === "object" ? value : undefined), ...members } : value;
}
