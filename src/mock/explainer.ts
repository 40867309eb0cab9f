import type { SourceRange } from "../diagnostics/index.js";
import type { ApiModel, BodyModel, ResourceModel } from "../model/index.js";
import type { ValidationError } from "../runtime/api/descriptor.js";
import { decode, defaultMaxDepth } from "../runtime/api/codec.js";
import { formatErrors } from "../runtime/api/messages.js";
import type { Resource } from "../runtime/api/resource.js";
import type { RefusedRequest } from "../runtime/platform.js";
import { suggestion } from "./check-fault.js";
import type { MessageReader, ReadMessage } from "./message-reader.js";
import type { FoundMessage } from "./shaped-messages.js";
import { nearestResource } from "./unknown-topic.js";

/** More problems than these are counted only, so that a line stays readable. */
const MAX_PROBLEMS = 3;

/** Formats the reason why a mock refuses a request, with its location in the spec: `/zone must be >= 1 (api.yaml:42)`. */
export class Explainer {
  readonly #model: ApiModel;
  readonly #reader: MessageReader;
  readonly #models: ReadonlyMap<string, ResourceModel>;

  constructor(model: ApiModel, reader: MessageReader) {
    this.#model = model;
    this.#reader = reader;
    const resources = model.extensions.flatMap((extension) => extension.resources);
    this.#models = new Map(resources.map((resource) => [resource.id, resource]));
  }

  /** The reason of a refusal, in one line without values of the request, and the message of an error that a handler threw. */
  refusal({ occasion, reason, errors, cause, message }: RefusedRequest): {
    readonly reason: string;
    readonly cause?: string;
  } {
    const found = this.#reader.find(message.topic, message.payload);
    const resource = found && this.#models.get(found.resource.template.name);
    if (!resource) return { reason: this.unknownTopic(message.topic) };
    if (found.isForeign) return { reason: this.#foreignBody(found) };
    const place = placeText(resource.range);
    if (occasion === "failed") {
      const { response } = resource;
      if (errors.length > 0 && typeof response === "object")
        return { reason: `the handler returned an invalid response: ${this.#problems(errors, response)}` };
      const text = cause instanceof Error ? cause.message : String(cause);
      return { reason: "the handler failed", cause: text.split("\n", 1)[0] ?? "" };
    }
    if (occasion === "invalid" && errors.length > 0 && resource.request)
      return { reason: this.#problems(errors, resource.request, place) };
    return { reason: `${reason} ${place}` };
  }

  /** The problems of a message's body; undefined if it is valid. */
  problem(message: ReadMessage): string | undefined {
    if (message.isForeign) return this.#foreignBody(message);
    const definition = this.#reader.definition(message);
    const model = this.#models.get(message.template.name);
    if (message.ignoredBytes !== undefined) return "the body must be empty";
    if (definition === undefined || model === undefined) return undefined;
    const decoded = decode(definition, message.body, { maxDepth: defaultMaxDepth });
    if (decoded.fault === undefined) return undefined;
    const models = {
      request: model.request,
      success: model.response,
      error: model.error ?? this.#model.protocol.errorPayload,
    };
    const bodyModel = models[message.kind];
    return typeof bodyModel === "object"
      ? this.#problems(decoded.errors, bodyModel, placeText(model.range))
      : undefined;
  }

  /** The reason why a topic belongs to no resource: the nearest one, and what is wrong. */
  unknownTopic(topic: string): string {
    const nearest = nearestResource(topic, this.#reader.resources);
    if (!nearest) return "no resource has a similar topic";
    const { resource, problems } = nearest;
    const { text, name } = resource.template;
    return `the nearest is ${name}${this.#placeOf(resource)}, ${text}: ${problems.join(", ")}`;
  }

  /** The reason why a body is none of the messages of its topic: the resources that share the topic. */
  #foreignBody({ body, template }: FoundMessage): string {
    const decoded = decode({ type: "json" }, body, { maxDepth: defaultMaxDepth });
    const { text } = template;
    const sharing = this.#reader.resources.filter((resource) => resource.template.text === text);
    const named = sharing
      .slice(0, MAX_PROBLEMS)
      .map((resource) => resource.template.name + this.#placeOf(resource));
    const rest = sharing.length - named.length;
    const list = `${named.join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
    const isMalformed = decoded.fault === "malformed";
    const problem = isMalformed ? decoded.errors[0]?.message : "has the form of none of";
    return isMalformed ? `the body ${problem}; expected ${list}` : `the body ${problem} ${list}`;
  }

  #placeOf({ template }: Resource): string {
    const model = this.#models.get(template.name);
    return model ? ` ${placeText(model.range)}` : "";
  }

  #problems(errors: readonly ValidationError[], { schema, sensitive }: BodyModel, place = ""): string {
    const shown = errors
      .slice(0, MAX_PROBLEMS)
      .map((error) => this.#problem(error, { uri: schema?.uri, sensitive, place }));
    const rest = errors.length - shown.length;
    return `${shown.join("; ")}${rest > 0 ? `; and ${rest} more` : ""}`;
  }

  #problem(
    error: ValidationError,
    {
      uri,
      sensitive,
      place,
    }: { readonly uri: string | undefined; readonly sensitive: readonly string[]; readonly place: string },
  ): string {
    const hidden = sensitivePart(error.instancePath, sensitive);
    const shown = hidden === undefined ? error : { ...error, instancePath: hidden, params: {} };
    const text = formatErrors([shown]).replace(/^\(the whole value\)/, "the whole body");
    // A body that cannot be decoded has violated no keyword.
    const violated =
      uri === undefined || error.keyword === "payload" ? undefined : this.#model.violatedAt(uri, error);
    if (!violated) return `${text} ${place}`.trimEnd();
    const meant = suggestion(shown.params["additionalProperty"], violated.properties);
    return `${text}${meant} ${placeText(violated.range)}`;
  }
}

/** `(api.yaml:42)`; `(api.yaml)` for a file of one line, such as the spec that a generated package contains. */
function placeText({ file, line }: SourceRange): string {
  return line === 1 ? `(${file})` : `(${file}:${line})`;
}

/** The beginning of a path that is a sensitive value, whose property names are as secret as the rest of it. */
function sensitivePart(path: string, pointers: readonly string[]): string | undefined {
  const steps = path.split("/");
  for (const pointer of pointers) {
    const wanted = pointer.split("/");
    if (wanted.length <= steps.length && wanted.every((step, at) => step === "*" || step === steps[at]))
      return steps.slice(0, wanted.length).join("/");
  }
  return undefined;
}
