/** What is on an endpoint: for each resource the functions that its descriptor offers. */
import { call, send } from "./call.js";
import { encode } from "./codec.js";
import type { Api, Engine } from "./engine.js";
import { TopicsmithError } from "./errors.js";
import type { Request } from "./exchange.js";
import { formatErrors } from "./format-errors.js";
import { type Answering, handle, type ItemHandler } from "./handle.js";
import { observe, type WatchRequest } from "./observe.js";
import type { HandleOptions, ObserveOptions, SendOptions } from "./options.js";
import type { Extension, Resource } from "./resource.js";
import { buildTopic, type TopicLevel, type TopicValues } from "./topic.js";
import { vouched } from "./vouched.js";

/** Everything of an API at one endpoint, by extension and resource; nothing else is there, not even a prototype. */
export function endpointOf(engine: Engine, api: Api, bound: TopicValues): object {
  const endpoint: Record<string, unknown> = Object.create(null);
  for (const extension of api.extensions) {
    let members: object | undefined;
    // Made when it is looked at first: a program may have many endpoints and use little of each.
    Object.defineProperty(endpoint, extension.name, {
      enumerable: true,
      get: () => (members ??= membersOf(engine, extension, bound)),
    });
  }
  return endpoint;
}

function membersOf(engine: Engine, extension: Extension, bound: TopicValues): object {
  const members: Record<string, unknown> = Object.create(null);
  const bindings = new Map(
    Object.entries(extension.resources).map(([name, resource]) => [
      name,
      new Binding(engine, resource, bound),
    ]),
  );
  for (const [name, binding] of bindings) members[name] = functionsOf(binding, bindings);
  return members;
}

function functionsOf(binding: Binding, siblings: ReadonlyMap<string, Binding>): unknown {
  const { engine, resource } = binding;
  const { requestId, push, answeredBy } = resource;
  const target: object =
    requestId === "none"
      ? Object.create(null)
      : (...args: unknown[]) => settle(() => call(engine, binding.request("call", binding.read(args))));
  const functions: Record<string, unknown> = {};
  if (requestId !== "required") {
    functions["send"] = (...args: unknown[]) =>
      settle(() => send(engine, binding.request("send", binding.read(args))));
  }
  if (push) {
    functions["observe"] = (...args: unknown[]) => {
      const input = binding.read(args, resource.request?.optional !== true);
      const options = vouched<ObserveOptions>(input.options);
      const { buffer, overflow } = engine.settings;
      return observe(engine, () => binding.watch(input), {
        buffer: options.buffer ?? buffer,
        overflow: options.overflow ?? overflow,
      });
    };
  }
  const answerer = answeredBy && siblings.get(answeredBy.resource);
  if (answeredBy && answerer) {
    functions["handle"] = (...args: unknown[]) =>
      settle(() => {
        const input = binding.read(args, true, true);
        const answering = answerer.answering(input, { key: answeredBy.key, failure: answeredBy.failure });
        const handler = vouched<ItemHandler<unknown, unknown>>(input.value);
        return handle(engine, {
          request: binding.watch({ ...input, value: undefined }),
          handler,
          answering,
          options: input.options,
        });
      });
  }
  for (const [name, value] of Object.entries(functions))
    Object.defineProperty(target, name, { value, enumerable: true });
  return target;
}

/** Whatever is thrown at once is a rejection. */
async function settle<T>(start: () => Promise<T>): Promise<T> {
  return await start();
}

/** What a function of a resource was called with. */
interface Input {
  readonly values: TopicValues;
  /** The request payload, or a handler. */
  readonly value: unknown;
  readonly options: HandleOptions;
}

/** One resource at one endpoint. */
class Binding {
  readonly engine: Engine;
  readonly resource: Resource;
  readonly #bound: TopicValues;
  /** Path parameters: those that lead every call, and those that are members of its options. */
  readonly #leading: readonly string[];
  readonly #optional: readonly string[];
  /** The resource's shape without a request id. */
  readonly #path: Resource["shape"];

