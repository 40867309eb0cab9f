import { defaultMaxDepth } from "../api/codec.js";
import type { Protocol } from "../api/protocol.js";
import type { Resource } from "../api/resource.js";
import { Rejection } from "../api/rejection.js";
import { TopicsmithError } from "../errors.js";
import { mapMaybePromise, type MaybePromise } from "../internal/maybe-promise.js";
import { TimeLimit } from "../internal/timers.js";
import { topicReader } from "../topics/parser.js";
import { filterMatches } from "../topics/topic-filter.js";
import { buildTopic, type ParsedTopic, suffixOf } from "../topics/topic.js";
import type { IncomingMessage, Transport } from "../transport/transport.js";
import type { PlatformEndpoints } from "./endpoint.js";
import { parsePushSwitch, type PushPreferences } from "./push-preferences.js";
import type { RequestContext, RequestHandler } from "./request-handler.js";
import { RequestQueue } from "./request-queue.js";
import { ResponseSender } from "./response-sender.js";
import type { ServeOptions } from "./serve-options.js";
import { readRequest, rejectionBody, type RequestPayload, successBody } from "../api/served-payloads.js";
import { type OutgoingResponse, type ReceivedRequest, ServedRequest } from "./served-request.js";
import { Shutdown } from "./shutdown.js";

/** The default of `maxRequestBytes`: more than any sensible request, and little enough to wait in a queue. */
export const defaultMaxRequestBytes = 262_144;

/** The default of `handlerTimeoutMs`. */
const HANDLER_MS = 60_000;

/** A resource and its handler. Requests of a resource without one are rejected as unknown. */
export interface Route {
  readonly resource: Resource;
  readonly handler: RequestHandler<unknown, unknown> | undefined;
}

/** Dependencies of a {@link RequestServer}. */
export interface ServerDeps {
  readonly protocol: Protocol;
  readonly transport: Transport;
  readonly routes: readonly Route[];
  /** The filters that the platform subscribes to. Messages that match none of them are ignored: others may use the transport too. */
  readonly filters: readonly string[];
  /** Only requests with these values of topic parameters are served. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly preferences: PushPreferences;
  readonly endpoints: PlatformEndpoints;
  /** Reads the requests that go beyond topics with suffixes, if the API has such. */
  readonly readMessage: ((message: IncomingMessage) => ReceivedRequest | undefined) | undefined;
}

/** Reads requests, calls their handlers, and sends at most one response to each, whether or not its id is in use already. */
export class RequestServer {
  readonly #deps: ServerDeps;
  readonly #options: ServeOptions;
  readonly #queue: RequestQueue;
  readonly #routes: ReadonlyMap<unknown, Route>;
  readonly #parse: (topic: string) => ParsedTopic | undefined;
  /** One for each request in progress whose handler has read its signal. */
  readonly #controllers = new Set<AbortController>();
  readonly #shutdown = new Shutdown();
  readonly #sender: ResponseSender;

