/** Calls of the platform that the client serves. */
import { decode } from "../api/codec.js";
import type { ErrorOccasion, RequestId, ResourceDefinition, ValidationError } from "../api/descriptor.js";
import { Rejection } from "../api/rejection.js";
import type { AddMethods, RequestTarget, Resource } from "../api/resource.js";
import {
  errorBody,
  invalidResponse,
  rejectionBody,
  successBody,
  unreadableRequest,
} from "../api/served-payloads.js";
import { wrapResponse } from "../api/wrapped-body.js";
import { TopicsmithError } from "../errors.js";
import { uncheckedCast } from "../internal/unchecked-cast.js";
import { checkOption } from "../internal/check-options.js";
import type { AnyTopic, TopicValues } from "../topics/topic.js";
import { sendRequest } from "./call.js";
import { incomingRequest, incomingSupport } from "./event.js";
import { register, type ValueWorker } from "./handler.js";
import { HandlerWorker, type WorkerOptions } from "./handler-worker.js";
import type { IncomingCall } from "./message-owners.js";
import { readerOf } from "./message-reader.js";
import { topicOf } from "./message-request.js";
import { redactErrors } from "./request.js";
import type { Session } from "./session.js";

/** The context of one call. */
export interface CallContext<Parameters = Readonly<Record<string, string | number>>> {
  /** The parameters of the call's topic and body. */
  readonly parameters: Parameters;
  /** Absent if the call has none. */
  readonly requestId?: RequestId;
  /** Aborted when the registration ends. */
  readonly signal: AbortSignal;
}

/**
 * Handles one call. Its return value is the response. A thrown `Rejection` is sent as an error response. Any other error goes to
 * `onError`, and the platform receives the spec's reply `failed`, if the API has error responses.
 */
export type CallHandler<Request, Response, Parameters = Readonly<Record<string, string | number>>> = (
  request: Request,
  context: CallContext<Parameters>,
) => Response | Promise<Response>;

/** Declares a call that the platform makes, and the client serves. */
export function defineServedCall<Client, Handler = unknown, Push = unknown>(
  topic: AnyTopic,
  definition: ResourceDefinition,
): Resource<Client, Handler, Push> {
  return { ...definition, template: topic.template, support: incomingSupport, addMethods: addHandle };
}

/** Calls that wait for the handler, so that memory stays limited. Further ones get the spec's reply `busy`. */
const MAX_QUEUED_CALLS = 1_000;

const addHandle: AddMethods = ({ context: { session }, read, addMethod }) => {
  addMethod("handle", async (...args: unknown[]) => {
    const { value, options, target: createTarget } = read(args, true);
    const { concurrency = 1 } = options;
    checkOption("handler", value, "function");
    const target = createTarget();
    const handler = uncheckedCast<CallHandler<unknown, unknown>>(value);
    return register(
      session,
      incomingRequest(session, target, options),
      () => new CallServer(session, target, { ...options, concurrency, handler }),
    );
  });
};

/** The options of a {@link CallServer}. */
interface CallServerOptions extends WorkerOptions {
  readonly handler: CallHandler<unknown, unknown>;
}

/** Thrown for a call that the handler does not get. */
class Refusal extends Error {
  constructor(
    readonly occasion: ErrorOccasion,
    message: string,
  ) {
    super(message);
  }
}

/** Whether an error concerns the response itself: nobody has received it, and nobody will. */
function cannotBeSent(error: unknown): boolean {
  return (
    !(error instanceof TopicsmithError) ||
    ["invalid-response", "invalid-topic", "publish-refused"].includes(error.code)
  );
}

/** The calls of one registration. */
class CallServer extends HandlerWorker<IncomingCall> implements ValueWorker {
  readonly #session: Session;
  readonly #target: RequestTarget;
  readonly #options: CallServerOptions;
  /** The calls that wait or run. The broker may deliver one again. */
  readonly #open = new Set<string | undefined>();

  constructor(session: Session, target: RequestTarget, options: CallServerOptions) {
    super(session, options);
    this.#session = session;
    this.#target = target;
    this.#options = options;
  }

  take(value: unknown): void {
    const call = uncheckedCast<IncomingCall>(value);
    const name = this.#nameOf(call);
    if (name !== undefined && this.#open.has(name)) return;
    if (!this.queue(call, MAX_QUEUED_CALLS)) return this.#refuse(call, "Too many requests are waiting.");
    this.#open.add(name);
    this.runQueued();
  }

  /** A text that only copies of a call share; `undefined` for a call without an id. */
  #nameOf(call: IncomingCall): string | undefined {
    const values = this.#valuesOf(call);
    return values["requestId"] === undefined ? undefined : JSON.stringify(values);
  }

