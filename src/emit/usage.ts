import { constantName, legalIdentifier, resourceSignature, sampleValue } from "../model/index.js";
import type { ApiModel, BodyModel, ExtensionModel, ParameterModel, ResourceModel } from "../model/index.js";
import { literal, propertyAccess, RawExpression } from "./literal.js";

/** The resource that an example is about. */
interface UsageInput {
  readonly model: ApiModel;
  readonly extension: ExtensionModel;
  readonly resource: ResourceModel;
}

/** An example for every function of a resource, as lines of code; the constant `endpoint` is the endpoint. */
export function usageOf(input: UsageInput): string {
  const { model, extension, resource } = input;
  const { operations, response } = resource;
  const signature = resourceSignature(extension, resource);
  const object = resource.on === "client" ? "client" : endpointVariable(model);
  const group = extension.key === "" ? object : propertyAccess(object, extension.name);
  const call = propertyAccess(group, resource.name);
  const leading = signature.leading.map((parameter) => literal(sampleOf(model, parameter)));
  const body = (of: BodyModel | undefined) => (of === undefined ? [] : [bodySample(of)]);
  const request = body(signature.request);
  const args = (...more: readonly string[]) => [...leading, ...more].join(", ");
  const [level] = operations.call ? signature.optional : [];
  // The parameters of what the platform starts are left out in examples.
  const lines =
    resource.from === "platform"
      ? []
      : [
          ...variableComments(model, [...signature.leading, ...(level === undefined ? [] : [level])]),
          ...requestComment(signature.request),
        ];
  if (operations.call) {
    const result = typeof response === "object" ? `const ${constantName(resource.name)} = ` : "";
    lines.push(`${result}await ${call}(${args(...request)});`);
    if (level !== undefined) {
      const options = literal({ [level.name]: sampleOf(model, level) });
      lines.push(
        "",
        `// ${firstSentence(level.description) ?? `With \`${level.name}\``}`,
        `await ${call}(${args(...request, options)});`,
      );
    }
  }
  if (operations.send) {
    if (operations.call) lines.push("", "// Without waiting for the response");
    lines.push(`await ${call}.send(${args(...request)});`);
  }
  if (operations.observe) {
    const asked = body(signature.observeRequest);
    lines.push("", `for await (const state of ${call}.observe(${args(...asked)})) console.log(state);`);
  }
  if (operations.handle) {
    const { handled } = signature;
    const result = handled && resultSample(handled.by, handled.key);
    const type = handled?.by.request?.schema?.typeName ?? "the result";
    const handler = `async (item) => ${result === undefined ? "result" : `(${result})`}`;
    const comment = `// result: ${type} without \`${handled?.key ?? ""}\``;
    lines.push("", ...(result === undefined ? [comment] : []));
    lines.push(`const registration = await ${call}.handle(${args(handler)});`);
  }
  if (operations.event) {
    const item = resource.parameters.length === 0 ? "message" : "event";
    lines.push(`for await (const ${item} of ${call}.observe()) console.log(${item});`);
  }
  if (operations.served) lines.push(...servedUsage(call, response));
  return lines
    .map((line) => line.replaceAll(/[\r\n]+/g, " "))
    .join("\n")
    .trim();
}

/** An example that connects and creates an endpoint. */
export function connectExample(model: ApiModel): string {
  const { clientParameters, endpointParameters } = model.protocol;
  const samples = (parameters: readonly ParameterModel[]) =>
    Object.fromEntries(parameters.map((parameter) => [parameter.name, sampleOf(model, parameter)]));
  const options = clientParameters.length === 0 ? "" : `, ${literal(samples(clientParameters))}`;
  const endpoint = samples(endpointParameters);
  const [first, ...others] = Object.values(endpoint);
  const argument = first === undefined ? "" : literal(others.length === 0 ? first : endpoint);
  return [
    `import { connect } from "${model.package.name}";`,
    "",
    ...variableComments(model, [...clientParameters, ...endpointParameters]),
    `const client = await connect(${literal(model.servers[0]?.url ?? "mqtt://127.0.0.1:1883")}${options});`,
    `const ${endpointVariable(model)} = client.${model.endpointMethod}(${argument});`,
  ].join("\n");
}

/** The first request of {@link usageOf} with the comments above it; undefined if the resource has none. */
export function firstRequestOf(input: UsageInput): string | undefined {
  const lines = usageOf(input).split("\n");
  const index = lines.findIndex((line) => /^(?:const \w+ = )?await \S+\(/.test(line));
  if (index === -1 || lines.slice(0, index).some((line) => line !== "" && !line.startsWith("//")))
    return undefined;
  return lines
    .slice(0, index + 1)
    .join("\n")
    .replace(/^const \w+ = (?=await)/m, "");
}

/** The variable that holds an endpoint in examples: called like the method that returns it. */
export function endpointVariable({ endpointMethod }: ApiModel): string {
  return legalIdentifier(endpointMethod === "client" ? "endpoint" : endpointMethod);
}

/** An example of a handler of the platform's calls. */
function servedUsage(call: string, response: ResourceModel["response"]): readonly string[] {
  const body = typeof response === "object" ? response : undefined;
  const result = body === undefined ? "{}" : body.examples.length > 0 ? literal(body.examples[0]) : "result";
  const isObject = result.startsWith("{") && body !== undefined;
  const comment = result === "result" ? [`// result: ${body?.schema?.typeName ?? "the response"}`] : [];
  return [
    ...comment,
    `const registration = await ${call}.handle(async (request) => ${isObject ? `(${result})` : result});`,
  ];
}

/** A legal value of a topic parameter; a variable named after the parameter if no legal value is known. */
export function sampleOf(model: ApiModel, parameter: ParameterModel): string | number | RawExpression {
  const value = sampleValue(model, parameter);
  if (value === undefined) return new RawExpression(legalIdentifier(parameter.name));
  return parameter.integer === undefined ? value : Number(value);
}

/** The spec's first example, or a variable. */
function bodySample(body: BodyModel): string {
  if (body.type === "binary") return "new Uint8Array([1, 2, 3])";
  return body.examples.length > 0 ? literal(body.examples[0]) : "request";
}

/** Comments on the parameters that an example shows as variables, because no legal value is known. */
export function variableComments(model: ApiModel, parameters: readonly ParameterModel[]): readonly string[] {
  return parameters.flatMap((parameter) => {
    if (sampleValue(model, parameter) !== undefined) return [];
    const { name, pattern } = parameter;
    const rule = pattern === undefined ? `the level {${name}} of the topic` : `matches ${pattern}`;
    return [`// ${legalIdentifier(name)}: ${rule.replaceAll(/\s+/g, " ")}`];
  });
}

/** A comment on the variable that stands for a request without an example. */
function requestComment(request: BodyModel | undefined): readonly string[] {
  if (request === undefined || bodySample(request) !== "request") return [];
  return [`// request: ${request.schema?.typeName ?? "the payload"}`];
}

/**
 * An example item of the resource that carries a handler's results, without the property that is filled in; undefined if
 * the spec has no example.
 */
function resultSample(carrier: ResourceModel, key: string): string | undefined {
  const example = [carrier.request?.examples[0]].flat()[0];
  if (typeof example !== "object" || example === null) return undefined;
  return literal(Object.fromEntries(Object.entries(example).filter(([name]) => name !== key)));
}

function firstSentence(text: string | undefined): string | undefined {
  return text === undefined ? undefined : (/^.*?[.!?](?=\s|$)/s.exec(text)?.[0] ?? text);
}
