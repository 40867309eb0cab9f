/** Calls of the platform that the client serves. */
import { decode, encode } from "../api/codec.js";
import type { ErrorOccasion, RequestId, ResourceDefinition, ValidationError } from "../api/descriptor.js";
import { fillMessage, formatErrors } from "../api/messages.js";
import { Rejection } from "../api/rejection.js";
import type { AddMethods, RequestTarget, Resource } from "../api/resource.js";
import { TopicsmithError } from "../errors.js";
import { callHook } from "../internal/call-hook.js";
import { uncheckedCast } from "../internal/unchecked-cast.js";
import { checkNumber, type HandleOptions } from "../options.js";
import type { AnyTopic, TopicValues } from "../topics/topic.js";
import { sendRequest } from "./call.js";
import { incomingRequest, incomingSupport } from "./event.js";
import { register, type ValueWorker } from "./handler.js";
import { type IncomingCall, readerOf } from "./message-reader.js";
import { parse, topicOf } from "./message-request.js";
import { payloadOf } from "./message-shapes.js";
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

const encoder = new TextEncoder();

const addHandle: AddMethods = ({ context: { session }, read, addMethod }) => {
  addMethod("handle", async (...args: unknown[]) => {
    const { value, options, target: createTarget } = read(args, true);
    const { concurrency = 1 } = options;
    checkNumber("concurrency", concurrency);
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
interface CallServerOptions extends Pick<HandleOptions, "onError"> {
  readonly concurrency: number;
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

/** The calls of one registration. */
class CallServer implements ValueWorker {
  readonly #session: Session;
  readonly #target: RequestTarget;
  readonly #options: CallServerOptions;
  readonly #queue: IncomingCall[] = [];
  readonly #ended = new AbortController();
  #running = 0;
  #onIdle = (): void => undefined;

  constructor(session: Session, target: RequestTarget, options: CallServerOptions) {
    this.#session = session;
    this.#target = target;
    this.#options = options;
  }

  take(value: unknown): void {
    const call = uncheckedCast<IncomingCall>(value);
    if (this.#queue.length < MAX_QUEUED_CALLS) this.#queue.push(call);
    else {
      const busy = new Refusal("busy", "Too many requests are waiting.");
      void this.#session.task(() => this.#respondWithError(call, busy));
    }
    this.#run();
  }

  dropQueue(): void {
    this.#queue.length = 0;
  }

  end(): void {
    this.dropQueue();
    this.#ended.abort();
  }

  async whenIdle(): Promise<void> {
    if (this.#running > 0) await new Promise<void>((resolve) => (this.#onIdle = resolve));
  }

  report(error: unknown): void {
    callHook(() => this.#options.onError?.(error));
  }

  #run(): void {
    while (this.#running < Math.max(this.#options.concurrency, 1) && this.#queue.length > 0) {
      const call = this.#queue.shift();
      if (call) void this.#session.task(() => this.#serve(call));
    }
  }

  async #serve(call: IncomingCall): Promise<void> {
    this.#running += 1;
    try {
      const value = await this.#options.handler(this.#read(call), this.#contextOf(call));
      await this.#respond(call, "success", value);
    } catch (error) {
      await this.#respondWithError(call, error);
    }
    this.#running -= 1;
    this.#run();
    if (this.#running === 0) this.#onIdle();
  }

  /** The payload of a call. Throws a {@link Refusal}. */
  #read({ reading }: IncomingCall): unknown {
    const { resource } = this.#target;
    const decoded = decode(resource.request, reading.body, { maxDepth: this.#session.settings.maxDepth });
    if (!decoded.fault) return decoded.value;
    const errors = redactErrors(this.#session, this.#target, decoded.errors);
    this.#session.events.emit("invalid-response", { resource: resource.template.name, errors });
    throw new Refusal("invalid", `The request is invalid: ${formatErrors(errors).replaceAll("\n", "; ")}`);
  }

  #contextOf(call: IncomingCall): CallContext {
    const { request: _request, requestId, ...parameters } = this.#valuesOf(call);
    return {
      parameters: uncheckedCast(parameters),
      ...(requestId !== undefined && { requestId: uncheckedCast<RequestId>(requestId) }),
      signal: this.#ended.signal,
    };
  }

  /** The values of the call and of its handler; a response has the same. */
  #valuesOf({ reading, message }: IncomingCall): TopicValues {
    const { values, requestId } = reading;
    return { ...this.#target.values, ...values, requestId, request: message.topic };
  }

  async #respondWithError(call: IncomingCall, thrown: unknown): Promise<void> {
    const { template } = this.#target.resource;
    const isRejection = thrown instanceof Rejection;
    const isRefusal = thrown instanceof Refusal;
    // Without error responses, a rejection has nowhere to go.
    if (!isRefusal && !(isRejection && template.messages?.error)) this.report(thrown);
    try {
      if (isRejection) await this.#respond(call, "error", thrown.payload);
      else {
        const { occasion, message } = isRefusal
          ? thrown
          : new Refusal("failed", "The request could not be served.");
        await this.#respond(call, "error", fillMessage(template.protocol.replies?.[occasion], message), true);
      }
    } catch (error) {
      this.report(error);
    }
  }

  /** Sends a response. `isReply`: the payload is the spec's own, which is left out if it does not match the schema. */
  async #respond(
    call: IncomingCall,
    kind: "success" | "error",
    payload: unknown,
    isReply = false,
  ): Promise<void> {
    const { resource } = this.#target;
    const topic = topicOf(resource, kind);
    const values = this.#valuesOf(call);
    if (!topic || (resource.requestId === "optional" && values["requestId"] === undefined)) return;
    const body = this.#encode(kind, payload, values, isReply);
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

  /** The body of a response. Throws `invalid-response`. */
  #encode(kind: "success" | "error", payload: unknown, values: TopicValues, isReply: boolean): Uint8Array {
    const { resource } = this.#target;
    const found = payloadOf(resource, kind);
    const definition = found === "empty" || (isReply && payload === undefined) ? undefined : found;
    const encoded = encode(definition, payload, this.#session.settings.maxDepth);
    if (encoded.errors && !isReply) throw this.#invalid(encoded.errors);
    const body = encoded.errors ? new Uint8Array() : encoded.body;
    const wrap = resource.wraps?.[kind];
    if (!wrap) return body;
    const plain = parse(body);
    const message = wrap.problem(values, plain);
    if (message !== undefined)
      throw this.#invalid([{ instancePath: "", schemaPath: "", keyword: "wrap", params: {}, message }]);
    return encoder.encode(JSON.stringify(wrap.build(values, plain)));
  }

  #invalid(found: readonly ValidationError[]): TopicsmithError {
    const errors = redactErrors(this.#session, this.#target, found);
    const resource = this.#target.resource.template.name;
    return new TopicsmithError("invalid-response", formatErrors(errors), { resource, errors });
  }
}