  constructor(engine: Engine, resource: Resource, bound: TopicValues) {
    this.engine = engine;
    this.resource = resource;
    this.#bound = bound;
    const { shape } = resource;
    const own = shape.levels.filter(({ kind, text }) => kind === "parameter" && !Object.hasOwn(bound, text));
    const names = (levels: readonly TopicLevel[]): string[] => levels.map(({ text }) => text);
    this.#leading = names(own.filter(({ optional }) => !optional));
    this.#optional = names(own.filter(({ optional }) => optional));
    this.#path = { ...shape, levels: shape.levels.filter(({ kind }) => kind !== "requestId") };
  }

  /** Required path parameters lead, then comes the payload (or handler), then the options. */
  read(args: readonly unknown[], hasPayload = true, isHandler = false): Input {
    const payload = hasPayload && (isHandler || this.resource.request !== undefined);
    const rest = args.slice(this.#leading.length);
    const options: object = vouched<object | undefined>(rest[payload ? 1 : 0]) ?? {};
    const levels = Object.entries<unknown>({ ...options }).filter(([name]) => this.#optional.includes(name));
    const leading = this.#leading.map((name, index): [string, unknown] => [name, args[index]]);
    return {
      values: { ...this.#bound, ...Object.fromEntries([...leading, ...levels]) },
      value: payload ? rest[0] : undefined,
      options,
    };
  }

  /** Throws `invalid-topic` or `invalid-request`. */
  request(purpose: "call" | "send" | "observe", { values, value, options }: Input): Request {
    const { resource, engine } = this;
    const { settings, protocol } = engine;
    const base = buildTopic(this.#path, "request", values);
    const scoped = purpose !== "send" && resource.requestId !== "none";
    const asks = purpose !== "observe" || resource.push?.on !== undefined;
    const any = `${base}/+`;
    const filters: string[] = [];
    if (purpose === "observe") filters.push(base + protocol.success);
    if (asks && scoped) filters.push(any + protocol.success, any + protocol.error);
    // Errors without an id are of use to those who asked without one, or who listen to the event.
    else if (purpose === "observe" ? asks : engine.events.has("rejected"))
      filters.push(base + protocol.error);
    return {
      resource,
      values,
      base,
      scope: asks && scoped ? this.#scope(values) : undefined,
      group: JSON.stringify(this.#bound),
      body: asks ? this.encode(value) : undefined,
      qos: options.qos ?? (purpose !== "send" && resource.idempotent ? 0 : resource.qos),
      timeoutMs: options.timeoutMs ?? settings.timeoutMs,
      signal: options.signal,
      filters: settings.subscribe === "never" ? [] : filters,
    };
  }

  /** The standing request of an observation. */
  watch(input: Input): WatchRequest {
    const { on, off } = this.resource.push ?? {};
    const request = this.request("observe", { ...input, value: merge(input.value, on) });
    if (!off || !input.options.disarm) return request;
    const purpose = this.resource.requestId === "required" ? "call" : "send";
    const options: SendOptions = { timeoutMs: input.options.timeoutMs, qos: input.options.qos };
    const disarm = this.request(purpose, { values: input.values, value: merge(input.value, off), options });
    return { ...request, disarm: { ...disarm, last: true } };
  }

  /** How this resource answers the items of another, at the same place. */
  answering({ values, options }: Input, { key, failure }: Pick<Answering, "key" | "failure">): Answering {
    const { engine, resource } = this;
    const purpose = resource.requestId === "required" ? "call" : "send";
    return {
      key,
      failure,
      check: (payload) => void this.encode(payload),
      send: async (payload) => {
        const request = this.request(purpose, {
          values,
          value: payload,
          options: { timeoutMs: options.timeoutMs },
        });
        await (purpose === "call" ? call : send)(engine, { ...request, last: true });
      },
    };
  }

  encode(value: unknown): Uint8Array {
    const encoded = encode(this.resource.request, value, this.engine.settings.maxDepth);
    if (encoded.errors === undefined) return encoded.body;
    const { errors } = encoded;
    throw new TopicsmithError("invalid-request", formatErrors(errors), {
      resource: this.resource.shape.name,
      errors,
    });
  }

  #scope(values: TopicValues): string {
    const { shape } = this.resource;
    const places: TopicValues = { ...values, extension: shape.extension, resource: shape.resource };
    return JSON.stringify(this.engine.protocol.requestId?.uniquePer.map((name) => places[name]));
  }
}

function merge(value: unknown, members: Readonly<Record<string, unknown>> | undefined): unknown {
  return members === undefined ? value : { ...(typeof value === "object" ? value : undefined), ...members };
}
