import { decode, defaultMaxDepth } from "../runtime/codec.js";
import { maskParameters, maskPayload, topicMask } from "../runtime/mask.js";
import { topicReader } from "../runtime/parser.js";
import type { PlatformApi } from "../runtime/platform.js";
import type { IncomingMessage, QoS } from "../runtime/transport.js";

/** A request that reached the mock. What the spec calls secret or sensitive is `***` in it. */
export interface RecordedRequest {
  /** As the spec spells it. */
  readonly extension: string;
  /** As the spec spells it. */
  readonly resource: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly requestId?: number;
  readonly topic: string;
  readonly qos: QoS;
  /** What was read; `undefined` for an empty body, and for one that can not be read. */
  readonly payload: unknown;
}

/** Requests beyond this many push the oldest ones out. */
const MAXIMUM = 10_000;

/** Keeps the requests of an API, in the order of their arrival; whatever else arrives is let pass. */
export class Recorder {
  readonly requests: RecordedRequest[] = [];
  readonly #resources: ReadonlyMap<unknown, PlatformApi["extensions"][number]["resources"][string]>;
  readonly #read: ReturnType<typeof topicReader>;
  readonly #mask: ReturnType<typeof topicMask>;

  constructor({ extensions }: PlatformApi) {
    const resources = extensions.flatMap((extension) => Object.values(extension.resources));
    this.#resources = new Map(resources.map((resource) => [resource.shape, resource]));
    this.#read = topicReader(resources);
    this.#mask = topicMask(resources);
  }

  /** Records a message if it is a request of the API. */
  record({ topic, payload, qos }: IncomingMessage): void {
    const parsed = this.#read(topic);
    if (parsed?.kind !== "request") return;
    const { shape, requestId } = parsed;
    const request = this.#resources.get(shape)?.request;
    const decoded = decode(request && { ...request, optional: true }, payload, {
      maxDepth: defaultMaxDepth,
      check: false,
    });
    this.requests.push({
      extension: shape.extension,
      resource: shape.resource,
      parameters: maskParameters(shape, parsed.parameters),
      ...(requestId !== undefined && { requestId }),
      topic: this.#mask(topic),
      qos,
      payload: maskPayload(decoded.value, request?.sensitive),
    });
    if (this.requests.length > MAXIMUM) this.requests.shift();
  }
}
