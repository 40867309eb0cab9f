/**
 * Routes the incoming messages of resources whose messages go beyond topics with suffixes: responses to their requests, events to their
 * observers, calls to their handlers. Counts and reports the rest.
 */
import { decode, type Decoded, type ReceivedBody } from "../api/codec.js";
import { redactParameters } from "../api/redact.js";
import type { Request, Resource } from "../api/resource.js";
import { uncheckedCast } from "../internal/unchecked-cast.js";
import type { TopicValues } from "../topics/topic.js";
import type { IncomingMessage } from "../transport/transport.js";
import { Echoes } from "./echoes.js";
import { deliverThrough } from "./hooks.js";
import { InFlightRequest } from "./in-flight-request.js";
import { namesOf } from "./message-keys.js";
import {
  belongsTo,
  callBody,
  eventBody,
  haveSameOwners,
  keyOfResponse,
  observerKey,
} from "./message-owners.js";
import { type MessageReading, MessageShapes } from "./message-shapes.js";
import { readError } from "./response.js";
import type { MessageReader, Observer, Session } from "./session.js";
import { StringIds } from "./string-ids.js";

/** The resource that a message belongs to, and what to do with it. */
interface Route {
  readonly resource: Resource;
  readonly reading: MessageReading;
  readonly deliver: () => void;
}

/** The reader of one session. */
export class SessionReader implements MessageReader {
  /** The sources of ids that are texts, by their maximum length. */
  readonly #ids = new Map<number | undefined, StringIds>();
  readonly #session: Session;
  readonly #shapes: MessageShapes;
  readonly #echoes = new Echoes();
  /** The sets of names whose values observers have given, by resource. */
  readonly #givenNames = new Map<Resource, Map<string, readonly string[]>>();
  /** The connection on which an observer has received a topic's message: the broker sends a retained one again for each SUBSCRIBE. */
  readonly #received = new WeakMap<Observer, Map<string, number | undefined>>();

  constructor(session: Session, resources: readonly Resource[]) {
    this.#session = session;
    this.#shapes = new MessageShapes(session.settings.maxDepth, resources);
  }

  /** The source of ids that are texts, with this maximum length. */
  ids(maxLength: number | undefined): StringIds {
    const ids = this.#ids.get(maxLength) ?? new StringIds(maxLength);
    this.#ids.set(maxLength, ids);
    return ids;
  }

  /** The key, among the session's observers, of those of a resource with these values. Values that are undefined match any. */
  observerKey(resource: Resource, values: TopicValues): string {
    const inMessage = namesOf(resource, "request");
    const names = Object.keys(values)
      .filter((name) => inMessage.has(name) && values[name] !== undefined)
      // oxlint-disable-next-line unicorn/no-array-sort -- browsers of 2022 have no `toSorted`
      .sort();
    const sets = this.#givenNames.get(resource) ?? new Map<string, readonly string[]>();
    sets.set(names.join(), names);
    this.#givenNames.set(resource, sets);
    return observerKey(resource, names, values);
  }

  onPublish(topic: string, body: Uint8Array, retain: boolean): void {
    const matches = this.#shapes.match(topic);
    if (matches.length === 0) return;
    const isObserved = matches.some(
      ({ shape: { kind, resources }, values }) =>
        kind === "request" && this.#observersOf(resources[0]!, values).length > 0,
    );
    // A message that nobody observes does not come back, unless the broker keeps it. A response's topic may be subscribed to all the same.
    if (isObserved || retain || matches.some(({ shape }) => shape.kind !== "request"))
      this.#echoes.note(topic, body, isObserved, this.#session.connection);
  }

