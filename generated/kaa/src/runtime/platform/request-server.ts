import { mapMaybePromise } from "../internal/maybe-promise.js";
import { defaultMaxDepth } from "../api/codec.js";
import type { Replies } from "../api/descriptor.js";
import { asksForPushes, type PushPreferences } from "./push-preferences.js";
import { topicReader } from "../topics/parser.js";
import { type ReadRequest, readRequest, rejectionBody, replyBody, successBody } from "./replies.js";
import type { Protocol } from "../api/protocol.js";
import { type AnyPushes, Rejection, type RequestContext, type RequestHandler } from "./request-handler.js";
import { RequestQueue } from "./request-queue.js";
import type { Resource } from "../api/resource.js";
import { buildTopic, type ParsedTopic, suffixOf, type TopicValues } from "../topics/topic.js";
import { isWithinTopicLimit } from "../topics/grammar.js";
import { filterMatches } from "../topics/topic-filter.js";
import type { IncomingMessage, Transport } from "../transport/transport.js";

/** How requests are served. */
export interface ServeOptions {
  /**
   * Handlers may be missing. `reject`: their resources are answered with the reply `unknown`, as are topics that are no
   * resource. `ignore`: they are somebody else's, and not even subscribed to; so several platforms can share an API.
   */
  readonly unhandled?: "reject" | "ignore";
  /** Asked about every request for a resource, before its body is read: what it throws is answered as if a handler had. */
  readonly authorize?: (context: RequestContext) => void | Promise<void>;
  /** May mend what was read before its schema sees it: the value to go on with is what it returns. */
  readonly prepare?: (value: unknown, context: RequestContext) => unknown;
  /** Requests that are served at a time. Default: 100. */
  readonly concurrency?: number;
  /** Requests that wait for their turn; beyond that, the reply is `busy`. Default: 1,000. */
  readonly maxQueued?: number;
  /** Bytes of a request's body; beyond that, the reply is `tooLarge`. Default: 262,144. */
  readonly maxRequestBytes?: number;
  /** How many arrays and objects of a request may be nested. Default: 1,000. */
  readonly maxDepth?: number;
  /** Told what a handler throws (besides rejections), returns against its schema, and what can not be sent. */
  readonly onError?: (error: unknown, context?: RequestContext) => void;
}

/** One resource with what answers it; without a handler its requests are refused as unknown. */
export interface Route {
  readonly resource: Resource;
  readonly handler: RequestHandler<unknown, unknown> | undefined;
}

/** What a {@link RequestServer} works with. */
export interface ServerParts {
  readonly protocol: Protocol;
  readonly transport: Transport;
  readonly routes: readonly Route[];
  /** What requests come in by; other messages of the transport are somebody else's. */
  readonly filters: readonly string[];
  /** Whether requests with these values are served. */
  readonly serves: (parameters: TopicValues) => boolean;
  readonly observers: PushPreferences;
  /** The key that observers know an endpoint by. */
  readonly keyOf: (parameters: TopicValues) => string;
  readonly endpoint: (parameters: TopicValues) => AnyPushes;
}

/** What is sent back. */
interface Answer {
  readonly kind: "success" | "error";
  readonly body: Uint8Array;
}

/** What a handler is told. A class, since an object literal with getters costs each request more than all else here. */
class ServedRequest implements RequestContext {
  declare readonly requestId?: number;
  readonly extension: string;
  readonly resource: string;
  readonly parameters: RequestContext["parameters"];
  readonly topic: string;
  readonly qos: RequestContext["qos"];
  readonly #made: { readonly signal: () => AbortSignal; readonly endpoint: () => AnyPushes };

  constructor(
    { topic, qos }: IncomingMessage,
    { template, parameters, requestId }: ParsedTopic,
    made: { readonly signal: () => AbortSignal; readonly endpoint: () => AnyPushes },
  ) {
    this.extension = template.extension;
    this.resource = template.resource;
    this.parameters = parameters;
    if (requestId !== undefined) this.requestId = requestId;
    this.topic = topic;
    this.qos = qos;
    this.#made = made;
  }

  // Made when they are asked for, which most handlers do not.
  get signal(): AbortSignal {
    return this.#made.signal();
  }

  get endpoint(): AnyPushes {
    return this.#made.endpoint();
  }
}

/** Reads requests, has them handled, and answers: a request in, at most one answer out, a repeated id or not. */
export class RequestServer {
  readonly #parts: ServerParts;
  readonly #options: ServeOptions;
  readonly #queue: RequestQueue;
  readonly #routes: ReadonlyMap<unknown, Route>;
  readonly #read: (topic: string) => ParsedTopic | undefined;
  readonly #underWay = new Set<AbortController>();
  #end: { readonly reason: unknown } | undefined;

