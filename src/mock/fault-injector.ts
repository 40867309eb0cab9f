import type { Protocol } from "../runtime/api/protocol.js";
import { errorBody } from "../runtime/platform/response-body.js";
import type { IncomingMessage } from "../runtime/transport/transport.js";
import { clientIdOf } from "./aedes-adapter.js";
import type { BrokerMessage, MockEvent } from "./events.js";
import type { Fault } from "./fault.js";
import type { FaultPlan } from "./faults.js";
import type { MessageReader } from "./message-reader.js";
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
  readonly topic: string;
  readonly origin: unknown;
  readonly fault: Fault;
}

/** Bounds the memory for requests that a platform never responds to. Beyond it, the oldest are forgotten. */
const MAX_PENDING = 1_000;

const encoder = new TextEncoder();

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

  incoming({ topic, qos, origin }: IncomingMessage): boolean {
    const { plan, reader, onEvent, disconnect } = this.#deps;
    const request = reader.topic(topic);
    if (request?.kind !== "request") return true;
    const expectsResponse = request.requestId !== undefined || request.resource.withoutRequestId === true;
    const fault = plan.shouldInject({ ...request, expectsResponse });
    if (!fault) return true;
    onEvent({ kind: "fault", fault: fault.kind, client: clientIdOf(origin), topic });
    if (fault.kind === "error") {
      this.#reject({ topic, qos, origin, fault });
      return false;
    }
    if (fault.part === "request" || !expectsResponse) {
      // `disconnect(undefined)` would destroy all connections.
      if (fault.kind === "disconnect" && origin !== undefined) disconnect(origin);
      return false;
    }
    this.#pending = [...this.#pending.slice(1 - MAX_PENDING), { topic, origin, fault }];
    return true;
  }

  outgoing(message: IncomingMessage, to: unknown): boolean {
    if (this.#pending.length === 0) return true;
    const topic = this.#requestTopic(message.topic);
    if (topic === undefined) return true;
    const pending = this.#pending.find(
      // A platform that does not track connections addresses none.
      (candidate) => candidate.topic === topic && (to === undefined || candidate.origin === to),
    );
    if (!pending) return true;
    this.#pending = this.#pending.filter((other) => other !== pending);
    return this.#inject(pending, message, to);
  }

  /** Cancels delayed responses. */
  close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  /** Injects a fault into a response. Returns whether the response itself is to be delivered too. */
  #inject({ topic, origin, fault }: PendingFault, message: IncomingMessage, to: unknown): boolean {
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
      case "wrong-id": {
        const suffix = message.topic.slice(topic.length);
        deliver({ ...message, topic: this.#withOtherId(topic, fault) + suffix }, to);
        return false;
      }
      case "disconnect":
        if (origin !== undefined) disconnect(origin);
        return false;
      default:
        return false;
    }
  }

  #reject({ topic, qos, origin, fault }: PendingFault & Pick<IncomingMessage, "qos">): void {
    const { protocol, deliver } = this.#deps;
    const payload =
      fault.payload === undefined
        ? errorBody(protocol, { occasion: "failed", reason: "Injected fault." })
        : encoder.encode(JSON.stringify(fault.payload));
    deliver({ topic: topic + suffixOf(protocol, "error"), payload, qos }, origin);
  }

  /** The request's topic of a response; undefined for a topic without the suffix of a response. */
  #requestTopic(topic: string): string | undefined {
    const { success, error } = this.#deps.protocol;
    const suffix = [success, error].find((candidate) => candidate !== undefined && topic.endsWith(candidate));
    return suffix === undefined ? undefined : topic.slice(0, -suffix.length);
  }

  /** The topic of a request, with another request id. */
  #withOtherId(topic: string, { requestId: other }: Fault): string {
    const { requestId, template } = this.#deps.reader.topic(topic) ?? {};
    const { accept = { minimum: 0, maximum: 0 } } = template?.protocol.requestId ?? {};
    const next =
      typeof requestId !== "number" || requestId >= accept.maximum ? accept.minimum : requestId + 1;
    const base = requestId === undefined ? topic : topic.slice(0, topic.lastIndexOf("/"));
    return `${base}/${other ?? next}`;
  }
}
