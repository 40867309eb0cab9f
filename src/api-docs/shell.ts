import type { ApiModel, BodyModel, MessageModel } from "../model/index.js";
import { sampleBody, sampleFilter, sampleId, sampleTopic, type SampleInput } from "./sample-message.js";

/** Commands of mosquitto's clients for a resource, as text of a shell. */
export interface ShellExamples {
  readonly publish?: string;
  readonly request?: string;
  readonly subscribe?: string;
}

/**
 * Commands that publish the first example of a request, wait for its response, and print what the platform sends. Where the platform
 * starts, they print its message and publish the first example of a response.
 */
export function shellExamples(input: SampleInput): ShellExamples {
  const { model, resource } = input;
  const { operations, response } = resource;
  const { request, success } = resource.messages;
  const connection = connectionOf(model);
  const options = `${connection}${resource.qos === 0 ? "" : ` -q ${resource.qos}`}`;
  const hasIds = resource.requestId === "required" || resource.requestId === "optional";
  const id = hasIds ? sampleId(input) : undefined;
  const topic = (message: MessageModel, of: typeof id) => quoted(sampleTopic(input, message.topic, of));
  if (resource.from === "platform") {
    const body = response === "empty" ? undefined : response;
    return {
      subscribe: `mosquitto_sub ${connection} -v -t ${quoted(sampleFilter(input, request, hasIds))}`,
      ...(success &&
        operations.served && {
          publish: `mosquitto_pub ${options} -t ${topic(success, id)} ${bodyOf(input, { message: success, body, id })}`,
        }),
    };
  }
  const asked = { message: request, body: resource.request };
  return {
    ...(operations.call &&
      success && {
        request: `mosquitto_rr ${options} -V 311 -t ${topic(request, id)} -e ${topic(success, id)} ${bodyOf(input, { ...asked, id })}`,
      }),
    ...(operations.send && {
      publish: `mosquitto_pub ${options}${resource.retain === true ? " -r" : ""} -t ${topic(request, undefined)} ${bodyOf(input, { ...asked, id: undefined })}`,
    }),
    ...(operations.observe &&
      success && {
        subscribe: `mosquitto_sub ${connection} -v -t ${quoted(sampleFilter(input, success, false))}`,
      }),
  };
}

/** The options for the first server with MQTT over TCP or TLS. */
function connectionOf({ servers }: ApiModel): string {
  const url = servers.map((server) => server.url).find((text) => /^mqtts?:/.test(text));
  const { protocol, hostname, port } = new URL(url ?? "mqtt://127.0.0.1:1883");
  const isTls = protocol === "mqtts:";
  const tls = isTls ? " --tls-use-os-certs" : "";
  return `-h ${hostname} -p ${port || (isTls ? "8883" : "1883")}${tls}`;
}

/** The options for a body: the first example of the payload on the wire. */
function bodyOf(
  input: SampleInput,
  of: {
    readonly message: MessageModel;
    readonly body: BodyModel | undefined;
    readonly id: string | number | undefined;
  },
): string {
  const { message, body, id } = of;
  if (body?.type === "binary") return "-f body.bin";
  const [example] = body?.examples ?? [];
  const isEmpty = body === undefined || (example === undefined && body.optional);
  if (message.wrap !== undefined) {
    const payload = isEmpty ? undefined : (example ?? MISSING);
    return `-m ${quoted(JSON.stringify(sampleBody(input, message, { payload, id })))}`;
  }
  if (isEmpty) return "-n";
  if (example === undefined) return `-m ${quoted(ELLIPSIS)}`;
  return `-m ${quoted(typeof example === "string" && body.type === "text" ? example : JSON.stringify(example))}`;
}

/** Stands for a payload without an example. */
const ELLIPSIS = "…";

/** The same inside a body template, which may spread its properties. */
const MISSING = { [ELLIPSIS]: ELLIPSIS };

/** A word of a POSIX shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
