import type { MqttClient } from "mqtt";
import { didYouMean } from "../diagnostics/index.js";
import { describeApi } from "../mock/describe-api.js";
import { Explainer } from "../mock/explainer.js";
import { MessageReader } from "../mock/message-reader.js";
import type { ApiModel, ResourceModel } from "../model/index.js";
import { TopicsmithError } from "../runtime/errors.js";
import type { Resource } from "../runtime/api/resource.js";
import { buildTopic } from "../runtime/topics/topic.js";
import { connectBroker, whileConnected } from "./connect-broker.js";
import type { ExitCode } from "./console.js";
import { exchangeTargets } from "./exchange-target.js";
import type { JobOptions } from "./jobs.js";
import { type Direction, payloadOf, UsageError, valuesOf } from "./exchange-arguments.js";
import { exchangeShaped } from "./shaped-exchange.js";

/** The options of `topicsmith push` and `topicsmith call`. */
export interface ExchangeOptions extends Pick<JobOptions, "allow" | "config"> {
  readonly to?: string;
  /** Default: the mock of the spec. */
  readonly url?: string;
  readonly timeout: number;
}

/** A message that was checked against the spec. */
interface CheckedMessage {
  readonly topic: string;
  readonly body: Uint8Array;
  readonly qos: 0 | 1 | 2;
}

/** Publishes a push by hand: `topicsmith push [spec] <resource> [parameters...] <payload>`. */
export async function runPush(words: readonly string[], options: ExchangeOptions): Promise<ExitCode> {
  return run("push", { words, options }, async (client, { checked: { topic, body, qos } }) => {
    await client.publishAsync(topic, Buffer.from(body), { qos: qos === 0 ? 1 : qos });
    process.stdout.write(`published to ${topic}\n`);
    return 0;
  });
}

/** Sends a request by hand and prints the response: `topicsmith call [spec] <resource> [parameters...] [payload]`. */
export async function runCall(words: readonly string[], options: ExchangeOptions): Promise<ExitCode> {
  return run("call", { words, options }, async (client, { checked, reader, explainer }) => {
    const { topic, body, qos } = checked;
    const { success, error } = reader.resources[0]!.template.protocol;
    const response = new Promise<{ topic: string; payload: Buffer }>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new UsageError(`no response within ${options.timeout} ms; is a platform connected?`)),
        options.timeout,
      );
      client.on("message", (answered, payload) => {
        clearTimeout(timer);
        resolve({ topic: answered, payload });
      });
    });
    // Without a listener, a failure before the response is awaited would end the process.
    response.catch(() => undefined);
    const grants = await client.subscribeAsync([topic + success, topic + error], { qos: 1 });
    if (grants.some(({ qos: granted }) => granted === 128))
      throw new UsageError("the broker refused the subscription");
    await client.publishAsync(topic, Buffer.from(body), { qos });
    const { topic: answered, payload } = await response;
    const message = reader.message(answered, payload);
    const problem = message && explainer.problem(message);
    if (payload.length > 0) process.stdout.write(payload.toString().trimEnd() + "\n");
    if (problem !== undefined) process.stderr.write(`topicsmith call: the response is invalid: ${problem}\n`);
    const isError = error !== undefined && answered.endsWith(error);
    if (isError) process.stderr.write("topicsmith call: the platform responded with an error\n");
    return isError || problem !== undefined ? 1 : 0;
  });
}

interface Exchange {
  readonly checked: CheckedMessage;
  readonly reader: MessageReader;
  readonly explainer: Explainer;
}