  constructor(deps: ServerDeps, options: ServeOptions) {
    this.#deps = deps;
    this.#options = options;
    this.#sender = new ResponseSender({
      protocol: deps.protocol,
      transport: deps.transport,
      onRefused: options.onRefused,
      resourceOf: ({ template }) => this.#routes.get(template)?.resource,
      report: (error, context) => this.report(error, context),
      shutdown: this.#shutdown,
    });
    this.#queue = new RequestQueue({
      concurrency: options.concurrency ?? 100,
      maxQueued: options.maxQueued ?? 1_000,
    });
    this.#routes = new Map(deps.routes.map((route) => [route.resource.template, route]));
    this.#parse = topicReader(deps.routes.map(({ resource }) => resource));
  }

  /** Takes a message of the transport, and ignores it if it is not a request for this platform. */
  receive(message: IncomingMessage): void {
    const { maxRequestBytes = defaultMaxRequestBytes, unhandled } = this.#options;
    const isTooLarge = message.payload.length > maxRequestBytes;
    const request = this.#deps.readMessage?.(message) ?? this.#readTopic(message);
    if (!request || !this.#isForUs(request)) return;
    const route = this.#routes.get(request.template);
    // The broker sends retained messages to every new subscriber, so a retained request is an old one.
    if (message.retain && !route?.resource.retain) return;
    const { refusal } = request;
    if (!route?.handler) {
      if (unhandled !== "ignore") this.#sender.refuse(request, "unknown", "There is no such resource.");
    } else if (isTooLarge) {
      this.#sender.refuse(request, "tooLarge", `The request has more than ${maxRequestBytes} bytes.`);
    } else if (refusal) {
      this.#sender.refuse(request, refusal.occasion, refusal.reason);
    } else if (!this.#queue.add(() => this.#serve(request, route))) {
      this.#sender.refuse(request, "busy", "Too many requests are waiting.");
    }
  }

  /** Resolves when no request is in progress. */
  idle(): Promise<void> {
    return this.#queue.idle();
  }

  /** Gives up the responses that wait for a connection. */
  stopWaiting(): void {
    this.#sender.stopWaiting();
  }

  /** Aborts the requests in progress. Their responses are not sent. */
  end(reason: unknown): void {
    this.#queue.clear();
    for (const controller of this.#controllers) controller.abort(reason);
    this.#shutdown.begin(reason);
    this.stopWaiting();
  }

  /** Calls `onError`. An exception of it is swallowed, because there is nowhere left to report it. */
  report(error: unknown, context?: RequestContext): void {
    try {
      const result: unknown = this.#options.onError?.(error, context);
      // oxlint-disable-next-line promise/no-promise-in-callback -- `onError` is not the callback of a promise
      if (result instanceof Promise) result.catch(() => undefined);
    } catch {
      // See above.
    }
  }

  /** Reads a request by its topic. Unknown resources within the subscribed filters are included, responses are not. */
  #readTopic(message: IncomingMessage): ReceivedRequest | undefined {
    const { filters, protocol } = this.#deps;
    const { topic, payload: body } = message;
    const parsed = this.#parse(topic);
    if (parsed && parsed.kind !== "request") return undefined;
    if (!parsed) {
      // The platform's own responses, and messages of devices that look like one.
      for (const suffix of [protocol.success, protocol.error])
        if (suffix !== undefined && topic.endsWith(suffix)) return undefined;
      if (!filters.some((filter) => filterMatches(filter, topic))) return undefined;
    }
    return {
      message,
      template: parsed?.template,
      values: parsed?.parameters ?? {},
      requestId: parsed?.requestId,
      body,
      address: ({ kind, payload }) =>
        protocol[kind] === undefined ? undefined : { topic: topic + suffixOf(protocol, kind), body: payload },
    };
  }

  /** Whether a request has the parameters that the platform serves. */
  #isForUs({ template, values }: ReceivedRequest): boolean {
    const { parameters } = this.#deps;
    return (
      template === undefined || Object.entries(parameters).every(([name, value]) => values[name] === value)
    );
  }

  /** Responds to a request. Never rejects. Everything stays synchronous if the handler is, see {@link mapMaybePromise}. */
  #serve(request: ReceivedRequest, route: Route): MaybePromise<void> {
    let controller: AbortController | undefined;
    let late: TopicsmithError | undefined;
    const createController = (): AbortController => {
      controller = late ? new AbortController() : this.#createController();
      if (late) controller.abort(late);
      return controller;
    };
    const context = new ServedRequest(request, route.resource.template, {
      signal: () => (controller ?? createController()).signal,
      endpoint: () => this.#deps.endpoints.endpoint(request.values),
    });
    const release = (): void => {
      if (controller) this.#controllers.delete(controller);
    };
    const response = this.#respond(route, request, {
      context,
      isOver: () => late !== undefined || this.#shutdown.begun,
    });
    const onLate = (error: TopicsmithError): OutgoingResponse => {
      late = error;
      controller?.abort(error);
      return this.#failure(route.resource, error, request, context);
    };
    return mapMaybePromise(
      response instanceof Promise ? this.#inTime(response, onLate) : response,
      (inTime) => mapMaybePromise(inTime && this.#sender.send(request, inTime, context), release),
    );
  }

  /** The response of a handler, or of `onLate` if it does not settle in time. Otherwise a few of them would stop the platform. */
  async #inTime<T>(response: Promise<T>, onLate: (error: TopicsmithError) => T): Promise<T | undefined> {
    const { handlerTimeoutMs = HANDLER_MS } = this.#options;
    let limit: TimeLimit | undefined;
    const late = new Promise<T>((resolve) => {
      const message = `the handler has not settled within ${handlerTimeoutMs} ms`;
      limit = new TimeLimit(() => resolve(onLate(new TopicsmithError("timeout", message))));
      limit.start(handlerTimeoutMs);
    });
    try {
      return await this.#shutdown.until(response, late);
    } finally {
      limit?.stop();
    }
  }

  #createController(): AbortController {
    const controller = new AbortController();
    if (this.#shutdown.begun) controller.abort(this.#shutdown.reason);
    this.#controllers.add(controller);
    return controller;
  }

  /** The response to a request; `undefined` if it expects none, or is over. Errors become an error response. */
  #respond(
    { resource, handler }: Route,
    request: ReceivedRequest,
    { context, isOver }: { readonly context: RequestContext; readonly isOver: () => boolean },
  ): MaybePromise<OutgoingResponse | undefined> {
    const fail = (thrown: unknown): OutgoingResponse | undefined =>
      isOver() ? undefined : this.#failure(resource, thrown, request, context);
    const handle = (payload: RequestPayload): MaybePromise<OutgoingResponse | undefined> => {
      if (payload.reason !== undefined)
        return this.#sender.refusal(request, { occasion: "invalid", ...payload });
      this.#switchPushes(resource, payload.value, context);
      return mapMaybePromise(handler?.(payload.value, context), (value) => {
        if (value instanceof Rejection) throw value;
        if (isOver()) return undefined;
        return this.#success(resource, value, context);
      });
    };
    try {
      const response = mapMaybePromise(this.#options.authorize?.(context), () =>
        mapMaybePromise(this.#read(resource, request, context), handle),
      );
      return response instanceof Promise ? response.catch(fail) : response;
    } catch (thrown) {
      return fail(thrown);
    }
  }

  #read(
    { request }: Resource,
    { message: { origin }, body }: ReceivedRequest,
    context: RequestContext,
  ): MaybePromise<RequestPayload> {
    const { prepare, maxDepth = defaultMaxDepth } = this.#options;
    // After `authorize`, because only authorized requests may change the connection that pushes go to.
    if (origin !== undefined) this.#deps.preferences.touch(context.parameters, origin);
    return readRequest(request, body, {
      maxDepth,
      prepare: (value) => (prepare ? prepare(value, context) : value),
    });
  }

  /** Switches the endpoint's pushes on or off if the request does that. */
  #switchPushes({ push, template }: Resource, request: unknown, { parameters }: RequestContext): void {
    const on = parsePushSwitch(request, push);
    if (on === undefined) return;
    this.#deps.preferences.set(parameters, buildTopic(template, "request", parameters), on);
  }

  #success(resource: Resource, value: unknown, { requestId }: RequestContext): OutgoingResponse | undefined {
    const isExpected =
      requestId !== undefined || resource.withoutRequestId || resource.requestId === "single";
    if (resource.response === undefined || !isExpected) return undefined;
    return { kind: "success", payload: successBody(resource, value) };
  }

  #failure(
    resource: Resource,
    thrown: unknown,
    request: ReceivedRequest,
    context: RequestContext,
  ): OutgoingResponse {
    let failure = thrown;
    try {
      if (thrown instanceof Rejection) return { kind: "error", payload: rejectionBody(resource, thrown) };
    } catch (error) {
      failure = error;
    }
    this.report(failure, context);
    const errors = failure instanceof TopicsmithError ? (failure.errors ?? []) : [];
    const reason = "The request could not be served.";
    return this.#sender.refusal(request, { occasion: "failed", reason, errors, cause: failure });
  }
}
