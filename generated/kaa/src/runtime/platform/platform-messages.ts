/**
 * The platform side of messages that go beyond topics with suffixes: it reads requests, builds responses, sends events, and calls
 * clients. Only platforms of APIs with such messages import it.
 */
import type { Api, Extension, Resource } from "../api/resource.js";
import { incomingSupport } from "../client/event.js";
import { addResources } from "../client/endpoint.js";
import { type MessageReading, type MessageReadings, MessageShapes } from "../client/message-shapes.js";
import { requestSupport } from "../client/message-request.js";
import { startSession } from "../client/start-session.js";
import { settingsOf } from "../options.js";
import { checkParameter, type TopicValues } from "../topics/topic.js";
import type { IncomingMessage, Transport } from "../transport/transport.js";
import { echoFree } from "./echo-free-transport.js";
import { readLoosely } from "./loose-reading.js";
import { addressResponse } from "./message-response.js";
import type { ReceivedRequest } from "./served-request.js";

const empty = new Uint8Array();

/** Sends events of an API and calls its clients. */
export interface PlatformCaller {
  /** The methods of resources that the platform starts: those of one endpoint, or those on the client. Throws `invalid-topic`. */
  methods(on: "endpoint" | "client", parameters: TopicValues): object;
  /** Waits for the calls in progress unless `force` is set. */
  close(force: boolean): Promise<void>;
}

/** The parts of a platform that serve such messages. */
export interface PlatformMessages {
  /** Hides the platform's own messages, which a broker sends back where the platform has subscribed to their topics. */
  readonly transport: (transport: Transport) => Transport;
  /** Returns a reader of requests; it returns `undefined` for other messages. */
  readonly createReader: (
    api: Api,
    limits: { readonly maxDepth: number; readonly maxBytes: number },
  ) => (message: IncomingMessage) => ReceivedRequest | undefined;
  readonly createCaller: (api: Api, transport: Transport, timeoutMs: number | undefined) => PlatformCaller;
}

/** Passed to `createPlatformFor` by the generated code of such an API. */
export const platformMessages: PlatformMessages = {
  transport: echoFree,
  createReader,
  createCaller,
};

/** Swaps the two sides: what the platform starts becomes outgoing, and what the client starts becomes incoming. */
export function mirror(resource: Resource): Resource {
  const { addMethods: _ofClient, ...mirrored } = resource;
  return { ...mirrored, support: resource.support?.incoming ? requestSupport : incomingSupport };
}

function createReader(
  { extensions }: Api,
  { maxDepth, maxBytes }: { readonly maxDepth: number; readonly maxBytes: number },
): (message: IncomingMessage) => ReceivedRequest | undefined {
  const resources = extensions.flatMap((extension) => Object.values(extension.resources));
  // Clients publish requests, and the responses to calls, which may share a topic. The caller reads those.
  const published = resources.filter(
    ({ support, response }) => support && (!support.incoming || response !== undefined),
  );
  const originals = new Map(published.map((resource) => [mirror(resource), resource]));
  const shapes = new MessageShapes(maxDepth, [...originals.keys()]);
  return (message) => {
    // A body that is too large is not parsed, and its topic may be enough for an error response.
    const payload = message.payload.length > maxBytes ? empty : message.payload;
    const readings = requestsOf(shapes.read({ ...message, payload }));
    const [best] = readings?.best ?? [];
    const resource = best && originals.get(best.shape.resources[0]!);
    if (!readings || !resource) return undefined;
    const known = readings.fault ? readLoosely(best, payload, maxDepth) : best;
    const { topic } = message;
    return {
      message,
      template: resource.template,
      values: known.values,
      requestId: known.requestId,
      body: best.body,
      refusal: readings.fault && refusalOf(readings),
      address: (response) => addressResponse(resource, { topic, ...known }, response),
    };
  };
}

/** The readings as requests; `undefined` if there is none, or if the message is rather a response to a call. */
function requestsOf(readings: MessageReadings | undefined): MessageReadings | undefined {
  if (!readings) return undefined;
  const best = readings.best.filter(({ shape }) => shape.kind === "request");
  if (best.length === 0) return undefined;
  const responses = readings.best.filter(({ shape }) => shape.kind !== "request");
  // An error in answer to what is not a request may start a loop of errors.
  if (readings.fault && responses.length > 0 && !resemblesRequest(readings.fault.value, best, responses))
    return undefined;
  return { ...readings, best };
}

/** Whether a body that is none of the messages has a property that only requests have, and none that only responses have. */
function resemblesRequest(
  body: unknown,
  requests: readonly MessageReading[],
  responses: readonly MessageReading[],
): boolean {
  if (typeof body !== "object" || body === null || Array.isArray(body)) return false;
  const ofRequests = propertiesOf(requests);
  const ofResponses = propertiesOf(responses);
  const keys = Object.keys(body);
  return (
    keys.some((key) => ofRequests.has(key) && !ofResponses.has(key)) &&
    !keys.some((key) => ofResponses.has(key) && !ofRequests.has(key))
  );
}

/** The properties that the bodies of these messages have by their templates. */
function propertiesOf(readings: readonly MessageReading[]): ReadonlySet<string> {
  const templates = readings.map(({ shape }) => JSON.parse(shape.wrap?.text ?? "null") as unknown);
  return new Set(templates.flatMap((template) => Object.keys(Object(template))));
}

/** The refusal of a body that is none of the messages of its topic. */
function refusalOf({ best, fault }: MessageReadings): ReceivedRequest["refusal"] {
  const message = fault?.fault ? fault.errors[0]?.message : undefined;
  // Several resources share the topic, and the body names none of them.
  return best.length > 1 && fault?.fault === "invalid"
    ? { occasion: "unknown", reason: "There is no such resource." }
    : { occasion: "invalid", reason: `The request ${message ?? "is malformed"}` };
}

function createCaller(
  { protocol, extensions }: Api,
  transport: Transport,
  timeoutMs: number | undefined,
): PlatformCaller {
  const mirrored = extensions.map((extension): Extension => {
    const own = Object.entries(extension.resources).filter(([, { support }]) => support?.incoming);
    return {
      ...extension,
      resources: Object.fromEntries(own.map(([key, resource]) => [key, mirror(resource)])),
    };
  });
  const settings = settingsOf({ subscribe: "all-endpoints", ...(timeoutMs !== undefined && { timeoutMs }) });
  const session = startSession({ protocol, extensions: mirrored }, transport, settings);
  const hasEndpoints = protocol.endpointParameters.length > 0;
  const isOn = {
    endpoint: ({ on }: Resource) => !(on && hasEndpoints),
    client: ({ on }: Resource) => on === "client",
  };
  return {
    methods(on, parameters) {
      const names = [...protocol.clientParameters, ...(on === "endpoint" ? protocol.endpointParameters : [])];
      for (const name of names) checkParameter(protocol, name, parameters[name]);
      const bound = Object.fromEntries(names.map((name) => [name, parameters[name]]));
      return addResources<object>(Object.create(null), session, mirrored, isOn[on], bound);
    },
    close: (force) => session.close({ force }),
  };
}
