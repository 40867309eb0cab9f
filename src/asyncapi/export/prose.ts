import type { ApiModel, BodyModel, ExtensionModel, ResourceModel } from "../../model/index.js";

/** The facts about a request that AsyncAPI has no key for, as Markdown. */
export function requestProse(model: ApiModel, extension: ExtensionModel, resource: ResourceModel): string {
  const lines = [
    ...(resource.operations.event
      ? [`Events of \`${resource.id}\`, which the platform publishes.`]
      : [
          `Requests of \`${resource.id}\`${resource.from === "platform" ? ", which the platform sends" : ""}.`,
        ]),
    ...optionalLines(resource),
    ...idLines(model, extension, resource),
    ...secretLines(model, resource),
    ...(resource.idempotent
      ? ["A request can be sent again with the same id, after a lost session for example."]
      : []),
    ...responseLines(resource),
    ...answeredLines(extension, resource),
  ];
  return lines.join("\n\n");
}

/** The topics of the responses: AsyncAPI allows an operation one reply. */
function responseLines({ messages, requestId }: ResourceModel): readonly string[] {
  const { success, error } = messages;
  const plain = (topic: string) => `\`${topic.replace(/[[\]]/g, "")}\``;
  const lines = [
    ...(success === undefined || requestId === "none"
      ? []
      : [`A success response is published on ${plain(success.topic)}.`]),
    ...(error === undefined ? [] : [`An error response is published on ${plain(error.topic)}.`]),
  ];
  return lines.length === 0 ? [] : [lines.join(" ")];
}

function optionalLines({ messages }: ResourceModel): readonly string[] {
  const optional = Array.from(messages.request.topic.matchAll(/\[[^[\]]*/g), ([part]) => part.slice(1));
  const parts = optional.filter((part) => part !== "/{requestId}").map((part) => `\`${part}\``);
  return parts.length === 0 ? [] : [`The topic may leave out ${parts.join(" and ")}.`];
}

function idLines(
  { protocol }: ApiModel,
  extension: ExtensionModel,
  { requestId, response, withoutRequestId }: ResourceModel,
): readonly string[] {
  const ids = extension.requestId ?? protocol.requestId;
  if (requestId === "single") return ["Requests have no id: one is sent at a time."];
  if (ids === undefined) return [];
  if (requestId === "none") return ["Requests have no id."];
  const scope =
    ids.uniquePer.length === 0 ? "" : ` per ${ids.uniquePer.map((name) => `\`${name}\``).join(", ")}`;
  const kind =
    "type" in ids
      ? `a text of at most ${ids.maxLength} characters`
      : `a whole number from ${ids.accept.minimum} to ${ids.accept.maximum} (clients send ${ids.send.minimum} to ${ids.send.maximum})`;
  const optional =
    response !== undefined && withoutRequestId
      ? "Without an id, the response has none either."
      : "Without an id, there is no success response.";
  return [
    `The request id matches a response to its request: ${kind}, unique among the requests in flight${scope}.` +
      (requestId === "optional" ? ` It may be left out. ${optional}` : ""),
  ];
}

function secretLines({ protocol }: ApiModel, { messages, parameters }: ResourceModel): readonly string[] {
  const all = [...protocol.clientParameters, ...protocol.endpointParameters, ...parameters];
  const secret = all.filter(({ name, secret: is }) => is && messages.request.names.includes(name));
  if (secret.length === 0) return [];
  return [`${secret.map(({ name }) => `\`{${name}}\``).join(" and ")}: a secret. Keep it out of logs.`];
}

function answeredLines({ key, resources }: ExtensionModel, { answeredBy }: ResourceModel): readonly string[] {
  const carrier = resources.find(({ name }) => name === answeredBy?.resource);
  if (answeredBy === undefined || carrier === undefined) return [];
  return [
    `A device handles each received item and reports its result with \`${key}.${carrier.key}\`. The property ` +
      `\`${answeredBy.key}\` names the item in both.`,
  ];
}

/** The facts about pushes. */
export function pushProse({ id, push }: ResourceModel): string {
  const asked = (request: unknown) => `a request with \`${JSON.stringify(request)}\``;
  return [
    `Pushes of \`${id}\`: successes that the platform sends without a request, or for a request without an id.`,
    ...(push?.on === undefined ? [] : [`They are started by ${asked(push.on)}.`]),
    ...(push?.off === undefined ? [] : [`They are stopped by ${asked(push.off)}.`]),
  ].join("\n\n");
}

/** The facts about a body. */
export function bodyProse(body: BodyModel | "empty" | undefined): string {
  if (body === undefined || body === "empty") return "The body is empty.";
  return [
    ...(body.optional ? ["The body may be empty."] : []),
    ...(body.emptyWhen === undefined
      ? []
      : ["A value for nothing, as `x-topicsmith` describes it, counts as empty."]),
    ...(body.sensitive.length === 0
      ? []
      : [`Keep these values out of logs: ${body.sensitive.map((pointer) => `\`${pointer}\``).join(", ")}.`]),
  ].join(" ");
}