  /** Refuses a call, which the platform makes once. */
  protected override drop(call: IncomingCall): void {
    this.#open.delete(this.#nameOf(call));
    if (this.#session.connection !== undefined) this.#refuse(call, "The handler was stopped.");
  }

  #refuse(call: IncomingCall, reason: string): void {
    void this.#session.task(() => this.#respondWithError(call, new Refusal("busy", reason)));
  }

  protected async run(call: IncomingCall): Promise<void> {
    await this.#serve(call);
    this.#open.delete(this.#nameOf(call));
  }

  async #serve(call: IncomingCall): Promise<void> {
    const { resource } = this.#target;
    let value: unknown;
    try {
      value = await this.#options.handler(this.#read(call), this.#contextOf(call));
    } catch (error) {
      return this.#respondWithError(call, error);
    }
    try {
      await this.#respond(call, "success", () => successBody(resource, value, this.#redact));
    } catch (error) {
      if (cannotBeSent(error)) await this.#respondWithError(call, error);
      // It may have arrived, and an error after it would be false.
      else this.report(error);
    }
  }

  /** The payload of a call. Throws a {@link Refusal}. */
  #read({ reading }: IncomingCall): unknown {
    const { resource } = this.#target;
    const decoded = decode(resource.request, reading.body, { maxDepth: this.#session.settings.maxDepth });
    if (!decoded.fault) return decoded.value;
    const errors = this.#redact(decoded.errors);
    this.#session.events.emit("invalid-response", { resource: resource.template.name, errors });
    throw new Refusal("invalid", unreadableRequest({ ...decoded, errors }).reason);
  }

  #contextOf(call: IncomingCall): CallContext {
    const { request: _request, requestId, ...parameters } = this.#valuesOf(call);
    return {
      parameters: uncheckedCast(parameters),
      ...(requestId !== undefined && { requestId: uncheckedCast<RequestId>(requestId) }),
      signal: this.ended.signal,
    };
  }

  /** The values of the call and of its handler; a response has the same. */
  #valuesOf({ reading, message }: IncomingCall): TopicValues {
    const { values, requestId } = reading;
    return { ...this.#target.values, ...values, requestId, request: message.topic };
  }

  async #respondWithError(call: IncomingCall, thrown: unknown): Promise<void> {
    const { resource } = this.#target;
    const { template } = resource;
    const isRejection = thrown instanceof Rejection;
    const isRefusal = thrown instanceof Refusal;
    // Without error responses, a rejection has nowhere to go.
    if (!isRefusal && !(isRejection && template.messages?.error)) this.report(thrown);
    const { occasion, message: reason } = isRefusal
      ? thrown
      : new Refusal("failed", "The request could not be served.");
    try {
      await this.#respond(call, "error", () =>
        isRejection
          ? rejectionBody(resource, thrown, this.#redact)
          : errorBody(template.protocol, { occasion, reason }, resource),
      );
    } catch (error) {
      this.report(error);
    }
  }

  /** Sends a response. Rejects with `invalid-response` for a payload that cannot be sent. */
  async #respond(
    call: IncomingCall,
    kind: "success" | "error",
    encodePayload: () => Uint8Array,
  ): Promise<void> {
    const { resource } = this.#target;
    const topic = topicOf(resource, kind);
    const values = this.#valuesOf(call);
    if (!topic || (resource.requestId === "optional" && values["requestId"] === undefined)) return;
    const wrapped = wrapResponse(resource, kind, encodePayload());
    const problems = wrapped.problems(values);
    if (problems.length > 0) throw invalidResponse(resource, problems, this.#redact);
    const body = wrapped.build(values);
    const session = this.#session;
    const build = () => ({ topic: topic.build(values), body });
    await sendRequest(session, () => ({
      target: this.#target,
      withId: false,
      body,
      message: { ids: readerOf(session).ids(undefined), hidesId: true, key: () => "", build },
      qos: call.message.qos,
      timeoutMs: session.settings.timeoutMs,
      filters: [],
      last: true,
    }));
  }

  readonly #redact = (errors: readonly ValidationError[]): readonly ValidationError[] =>
    redactErrors(this.#session, this.#target, errors);
}