  receive(message: IncomingMessage): void {
    const { topic, payload } = message;
    const matches = this.#shapes.match(topic);
    if (matches.length === 0 || this.#echoes.take(topic, payload)) return;
    const readings = this.#shapes.read(message, matches);
    if (!readings) return;
    const { best, fault } = readings;
    const body: ReceivedBody | undefined = fault && { bytes: payload, decode: () => fault };
    // Where messages share a topic, JSON of another form is rather one more of them than an unreadable one of these.
    const isOfOne = fault?.fault !== "invalid" && haveSameOwners(best);
    const isOther = fault?.fault === "invalid" && best.length > 1;
    const routes = best
      .filter(({ shape }) => !(isOther && shape.kind === "request"))
      .map((reading) => this.#route(body ? { ...reading, body } : reading, message, fault, isOfOne))
      .filter((each) => each !== undefined);
    // An unreadable body is rather the response that a call waits for than an event.
    const route = routes.find(({ reading }) => fault && reading.shape.kind !== "request") ?? routes[0];
    if (route) this.#deliver(route, message);
    else if (best[0]) this.#stray(best[0], message, fault !== undefined);
  }

  /** Delivers a message through the hooks. */
  #deliver({ resource, reading, deliver }: Route, { payload }: IncomingMessage): void {
    const { message: hooks } = this.#session.hooks;
    if (hooks.length === 0) return deliver();
    const { template } = resource;
    const parameters = redactParameters(template, reading.values);
    const { requestId, shape } = reading;
    deliverThrough(
      hooks,
      { resource: template.name, kind: shape.kind, parameters, requestId, body: payload },
      deliver,
    );
  }

  /** Finds the owner of a message. With a fault, the body is none of the shape, so that only the values in the topic are known. */
  #route(
    reading: MessageReading,
    message: IncomingMessage,
    fault: Decoded | undefined,
    isOfOne: boolean,
  ): Route | undefined {
    const { kind, resources } = reading.shape;
    if (kind === "request") return this.#routeRequest(reading, message, fault !== undefined);
    // The broker stored a retained message before the request.
    if (message.retain) return undefined;
    // An unreadable body is an error of the request that the topic names. Without an id, it may as well be another message.
    if (fault && reading.requestId === undefined && !isOfOne) return undefined;
    for (const resource of resources) {
      const key = keyOfResponse(resource, reading);
      const sink = key === undefined ? undefined : this.#session.correlation.pending(key);
      if (key === undefined || !sink) continue;
      const request = uncheckedCast<Request>(sink.request);
      if (!belongsTo(reading, request)) continue;
      const { resource: owner } = request.target;
      const deliver = (): void => void this.#session.correlation.deliver(key, kind, reading.body);
      return { resource: owner, reading, deliver };
    }
    return kind === "error" && !fault ? this.#routeErrorWithoutId(reading) : undefined;
  }

