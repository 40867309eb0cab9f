import { replyBody } from "../runtime/platform/replies.js";
import type { Protocol } from "../runtime/api/protocol.js";
import type { IncomingMessage } from "../runtime/transport/transport.js";
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

/** A fault whose request is with the platform. */
interface Waiting {
  readonly topic: string;
  readonly origin: unknown;
  readonly fault: Fault;
}

const MOST_WAITING = 1_000;

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
  /**
   * Faults that wait for the answer to their request, oldest first: the next one on its topic that goes to its connection. The
   * protocol has no more to tell answers by, so where one connection uses an id twice at a time, either answer may be struck.
   */
  let waiting: readonly Waiting[] = [];
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
        // Without one, all of them would be meant.
        if (fault.kind === "disconnect" && origin !== undefined) disconnect(origin);
        return false;
      }
      // Of requests that nobody answers, the oldest are given up.
      waiting = [...waiting.slice(1 - MOST_WAITING), { topic, origin, fault }];
      return true;
    },
    outgoing(message, to) {
      const base = answerTopic(message.topic);
      if (base === undefined || waiting.length === 0) return true;
      // A platform that knows no connections names none.
      const struck = waiting.find(
        ({ topic, origin }) => topic === base && (to === undefined || origin === to),
      );
      if (!struck) return true;
      waiting = waiting.filter((each) => each !== struck);
      const { fault, origin } = struck;
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
          if (origin !== undefined) disconnect(origin);
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
  const { requestId, template } = reader.topic(topic) ?? {};
  const { accept = { minimum: 0, maximum: 0 } } = template?.protocol.requestId ?? {};
  const next = requestId === undefined || requestId >= accept.maximum ? accept.minimum : requestId + 1;
  const base = requestId === undefined ? topic : topic.slice(0, topic.lastIndexOf("/"));
  return `${base}/${other ?? next}`;
}

/** The id of a connection, as the broker knows it. */
function clientOf(origin: unknown): string | undefined {
  return typeof origin === "object" && origin !== null && "id" in origin ? String(origin.id) : undefined;
}
