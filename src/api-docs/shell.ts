import {
  sampleValue,
  type ApiModel,
  type BodyModel,
  type ExtensionModel,
  type MessageModel,
  type ParameterModel,
  type ResourceModel,
} from "../model/index.js";

/** Commands of mosquitto's clients for a resource, as text of a shell. */
export interface ShellExamples {
  readonly publish?: string;
  readonly request?: string;
  readonly subscribe?: string;
}

/** The resource that commands are about. */
export interface ShellInput {
  readonly model: ApiModel;
  readonly extension: ExtensionModel;
  readonly resource: ResourceModel;
}

/** Commands that publish the first example of a request, wait for its response, and print what the platform sends. */
export function shellExamples({ model, extension, resource }: ShellInput): ShellExamples {
  const { request, success } = resource.messages;
  const fill = (message: MessageModel, id: string | undefined): string =>
    topicText(message.topic, { model, extension, resource }, id);
  const connection = connectionOf(model);
  // A body template is filled in by clients; a shell would have to write the whole body.
  const body = request.wrap === undefined ? bodyOf(resource.request) : undefined;
  const incoming = resource.from === "platform";
  const options = `${connection}${resource.qos === 0 ? "" : ` -q ${resource.qos}`}`;
  const isCall = !incoming && success !== undefined && resource.operations.call && body !== undefined;
  const pushed = incoming ? request : resource.operations.observe ? success : undefined;
  return {
    ...(isCall && {
      request: `mosquitto_rr ${options} -V 311 -t ${quoted(fill(request, SAMPLE_ID))} -e ${quoted(fill(success, SAMPLE_ID))} ${body}`,
    }),
    ...(resource.operations.send &&
      body !== undefined && {
        publish: `mosquitto_pub ${options}${resource.retain === true ? " -r" : ""} -t ${quoted(fill(request, undefined))} ${body}`,
      }),
    ...(pushed && {
      subscribe: `mosquitto_sub ${connection} -v -t ${quoted(fill(pushed, incoming ? "+" : undefined))}`,
    }),
  };
}

/** A request id that every range of ids is likely to contain. */
const SAMPLE_ID = "1";

/** A topic template with sample values: optional levels that have none are left out. */
function topicText(template: string, { model, resource }: ShellInput, id: string | undefined): string {
  const { clientParameters, endpointParameters } = model.protocol;
  const parameters = [...clientParameters, ...endpointParameters, ...resource.parameters];
  const valueOf = (name: string): string | undefined => {
    if (name === "requestId") return id;
    const parameter = parameters.find((one) => one.name === name);
    return parameter && shellValue(model, parameter);
  };
  const names = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
  const optional = /\[([^[\]]*)\]/;
  let text = template;
  for (let found = optional.exec(text); found !== null; found = optional.exec(text)) {
    const [, inner = ""] = found;
    const isId = names(inner).includes("requestId");
    text = text.replace(optional, () => (isId && id !== undefined ? inner : ""));
  }
  return text.replaceAll(/\{(\w+)\}/g, (hole, name: string) => valueOf(name) ?? hole);
}

/** A legal value of a parameter; its name in capitals if none is known. */
function shellValue(model: ApiModel, parameter: ParameterModel): string {
  return sampleValue(model, parameter) ?? parameter.name.toUpperCase();
}

/** The options for the first server with MQTT over TCP or TLS. */
function connectionOf({ servers }: ApiModel): string {
  const url = servers.map((server) => server.url).find((text) => /^mqtts?:/.test(text));
  const { protocol, hostname, port } = new URL(url ?? "mqtt://127.0.0.1:1883");
  const isTls = protocol === "mqtts:";
  const tls = isTls ? " --tls-use-os-certs" : "";
  return `-h ${hostname} -p ${port || (isTls ? "8883" : "1883")}${tls}`;
}

function bodyOf(body: BodyModel | undefined): string {
  if (body === undefined) return "-n";
  if (body.type === "binary") return "-f body.bin";
  const [example] = body.examples;
  if (example === undefined) return body.optional ? "-n" : `-m ${quoted("…")}`;
  return `-m ${quoted(typeof example === "string" && body.type === "text" ? example : JSON.stringify(example))}`;
}

/** A word of a POSIX shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
