import type { MqttClient } from "mqtt";
import { describeApi } from "../mock/describe-api.js";
import type { ApiModel, BodyModel, ResourceModel } from "../model/index.js";
import { decode, defaultMaxDepth } from "../runtime/api/codec.js";
import type { Api, Resource } from "../runtime/api/resource.js";
import { connectTo } from "../runtime/client/client.js";
import { parametersOf } from "../runtime/client/message-parameters.js";
import { RejectedError } from "../runtime/errors.js";
import { uncheckedCast } from "../runtime/internal/unchecked-cast.js";
import { platformMessages } from "../runtime/platform/platform-messages.js";
import { mqttTransport } from "../runtime/transport/mqtt-transport.js";
import type { ExitCode } from "./console.js";
import { type Direction, payloadOf, UsageError, valuesOf } from "./exchange-arguments.js";

/** The methods of a resource. */
type Methods = ((...args: readonly unknown[]) => Promise<unknown>) & {
  readonly send?: (...args: readonly unknown[]) => Promise<void>;
};

/** A message to send by hand. */
interface ShapedExchange {
  readonly model: ApiModel;
  readonly resource: ResourceModel;
  /** The values of the resource's own parameters, and the payload. */
  readonly values: readonly string[];
  readonly to: string | undefined;
  readonly timeout: number;
}

/**
 * Sends a message that goes beyond topics with suffixes, by the client or the platform side of the API, and prints the response if there is
 * one.
 */
export async function exchangeShaped(
  direction: Direction,
  mqtt: MqttClient,
  exchange: ShapedExchange,
): Promise<ExitCode> {
  const { model, resource, timeout } = exchange;
  const api = describeApi(model);
  const bound = boundValues(model, valuesOf(exchange.to));
  const args = argumentsOf(descriptorOf(api, resource), exchange);
  const open = direction === "call" ? openClient : openPlatform;
  const { object, close } = await open(api, { mqtt, model, resource, bound, timeout });
  try {
    const methods = methodsOf(object, model, resource);
    if (resource.operations.call || resource.operations.served) {
      const response = await methods(...args, { timeoutMs: timeout });
      if (response !== undefined) process.stdout.write(textOf(response));
    } else {
      await methods.send?.(...args);
      process.stdout.write(`published ${resource.id}\n`);
    }
    return 0;
  } catch (error) {
    if (!(error instanceof RejectedError)) throw error;
    process.stdout.write(textOf(error.payload));
    process.stderr.write(`topicsmith ${direction}: the other side responded with an error\n`);
    return 1;
  } finally {
    await close();
  }
}

interface Side {
  readonly mqtt: MqttClient;
  readonly model: ApiModel;
  readonly resource: ResourceModel;
  readonly bound: Readonly<Record<string, string | number>>;
  readonly timeout: number;
}

/** The object that has the methods of a resource, and a function that ends the session. */
interface OpenSide {
  readonly object: object;
  readonly close: () => Promise<void>;
}

async function openClient(api: Api, { mqtt, model, resource, bound, timeout }: Side): Promise<OpenSide> {
  const client = await connectTo(api, mqtt, { ...bound, timeoutMs: timeout });
  const close = (): Promise<void> => client.close();
  if (resource.on === "client") return { object: client, close };
  const endpoint = uncheckedCast<Readonly<Record<string, (parameters: object) => object>>>(client);
  return { object: endpoint[model.endpointMethod]!(bound), close };
}

async function openPlatform(api: Api, { mqtt, resource, bound, timeout }: Side): Promise<OpenSide> {
  const transport = mqttTransport(mqtt, {});
  const caller = platformMessages.createCaller(api, transport, timeout);
  return { object: caller.methods(resource.on, bound), close: () => caller.close(false) };
}

/** The values of the client and the endpoint, integers as numbers. */
function boundValues(
  { protocol }: ApiModel,
  texts: Readonly<Record<string, string>>,
): Readonly<Record<string, string | number>> {
  const declared = [...protocol.clientParameters, ...protocol.endpointParameters];
  const integers = new Set(declared.flatMap(({ name, integer }) => (integer === undefined ? [] : [name])));
  return Object.fromEntries(
    Object.entries(texts).map(([name, text]) => [name, integers.has(name) ? Number(text) : text]),
  );
}

function methodsOf(object: object, model: ApiModel, resource: ResourceModel): Methods {
  const extension = model.extensions.find(({ resources }) => resources.includes(resource));
  const name = extension?.name ?? "";
  const group = name === "" ? object : uncheckedCast<object>(Reflect.get(object, name));
  return uncheckedCast<Methods>(Reflect.get(group, resource.name));
}

function descriptorOf({ extensions }: Api, { id }: ResourceModel): Resource {
  const resources = extensions.flatMap((extension) => Object.values(extension.resources));
  return resources.find(({ template }) => template.name === id)!;
}

/** The arguments of a method: the required parameters, the payload, and the optional parameters as options. */
function argumentsOf(descriptor: Resource, { model, resource, values }: ShapedExchange): readonly unknown[] {
  const { clientParameters, endpointParameters } = model.protocol;
  const bound = new Set([...clientParameters, ...endpointParameters].map(({ name }) => name));
  const own = parametersOf(descriptor).filter(({ text }) => !bound.has(text));
  const required = own.filter(({ optional }) => !optional);
  const { request } = resource;
  const hasPayload = request !== undefined && values.length > required.length;
  const levels = hasPayload ? values.slice(0, -1) : values;
  if (levels.length > own.length)
    throw new UsageError(`too many arguments: ${resource.id} has ${own.length} parameters`);
  const integers = new Set(
    resource.parameters.flatMap(({ name, integer }) => (integer === undefined ? [] : [name])),
  );
  const given = [...required, ...own.filter(({ optional }) => optional)].map(
    ({ text }, index): [string, unknown] => [
      text,
      integers.has(text) && levels[index] !== undefined ? Number(levels[index]) : levels[index],
    ],
  );
  const payload = hasPayload ? [payloadIn(request, values.at(-1)!)] : request ? [undefined] : [];
  const options = Object.fromEntries(given.slice(required.length).filter(([, value]) => value !== undefined));
  return [...given.slice(0, required.length).map(([, value]) => value), ...payload, options];
}

function payloadIn({ type, scalar }: BodyModel, argument: string): unknown {
  const isJson = type === "json" || scalar !== undefined;
  const decoded = decode({ type: isJson ? "json" : type }, payloadOf(argument), {
    maxDepth: defaultMaxDepth,
  });
  if (decoded.fault) throw new UsageError(`the payload ${decoded.errors[0]?.message ?? "is malformed"}`);
  return decoded.value;
}

function textOf(payload: unknown): string | Uint8Array {
  return payload instanceof Uint8Array ? payload : `${JSON.stringify(payload)}\n`;
}
