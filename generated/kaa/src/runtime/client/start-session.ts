/**
 * What all requests of a client share: the connection's state, correlation, subscriptions, counts.
 *
 * | connection  | becomes      | when |
 * |-------------|--------------|------|
 * | down        | up           | the transport is connected: subscriptions are restored, what may be is sent again |
 * | up          | down         | the transport lost it, and goes on trying |
 * | any         | gave up      | refused for good: everything under way fails, and whatever comes after it |
 * | any         | closing      | `close()`: nothing new begins, observations end, the rest has `closeTimeoutMs` |
 * | closing     | closed       | nothing is under way any more, or the time is over |
 */
import { LinkedList } from "../internal/linked-list.js";
import { correlation } from "./correlation.js";
import type { ErrorCode } from "../errors.js";
import { emitter } from "../events.js";
import { readError } from "./response.js";
import type { Session } from "./session.js";
import { redactCause, redactParameters, topicRedaction, withSecretValues } from "../api/redact.js";
import { waitAtMost } from "../internal/timers.js";
import type { Settings } from "../options.js";
import type { Api, Resource } from "../api/resource.js";
import { SubscriptionManager } from "./subscription-manager.js";
import { type ParsedTopic, readTopic } from "../topics/topic.js";
import type { IncomingMessage, QoS, Transport, TransportState } from "../transport/transport.js";

const answerKinds = ["success", "error"] as const;

/** Begins to listen to a transport. */
export function startSession(
  { protocol, extensions }: Api,
  transport: Transport,
  settings: Settings,
): Session {
  const resources = extensions.flatMap((extension) => Object.values(extension.resources));
  const secrets = new Set<string>();
  const counts = { late: 0, duplicate: 0, unmatched: 0 };
  let connections = 0;
  let tasks = 0;
  let idle: (() => void) | undefined;
  let closing: Promise<void> | undefined;
  let hurry = (): void => undefined;
  /** Settles when a close is not to wait any more. */
  const hurried = new Promise<void>((resolve) => (hurry = resolve));

  const isIdle = (): boolean => tasks + session.pendingCount === 0;

  const failAll = (code: ErrorCode, message: string, cause?: unknown): void => {
    for (const exchange of session.inFlight.values()) exchange.fail(code, message, cause);
  };

  /** After that there is no timer. */
  const leaveNothing = (orderly = false): Promise<void> => {
    session.correlation.close();
    return session.subscriptions.close(orderly);
  };

  const enter = (state: TransportState): void => {
    const wasConnected = session.connection !== undefined;
    if (state.kind === "connected") {
      const { sessionPresent } = state;
      connections += 1;
      session.connection = connections;
      session.subscriptions.restore(sessionPresent);
      for (const exchange of session.inFlight.values()) exchange.reconnected(sessionPresent);
      return session.events.emit("connected", { sessionPresent });
    }
    session.connection = undefined;
    const cause = (session.lastError = redactCause(state.cause, session.redact));
    if (state.kind === "failed") {
      const message = "the connection was refused for good";
      session.terminalError ??= { code: "connection-refused", message, cause };
      failAll("connection-refused", message, cause);
      void leaveNothing();
    } else if (!wasConnected) {
      // One more attempt that failed.
      return;
    }
    session.events.emit(state.kind, { cause });
  };

  /** What an answer says that nobody waits for: rare, so that they are all tried. */
  const read = (topic: string): (ParsedTopic & { readonly resource: Resource }) | undefined => {
    for (const kind of answerKinds) {
      if (!topic.endsWith(protocol[kind])) continue;
      const levels = topic.slice(0, -protocol[kind].length).split("/");
      for (const resource of resources) {
        const parsed = readTopic(resource.template, kind, levels);
        if (parsed) return { ...parsed, resource };
      }
    }
    return undefined;
  };

  const receive = ({ topic, payload, retain }: IncomingMessage): void => {
    for (const kind of answerKinds) {
      if (!topic.endsWith(protocol[kind])) continue;
      const base = topic.slice(0, -protocol[kind].length);
      // A retained one was there before any request, so it is no answer; but it may be what was pushed last.
      if (retain && kind === "error") continue;
      const found = retain ? undefined : session.correlation.deliver(base, kind, payload);
      if (found === "delivered") return;
      if (found) return report(found, topic);
      const watchers = Array.from(session.observers.get(base)?.observers ?? []);
      if (watchers.filter((watcher) => watcher(kind, payload)).length > 0) return;
    }
    const parsed = read(topic);
    if (!parsed) return;
    if (parsed.kind === "success" || parsed.requestId !== undefined) return report("unmatched", topic);
    const { resource, template, parameters } = parsed;
    session.events.emit("rejected", {
      resource: template.name,
      parameters: redactParameters(template, parameters),
      payload: readError(session, resource, payload, parameters).shown,
    });
  };

  const report = (kind: keyof typeof counts, topic: string): void => {
    counts[kind] += 1;
    session.events.emit(`${kind}-response`, {
      topic: session.redact(topic),
      resource: read(topic)?.template.name ?? "",
    });
  };

  const session: Session = {
    protocol,
    settings,
    transport,
    events: emitter(),
    redact: withSecretValues(topicRedaction(resources), secrets),
    correlation: correlation(protocol, settings),
    subscriptions: new SubscriptionManager({
      transport,
      qos: resources.reduce<QoS>((highest, { qos }) => (qos > highest ? qos : highest), 0),
      keepMs: settings.subscriptionKeepMs,
      maximum: settings.maxSubscriptions,
      connection: () => session.connection,
    }),
    connection: undefined,
    lastError: undefined,
    terminalError: undefined,
    inFlight: new LinkedList(),
    pendingCount: 0,
    secrets,
    observers: new Map(),
    closing: new Set(),
    stats() {
      const inFlight = session.inFlight
        .values()
        .filter((exchange) => !exchange.longLived && !exchange.queued()).length;
      return {
        inFlight,
        ...session.correlation.stats(),
        subscriptions: session.subscriptions.size(),
        ...counts,
      };
    },
    async task(work) {
      tasks += 1;
      try {
        await work;
      } finally {
        tasks -= 1;
        session.notifyIdle();
      }
    },
    notifyIdle() {
      if (idle && isIdle()) idle();
    },
    close(force) {
      if (force) hurry();
      return (closing ??= end());
    },
  };

  const end = async (): Promise<void> => {
    const until = Date.now() + settings.closeTimeoutMs;
    const within = (work: Promise<unknown>): Promise<void> =>
      waitAtMost(Promise.race([work, hurried]), Math.max(until - Date.now(), 0));
    session.terminalError ??= { code: "closed", message: "the client is closed" };
    for (const stop of session.closing) stop();
    if (session.connection !== undefined && !isIdle()) {
      await within(new Promise<void>((resolve) => (idle = resolve)));
      idle = undefined;
    }
    const orderly = session.connection !== undefined && isIdle();
    session.connection = undefined;
    failAll("closed", "the client was closed");
    await within(leaveNothing(orderly));
    for (const remove of detach) remove();
    // Who did not hear the one will not hear the other.
    const forced = !orderly || Date.now() >= until;
    await within(transport.close({ force: forced }));
    if (Date.now() >= until) await waitAtMost(transport.close({ force: true }), 0);
  };
  const detach = [transport.onMessage(receive), transport.onState(enter)];
  return session;
}
