import { defaultMaxDepth } from "../runtime/api/codec.js";
import type { Protocol } from "../runtime/api/protocol.js";
import type { RequestId } from "../runtime/api/descriptor.js";
import { addressResponse } from "../runtime/platform/message-response.js";
import { errorBody } from "../runtime/api/served-payloads.js";
import type { IncomingMessage } from "../runtime/transport/transport.js";
import { clientIdOf } from "./aedes-adapter.js";
import type { BrokerMessage, MockEvent } from "../runtime/testing/events.js";
import type { Fault } from "./check-fault.js";
import type { FaultPlan } from "./fault-plan.js";
import { expectsResponse, type MessageReader } from "./message-reader.js";
import type { FoundMessage } from "./shaped-messages.js";
import type { BrokerHooks } from "./mock-broker.js";
import { suffixOf } from "../runtime/topics/topic.js";

/** The dependencies of a {@link FaultInjector}. */
export interface FaultInjectorDeps {
  readonly plan: FaultPlan;
  readonly reader: MessageReader;
  readonly protocol: Protocol;
  readonly onEvent: (event: MockEvent) => void;
  /** Delivers a message as if the platform had sent it. */
  readonly deliver: (message: BrokerMessage, to: unknown) => void;
  readonly disconnect: (origin: unknown) => void;
}

/** A fault for the response to a request that the platform has received. */
interface PendingFault {
  /** The key that the response has in common with its request. */
  readonly key: string;
  readonly origin: unknown;
  readonly fault: Fault;
}

/** Bounds the memory for requests that a platform never responds to. Beyond it, the oldest are forgotten. */
const MAX_PENDING = 1_000;

const encoder = new TextEncoder();
const limits = { maxDepth: defaultMaxDepth };

/** Injects faults at the broker, whatever platform uses it. */
export class FaultInjector implements Required<BrokerHooks> {
  readonly #deps: FaultInjectorDeps;
  /**
   * Oldest first. A fault affects the next response on the topic of its request to the requesting connection. The protocol
   * has no other correlation: if a connection uses a request id twice at a time, either response may be affected.
   */
  #pending: readonly PendingFault[] = [];
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(deps: FaultInjectorDeps) {
    this.#deps = deps;
  }

  refuses(filter: string): string | undefined {
    const { plan, onEvent } = this.#deps;
    if (!plan.shouldRefuse(filter)) return undefined;
    onEvent({ kind: "fault", fault: "refuse-subscribe", client: undefined, topic: filter });
    return "injected fault";
  }

  incoming(message: IncomingMessage): boolean {
    const { plan, reader, onEvent, disconnect } = this.#deps;
    if (plan.active.length === 0) return true;
    const { topic, origin } = message;
    const request = reader.find(topic, message.payload);
    if (request?.kind !== "request" || request.isForeign) return true;
    const isAnswered = expectsResponse(request);
    const fault = plan.shouldInject({ ...request, expectsResponse: isAnswered });
    if (!fault) return true;
    onEvent({ kind: "fault", fault: fault.kind, client: clientIdOf(origin), topic });
    if (fault.kind === "error") {
      this.#reject(request, message, fault);
      return false;
    }
    if (fault.part === "request" || !isAnswered) {
      // `disconnect(undefined)` would destroy all connections.
      if (fault.kind === "disconnect" && origin !== undefined) disconnect(origin);
      return false;
    }
    const key = reader.keyOf(request, topic);
    this.#pending = [...this.#pending.slice(1 - MAX_PENDING), { key, origin, fault }];
    return true;
  }

  outgoing(message: IncomingMessage, to: unknown): boolean {
    if (this.#pending.length === 0) return true;
    const { reader } = this.#deps;
    const response = reader.find(message.topic, message.payload, "platform");
    if (!response || response.kind === "request") return true;
    const key = reader.keyOf(response, message.topic);
    const pending = this.#pending.find(
      // A platform that does not track connections addresses none.
      (candidate) => candidate.key === key && (to === undefined || candidate.origin === to),
    );
    if (!pending) return true;
    this.#pending = this.#pending.filter((other) => other !== pending);
    return this.#inject(pending, { message, response }, to);
  }

  /** Cancels delayed responses. */
  close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  /** Injects a fault into a response. Returns whether the response itself is to be delivered too. */
  #inject(
    { origin, fault }: PendingFault,
    { message, response }: { readonly message: IncomingMessage; readonly response: FoundMessage },
    to: unknown,
  ): boolean {
    const { deliver, disconnect } = this.#deps;
    switch (fault.kind) {
      case "delay": {
        const timer = setTimeout(() => {
          this.#timers.delete(timer);
          deliver(message, to);
        }, fault.delayMs ?? 1_000);
        this.#timers.add(timer);
        return false;
      }
      case "duplicate":
        for (let copy = 1; copy < (fault.copies ?? 2); copy += 1) deliver(message, to);
        return true;
      case "malformed": {
        const { body = "{" } = fault;
        deliver({ ...message, payload: typeof body === "string" ? encoder.encode(body) : body }, to);
        return false;
      }
      case "wrong-id":
        deliver({ ...message, ...withOtherId(response, message, fault) }, to);
        return false;
      case "disconnect":
        if (origin !== undefined) disconnect(origin);
        return false;
      default:
        return false;
    }
  }

  /** Sends an error response in place of the platform, if the request can have one. */
  #reject(request: FoundMessage, { topic, qos, origin }: IncomingMessage, fault: Fault): void {
    const { protocol, deliver } = this.#deps;
    const { resource, parameters: values, requestId } = request;
    const payload =
      fault.payload === undefined
        ? errorBody(protocol, { occasion: "failed", reason: "Injected fault." }, resource)
        : encoder.encode(JSON.stringify(fault.payload));
    const response = resource.support
      ? addressResponse(resource, { topic, values, requestId }, { kind: "error", payload })
      : { topic: topic + suffixOf(protocol, "error"), body: payload };
    if (response) deliver({ topic: response.topic, payload: response.body, qos }, origin);
  }
}

/** A response with the id of another request. */
function withOtherId(
  response: FoundMessage,
  { topic, payload }: IncomingMessage,
  fault: Fault,
): { readonly topic: string; readonly payload: Uint8Array } {
  const { resource, template, kind, parameters: values, body } = response;
  const requestId = otherId(response, fault);
  if (!resource.support) {
    const suffix = suffixOf(template.protocol, kind);
    const request = topic.slice(0, topic.length - suffix.length);
    const base = response.requestId === undefined ? request : request.slice(0, request.lastIndexOf("/"));
    return { topic: `${base}/${requestId}${suffix}`, payload };
  }
  // The payload is a part of the body, or all of it.
  const part =
    "decode" in body
      ? encoder.encode(JSON.stringify(body.decode({ type: "json", optional: true }, limits).value ?? null))
      : body;
  const outgoing = { kind: kind === "error" ? kind : "success", payload: part } as const;
  const changed = addressResponse(resource, { topic, values, requestId }, outgoing);
  return changed ? { topic: changed.topic, payload: changed.body } : { topic, payload };
}

/** The id that a fault gives, or else the next one; of a text, one that no client has made. */
function otherId({ requestId, template }: FoundMessage, { requestId: other }: Fault): RequestId {
  if (other !== undefined) return other;
  if (typeof requestId === "string") return `${requestId.slice(0, -1)}${requestId.endsWith("x") ? "y" : "x"}`;
  const { minimum, maximum } = template.protocol.requestId?.accept ?? { minimum: 0, maximum: 0 };
  return requestId === undefined || requestId >= maximum ? minimum : requestId + 1;
}
