/** Routes incoming messages to requests and observers, and counts and reports the rest. */
import { redactParameters } from "../api/redact.js";
import type { Resource } from "../api/resource.js";
import { uncheckedCast } from "../internal/unchecked-cast.js";
import { type ParsedTopic, readTopic } from "../topics/topic.js";
import type { IncomingMessage } from "../transport/transport.js";
import { deliverThrough } from "./hooks.js";
import { readError } from "./response.js";
import type { Session } from "./session.js";

const responseKinds = ["success", "error"] as const;

/** The router of one session. */
export class MessageRouter {
  readonly #session: Session;
  readonly #resources: readonly Resource[];
  constructor(session: Session, resources: readonly Resource[]) {
    this.#session = session;
    // The session's reader reads the others.
    this.#resources = resources.filter(({ support }) => !support);
  }

  /** Takes a message from the transport. Ignores messages on topics that are not responses of the API. */
  receive(message: IncomingMessage): void {
    const { hooks } = this.#session;
    const parsed = hooks.message.length > 0 && this.#parse(message.topic);
    if (!parsed || parsed.kind === "request") return this.#deliver(message);
    const { template, kind, parameters, requestId } = parsed;
    const seen = {
      resource: template.name,
      kind,
      parameters: redactParameters(template, parameters),
      requestId: uncheckedCast<number | undefined>(requestId),
      body: message.payload,
    };
    deliverThrough(hooks.message, seen, () => this.#deliver(message));
  }

  #deliver(message: IncomingMessage): void {
    const { topic, payload, retain } = message;
    const { protocol, correlation, observers, events } = this.#session;
    for (const kind of responseKinds) {
      const suffix = protocol[kind];
      if (!suffix || !topic.endsWith(suffix)) continue;
      const base = topic.slice(0, -suffix.length);
      // The broker stored a retained message before the request, so it is not a response. It may be the last push, though.
      if (retain && kind === "error") continue;
      const delivery = retain ? undefined : correlation.deliver(base, kind, payload);
      if (delivery === "delivered") return;
      if (delivery) return this.#report(delivery, topic);
      const list = Array.from(observers.get(base)?.observers ?? []);
      if (list.filter((observer) => observer(kind, payload)).length > 0) return;
    }
    const parsed = this.#parse(topic);
    if (!parsed) return this.#session.reader?.receive(message);
    if (parsed.kind === "success" || parsed.requestId !== undefined) return this.#report("unmatched", topic);
    const { resource, template, parameters } = parsed;
    events.emit("rejected", {
      resource: template.name,
      parameters: redactParameters(template, parameters),
      payload: readError(this.#session, resource, payload, parameters).shown,
    });
  }

  #report(kind: "late" | "duplicate" | "unmatched", topic: string): void {
    this.#session.strays[kind] += 1;
    this.#session.events.emit(`${kind}-response`, {
      topic: this.#session.redact(topic),
      resource: this.#parse(topic)?.template.name ?? "",
    });
  }

  /** Parses a response topic. Tries every resource, because stray responses are rare. */
  #parse(topic: string): (ParsedTopic & { readonly resource: Resource }) | undefined {
    const { protocol } = this.#session;
    for (const kind of responseKinds) {
      const suffix = protocol[kind];
      if (!suffix || !topic.endsWith(suffix)) continue;
      const levels = topic.slice(0, -suffix.length).split("/");
      for (const resource of this.#resources) {
        const parsed = readTopic(resource.template, kind, levels);
        if (parsed) return { ...parsed, resource };
      }
    }
    return undefined;
  }
}
