/**
 * The platform side of messages that go beyond topics with suffixes: it reads requests, builds responses, sends events, and calls
 * clients. Only platforms of APIs with such messages import it.
 */
import type { Api, Extension, Resource } from "../api/resource.js";
import { incomingSupport } from "../client/event.js";
import { addResources, pickResources } from "../client/endpoint.js";
import { type MessageReadings, MessageShapes } from "../client/message-shapes.js";
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
  const requested = resources.filter(({ support }) => support?.incoming === false);
  const originals = new Map(requested.map((resource) => [mirror(resource), resource]));
  const shapes = new MessageShapes(maxDepth, [...originals.keys()]);
  return (message) => {
    // A body that is too large is not parsed, and its topic may be enough for an error response.
    const payload = message.payload.length > maxBytes ? empty : message.payload;
    const readings = shapes.read({ ...message, payload });
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
  const placed = {
    endpoint: pickResources(mirrored, ({ on }) => !(on && hasEndpoints)),
    client: pickResources(mirrored, ({ on }) => on === "client"),
  };
  return {
    methods(on, parameters) {
      const names = [...protocol.clientParameters, ...(on === "endpoint" ? protocol.endpointParameters : [])];
      for (const name of names) checkParameter(protocol, name, parameters[name]);
      const bound = Object.fromEntries(names.map((name) => [name, parameters[name]]));
      return addResources<object>(Object.create(null), session, placed[on], bound);
    },
    close: (force) => session.close(force),
  };
}