async function run(
  direction: Direction,
  { words, options }: { words: readonly string[]; options: ExchangeOptions },
  exchange: (client: MqttClient, exchange: Exchange) => Promise<ExitCode>,
): Promise<ExitCode> {
  const targets = await exchangeTargets(direction, words, options);
  if (typeof targets === "number") return targets;
  const [name, ...values] = targets.args;
  const models = targets.apis.map(({ model }) => model);
  if (name === undefined) {
    const lines = new Set(models.flatMap((model) => resourceLines(model, direction)));
    process.stdout.write(`${[...lines].join("\n")}\n`);
    return 0;
  }
  // Of several APIs, the first that has the resource; without any, the error is about the first.
  const has = ({ model }: { readonly model: ApiModel }) =>
    resourcesFor(model, direction).some(({ id }) => id === name);
  const { model, url } = targets.apis.find(has) ?? targets.apis[0]!;
  let client: MqttClient | undefined;
  try {
    const resource = resourceOf(model, direction, name);
    const { to, timeout } = options;
    if (resource.form === "messages") {
      client = await connectBroker(url, timeout);
      const shaped = { model, resource, values, to, timeout };
      return await whileConnected(client, url, exchangeShaped(direction, client, shaped));
    }
    const reader = new MessageReader(describeApi(model));
    const explainer = new Explainer(model, reader);
    const checked = check(direction, { resource, reader, explainer, values, to });
    client = await connectBroker(url, timeout);
    return await whileConnected(client, url, exchange(client, { checked, reader, explainer }));
  } catch (error) {
    // Files that the arguments name give errors of the system.
    const { code } = Object(error) as NodeJS.ErrnoException;
    const isKnown = error instanceof UsageError || error instanceof TopicsmithError || code !== undefined;
    if (!isKnown) throw error;
    process.stderr.write(`topicsmith ${direction}: ${(error as Error).message}\n`);
    return 1;
  } finally {
    await client?.endAsync();
  }
}

/** The resources that can be pushed or called. */
export function resourcesFor(model: ApiModel, direction: Direction): readonly ResourceModel[] {
  return model.extensions.flatMap((extension) =>
    extension.resources.filter(({ push, form, operations }) =>
      direction === "push"
        ? push !== undefined || operations.event || operations.served
        : operations.call || (form === "messages" && operations.send),
    ),
  );
}

/** One line for each resource: `water.valve <valveId> <payload>  Opens and closes a valve.` */
function resourceLines(model: ApiModel, direction: Direction): readonly string[] {
  return resourcesFor(model, direction).map((resource) => {
    const { id, parameters, push, request, response, summary } = resource;
    const body = direction === "push" && push !== undefined ? response : request;
    const payload = typeof body !== "object" ? "" : body.optional ? "[payload]" : "<payload>";
    const levels = parameters.map(({ name, optional }) => (optional ? `[${name}]` : `<${name}>`));
    const usage = [id, ...levels, payload].filter((part) => part !== "").join(" ");
    return summary === undefined ? usage : `${usage}  ${summary}`;
  });
}

function resourceOf(model: ApiModel, direction: Direction, name: string): ResourceModel {
  const resources = resourcesFor(model, direction);
  const found = resources.find(({ id }) => id === name);
  if (found) return found;
  const similar = didYouMean(
    name,
    resources.map(({ id }) => id),
  );
  const hint = similar === undefined ? "" : `; did you mean ${similar}?`;
  const list = resourceLines(model, direction).map((line) => `  ${line}`);
  const kind = direction === "push" ? "resource with pushes" : "resource with a response";
  throw new UsageError([`there is no ${kind} ${name}${hint}`, ...list].join("\n"));
}

function check(
  direction: Direction,
  given: {
    readonly resource: ResourceModel;
    readonly reader: MessageReader;
    readonly explainer: Explainer;
    readonly values: readonly string[];
    readonly to: string | undefined;
  },
): CheckedMessage {
  const { resource, reader, explainer, values, to } = given;
  const body = direction === "push" ? resource.response : resource.request;
  const required = resource.parameters.filter(({ optional }) => !optional).length;
  const hasPayload = typeof body === "object" && values.length > required;
  const levels = hasPayload ? values.slice(0, -1) : values;
  if (levels.length > resource.parameters.length)
    throw new UsageError(`too many arguments: ${resource.id} has ${resource.parameters.length} parameters`);
  const parameters: Record<string, unknown> = Object.fromEntries([
    ...Object.entries(valuesOf(to)),
    ...levels.map((value, index) => [resource.parameters[index]?.name, value]),
  ]);
  const { template, qos } = descriptorOf(reader, resource);
  if (direction === "call" && resource.requestId === "required")
    parameters["requestId"] = template.protocol.requestId?.send?.minimum;
  const topic = buildTopic(template, direction === "push" ? "success" : "request", parameters);
  const bytes = hasPayload ? payloadOf(values.at(-1)!) : new Uint8Array();
  const message = reader.message(topic, bytes);
  const problem = message && explainer.problem(message);
  if (problem !== undefined) throw new UsageError(problem);
  return { topic, body: bytes, qos };
}

function descriptorOf(reader: MessageReader, { id }: ResourceModel): Resource {
  const found = reader.resources.find(({ template }) => template.name === id);
  if (!found) throw new UsageError(`there is no resource ${id}`);
  return found;
}