  constructor(parts: ServerParts, options: ServeOptions) {
    this.#parts = parts;
    this.#options = options;
    this.#queue = new RequestQueue({
      concurrency: options.concurrency ?? 100,
      maxQueued: options.maxQueued ?? 1_000,
    });
    this.#routes = new Map(parts.routes.map((route) => [route.resource.template, route]));
    this.#read = topicReader(parts.routes.map(({ resource }) => resource));
  }

  /** Takes one message of the transport. */
  receive(message: IncomingMessage): void {
    const { filters, serves, protocol } = this.#parts;
    const { topic } = message;
    // A retained request is an old one that the broker shows to every new subscriber.
    if (message.retain) return;
    const parsed = this.#read(topic);
    // Our own answers come back, and devices may send what looks like one.
    if (parsed ? parsed.kind !== "request" : isAnswer(protocol, topic)) return;
    if (parsed ? !serves(parsed.parameters) : !filters.some((filter) => filterMatches(filter, topic))) return;
    const route = parsed && this.#routes.get(parsed.template);
    const { maxRequestBytes = 262_144 } = this.#options;
    if (!parsed || !route?.handler) {
      if (this.#options.unhandled === "ignore") return;
      this.#refuse(message, "unknown", "There is no such resource.");
    } else if (message.payload.length > maxRequestBytes) {
      this.#refuse(message, "tooLarge", `The request has more than ${maxRequestBytes} bytes.`);
    } else if (!this.#queue.add(() => this.#serve(message, parsed, route))) {
      this.#refuse(message, "busy", "Too many requests are waiting already.");
    }
  }

  /** Settles when every request that was taken is answered. */
  idle(): Promise<void> {
    return this.#queue.idle();
  }

  /** Aborts what is under way; nothing is sent any more. */
  end(reason: unknown): void {
    this.#end = { reason };
    this.#queue.clear();
    for (const controller of this.#underWay) controller.abort(reason);
  }

  /** Tells the platform's owner; what that throws must not reach a request. */
  report(error: unknown, context?: RequestContext): void {
    try {
      const told: unknown = this.#options.onError?.(error, context);
      // There is nobody left to tell.
      // oxlint-disable-next-line promise/no-promise-in-callback -- it is no callback of a promise's
      if (told instanceof Promise) told.catch(() => undefined);
    } catch {
      // Nor here.
    }
  }

  #refuse(message: IncomingMessage, occasion: keyof Replies, text: string): void {
    void this.#send(message, this.#reply(occasion, text));
  }

  #reply(occasion: keyof Replies, text: string): Answer {
    return { kind: "error", body: replyBody(this.#parts.protocol, occasion, text) };
  }

  /** A promise that does not reject. */
  #serve(message: IncomingMessage, parsed: ParsedTopic, route: Route): void | Promise<void> {
    let controller: AbortController | undefined;
    const { endpoint } = this.#parts;
    const context = new ServedRequest(message, parsed, {
      signal: () => (controller ??= this.#controller()).signal,
      endpoint: () => endpoint(parsed.parameters),
    });
    return mapMaybePromise(this.#answer(route, message, context), (answer) =>
      mapMaybePromise(answer && this.#send(message, answer, context), () => {
        if (controller) this.#underWay.delete(controller);
      }),
    );
  }

  #controller(): AbortController {
    const controller = new AbortController();
    if (this.#end) controller.abort(this.#end.reason);
    this.#underWay.add(controller);
    return controller;
  }

  /** Undefined where no answer is expected: a success of a request without an id, mostly. */
  #answer(
    { resource, handler }: Route,
    { payload, origin }: IncomingMessage,
    context: RequestContext,
  ): Answer | undefined | Promise<Answer | undefined> {
    const { authorize, prepare, maxDepth = defaultMaxDepth } = this.#options;
    const read = (): ReadRequest | Promise<ReadRequest> => {
      const { observers, keyOf } = this.#parts;
      // Who may not ask for an endpoint is not where it is.
      if (origin !== undefined) observers.seen(keyOf(context.parameters), origin);
      return readRequest(resource.request, payload, {
        maxDepth,
        prepare: (value) => (prepare ? prepare(value, context) : value),
      });
    };
    const handle = (request: ReadRequest): Answer | undefined | Promise<Answer | undefined> => {
      if (request.reason !== undefined) return this.#reply("invalid", request.reason);
      this.#observe(resource, request.value, context);
      return mapMaybePromise(handler?.(request.value, context), (value) =>
        this.#success(resource, value, context),
      );
    };
    const fail = (thrown: unknown): Answer => this.#failure(resource, thrown, context);
    try {
      const answer = mapMaybePromise(authorize?.(context), () => mapMaybePromise(read(), handle));
      return answer instanceof Promise ? answer.catch(fail) : answer;
    } catch (thrown) {
      return fail(thrown);
    }
  }

  /** Switches the endpoint's pushes, if that is what the request asks for. */
  #observe({ push, template }: Resource, request: unknown, { parameters }: RequestContext): void {
    const on = asksForPushes(request, push);
    if (on === undefined) return;
    const { observers, keyOf } = this.#parts;
    observers.set(keyOf(parameters), buildTopic(template, "request", parameters), on);
  }

  #success(resource: Resource, value: unknown, { requestId }: RequestContext): Answer | undefined {
    if (resource.response === undefined || (requestId === undefined && !resource.withoutRequestId))
      return undefined;
    return { kind: "success", body: successBody(resource, value) };
  }

  #failure(resource: Resource, thrown: unknown, context: RequestContext): Answer {
    let failure = thrown;
    try {
      if (thrown instanceof Rejection) return { kind: "error", body: rejectionBody(resource, thrown) };
    } catch (error) {
      failure = error;
    }
    this.report(failure, context);
    return this.#reply("failed", "The request could not be served.");
  }

  /** On the request's own topic plus the suffix, character by character, and with its QoS. */
  async #send(
    { topic, qos, origin }: IncomingMessage,
    { kind, body }: Answer,
    context?: RequestContext,
  ): Promise<void> {
    const answerTopic = topic + suffixOf(this.#parts.protocol, kind);
    if (this.#end || !isWithinTopicLimit(answerTopic)) return;
    try {
      await this.#parts.transport.publish(answerTopic, body, { qos, to: origin });
    } catch (error) {
      this.report(error, context);
    }
  }
}

function isAnswer(protocol: Protocol, topic: string): boolean {
  return topic.endsWith(protocol.success) || topic.endsWith(protocol.error);
}