  /**
   * Finds the request that an error without an id belongs to, where no error of the resource has one: the only one that waits for a
   * response. With several, or one that has ended without a response, it may be the error of another.
   */
  #routeErrorWithoutId(reading: MessageReading): Route | undefined {
    const { inFlight, correlation } = this.#session;
    const waiting = inFlight
      .values()
      // Calls in their middleware are in the list, too.
      .filter((request) => request instanceof InFlightRequest)
      .filter(({ request, attempts }) => {
        const { resource } = request.target;
        const isNamed = namesOf(resource, "error").has("requestId") || resource.requestId !== "required";
        return !isNamed && attempts > 0 && belongsTo(reading, request);
      });
    const [only] = waiting;
    if (!only || waiting.length > 1 || correlation.stats().quarantined > 0) return undefined;
    const deliver = (): void => void only.respond("error", reading.body);
    return { resource: only.request.target.resource, reading, deliver };
  }

  #routeRequest(reading: MessageReading, message: IncomingMessage, isUnread: boolean): Route | undefined {
    const [resource] = reading.shape.resources;
    if (!resource || (isUnread && resource.response !== undefined)) return undefined;
    if (message.payload.length === 0 && resource.retain && this.#clears(resource, reading)) return undefined;
    const lists = this.#observersOf(resource, reading.values);
    if (lists.length === 0) return undefined;
    const isCall = resource.response !== undefined;
    if (isCall && message.retain) return undefined;
    // Only one handler responds: the one for the most specific values.
    const observers = isCall ? lists[0]! : lists.flat();
    const eventOrFault = isUnread ? reading.body : eventBody(resource, reading, message);
    const body = isCall ? callBody(reading, message) : eventOrFault;
    const deliver = (): void => {
      for (const observer of observers)
        if (!this.#hasReceived(observer, resource, message)) observer("success", body);
    };
    return { resource, reading, deliver };
  }

  /** Whether an empty message only takes the retained one from the broker: it is not an event, because it has no legal payload. */
  #clears({ request }: Resource, { body }: MessageReading): boolean {
    return decode(request, body, { maxDepth: this.#session.settings.maxDepth }).fault !== undefined;
  }

  /** The observers of a message, in one list for each set of given values, those with the most values first. */
  #observersOf(resource: Resource, values: TopicValues): Observer[][] {
    const sets = Array.from(this.#givenNames.get(resource)?.values() ?? []);
    return (
      sets
        // oxlint-disable-next-line unicorn/no-array-sort -- browsers of 2022 have no `toSorted`
        .sort((one, other) => other.length - one.length)
        .map((names) => this.#session.observers.get(observerKey(resource, names, values))?.observers ?? [])
        .map((observers) => Array.from(observers))
        .filter((observers) => observers.length > 0)
    );
  }

  /** Whether a retained message is one that its observer has received before. */
  #hasReceived(observer: Observer, { retain }: Resource, message: IncomingMessage): boolean {
    if (!retain) return false;
    const received = this.#received.get(observer) ?? new Map<string, number | undefined>();
    const { connection } = this.#session;
    if (message.retain && received.has(message.topic) && received.get(message.topic) === connection)
      return true;
    received.set(message.topic, connection);
    this.#received.set(observer, received);
    return false;
  }

  /** Counts and reports a response without a request. */
  #stray(reading: MessageReading, { topic, retain }: IncomingMessage, isUnread: boolean): void {
    const { correlation, strays, events } = this.#session;
    const { shape, requestId } = reading;
    const [resource] = shape.resources;
    if (shape.kind === "request" || retain || !resource) return;
    const { type, maxLength } = resource.template.protocol.requestId ?? {};
    const usesTexts = type === "string" && resource.requestId !== "single";
    let isPending = false;
    for (const each of shape.resources) {
      const key = keyOfResponse(each, reading);
      if (key === undefined) continue;
      // The pending request has other values than this response.
      isPending ||= correlation.pending(key) !== undefined;
      if (isPending) continue;
      const known = correlation.deliver(key, shape.kind, reading.body);
      if (known && known !== "delivered") return this.#report(known, topic, reading);
    }
    if (typeof requestId === "string" && this.ids(maxLength).isOwn(requestId))
      return this.#report(isPending ? "unmatched" : "late", topic, reading);
    // Where every response has an id, one without it cannot be read.
    if (shape.kind === "error" && requestId === undefined && !isUnread) {
      const { values, body } = reading;
      events.emit("rejected", {
        resource: resource.template.name,
        parameters: redactParameters(resource.template, values),
        payload: readError(this.#session, resource, body, values).shown,
      });
    } else if (usesTexts) strays.foreign += 1;
    else this.#report("unmatched", topic, reading);
  }

  #report(kind: "late" | "duplicate" | "unmatched", topic: string, { shape }: MessageReading): void {
    this.#session.strays[kind] += 1;
    const [resource, ...others] = shape.resources;
    this.#session.events.emit(`${kind}-response`, {
      topic: this.#session.redact(topic),
      // Which of several resources it was cannot be known without the request.
      resource: others.length > 0 ? "" : (resource?.template.name ?? ""),
    });
  }
}

/** The reader of a session that has resources with message support. */
export function readerOf(session: Session): SessionReader {
  return uncheckedCast(session.reader);
}
