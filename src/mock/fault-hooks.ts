import { replyBody } from "../runtime/platform-replies.js";
import type { Protocol } from "../runtime/protocol.js";
import type { IncomingMessage } from "../runtime/transport.js";
import type { BrokerHooks } from "./broker.js";
import type { Fault, FaultPlan } from "./faults.js";
import type { MessageReader } from "./message-reader.js";
import type { MockEvent } from "./mock-events.js";

/** What faults do their work with. */
export interface FaultParts {
  readonly plan: FaultPlan;
  readonly reader: MessageReader;
  readonly protocol: Protocol;
  readonly onEvent: (event: MockEvent) => void;
  /** Delivers a message as if the platform had sent it. */
  readonly deliver: (message: Pick<IncomingMessage, "topic" | "payload" | "qos">, to: unknown) => void;
  readonly disconnect: (origin: unknown) => void;
}

const encoder = new TextEncoder();

/** Has faults strike at the broker, whatever platform answers on it. `close` ends what is delayed. */
export function faultHooks({
  plan,
  reader,
  protocol,
  onEvent,
  deliver,
  disconnect,
}: FaultParts): BrokerHooks & { close(): void } {
  /** Faults that wait for the answer to their request, by its topic. */
  const waiting = new Map<string, Fault[]>();
  const timers = new Set<NodeJS.Timeout>();

  const answerTopic = (topic: string): string | undefined => {
    const suffix = [protocol.success, protocol.error].find((each) => topic.endsWith(each));
    return suffix === undefined ? undefined : topic.slice(0, -suffix.length);
  };

  return {
    refuses: (filter) => {
      if (!plan.refuses(filter)) return undefined;
      onEvent({ kind: "fault", fault: "refuse-subscribe", client: undefined, topic: filter });
      return "a fault on purpose";
    },
    incoming(message) {
      const { topic, qos, origin } = message;
      const request = reader.topic(topic);
      if (request?.kind !== "request") return true;
      const answered = request.requestId !== undefined || request.resource.withoutRequestId === true;
      const fault = plan.strikes({ ...request, answered });
      if (!fault) return true;
      onEvent({ kind: "fault", fault: fault.kind, client: clientOf(origin), topic });
      if (fault.kind === "error") {
        const payload =
          fault.payload === undefined
            ? replyBody(protocol, "failed", "A fault on purpose.")
            : encoder.encode(JSON.stringify(fault.payload));
        deliver({ topic: topic + protocol.error, payload, qos }, origin);
        return false;
      }
      if (fault.part === "request" || !answered) {
        if (fault.kind === "disconnect") disconnect(origin);
        return false;
      }
      waiting.set(topic, [...(waiting.get(topic) ?? []), fault]);
      return true;
    },
    outgoing(message, to) {
      const base = answerTopic(message.topic);
      const [fault, ...rest] = (base !== undefined && waiting.get(base)) || [];
      if (base === undefined || !fault) return true;
      if (rest.length > 0) waiting.set(base, rest);
      else waiting.delete(base);
      const suffix = message.topic.slice(base.length);
      switch (fault.kind) {
        case "delay": {
          const timer = setTimeout(() => {
            timers.delete(timer);
            deliver(message, to);
          }, fault.delayMs ?? 1_000);
          timers.add(timer);
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
          deliver({ ...message, topic: withOtherId(base, fault, reader) + suffix }, to);
          return false;
        case "disconnect":
          disconnect(to);
          return false;
        default:
          return false;
      }
    },
    close() {
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
    },
  };
}

/** The same topic with another id at its end. */
function withOtherId(topic: string, { requestId: other }: Fault, reader: MessageReader): string {
  const { requestId, shape } = reader.topic(topic) ?? {};
  const { accept = { minimum: 0, maximum: 0 } } = shape?.protocol.requestId ?? {};
  const next = requestId === undefined || requestId >= accept.maximum ? accept.minimum : requestId + 1;
  const base = requestId === undefined ? topic : topic.slice(0, topic.lastIndexOf("/"));
  return `${base}/${other ?? next}`;
}

/** The id of a connection, as the broker knows it. */
function clientOf(origin: unknown): string | undefined {
  return typeof origin === "object" && origin !== null && "id" in origin ? String(origin.id) : undefined;
}
