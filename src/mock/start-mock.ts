import type { ApiModel } from "../model/index.js";
import {
  createPlatformFor,
  type Platform,
  type PlatformOptions,
  type RefusedRequest,
} from "../runtime/platform.js";
import type { Transport } from "../runtime/transport/transport.js";
import { clientIdOf } from "./aedes-adapter.js";
import { describeApi } from "./describe-api.js";
import type { MockEvent } from "./events.js";
import { exampleHandlers, type MockHandlers } from "./example-handlers.js";
import { Explainer } from "./explainer.js";
import type { Fault } from "./fault.js";
import { FaultInjector } from "./fault-injector.js";
import { FaultPlan, type Faults } from "./faults.js";
import { loadModel } from "./load-model.js";
import { MessageReader } from "./message-reader.js";
import { type BrokerOptions, MockBroker } from "./mock-broker.js";
import { Recording } from "./recording.js";
import { createRedactor, noRedaction } from "./redactor.js";
import { type RecordedRequest, RequestLog } from "./request-log.js";
import { TrafficLogger } from "./traffic-logger.js";

/** The options of a mock. */
export interface MockOptions extends Omit<BrokerOptions, "onEvent"> {
  /**
   * Handlers by extension and resource, as code names them: `{ cmxOta: { config: () => … } }`. Resources without a handler
   * respond with the spec's examples. `false`: only a broker, for a platform of your own on `mock.transport()`.
   */
  readonly handlers?: MockHandlers | false;
  /**
   * Folders whose files a spec may read, beside that of its root file and the git repository around it. Without effect if
   * the mock is started from a model.
   */
  readonly allow?: readonly string[];
  /** Options of the mock's platform. */
  readonly platform?: PlatformOptions;
  /** Faults that are active from the start. */
  readonly faults?: readonly Fault[];
  /** Whether `requests` and printed lines contain secrets. Default: false, they are masked as `***`. */
  readonly showSecrets?: boolean;
  /** Receives one human-readable line for each event. */
  readonly print?: (line: string) => void;
  /** Whether printed lines have colour. Default: false. */
  readonly color?: boolean;
  /**
   * Path of a file to record the events in, as JSON Lines, for a bug report. Secrets are replaced by pseudonyms
   * (`endpoint-1`). The file must not exist.
   */
  readonly record?: string;
  /** Called with every event. Secrets are not masked. */
  readonly onEvent?: (event: MockEvent) => void;
}

/** A broker with a mock platform, for tests and demonstrations. */
export interface Mock {
  /** `mqtt://127.0.0.1:1883` */
  readonly url: string;
  /** `ws://127.0.0.1:8083`; absent without `webSocket`. */
  readonly wsUrl?: string;
  /** The TCP port. */
  readonly port: number;
  /** The mock platform, for pushes; absent with `handlers: false`. */
  readonly platform?: Platform;
  /** The requests that were received, oldest first. Beyond 10,000 requests or 64 MiB, the oldest are dropped. */
  readonly requests: readonly RecordedRequest[];
  /** Injects faults. */
  readonly faults: Faults;
  /** Opens a connection inside this process. Messages that it receives have an `origin`, to respond to. */
  transport(): Transport;
  /** Returns the connections whose subscriptions match a topic, as the `origin` of their messages. */
  subscribers(topic: string): readonly unknown[];
  /**
   * Stops accepting messages from devices. Later ones are not acknowledged, so that their senders keep them. Resolves when
   * the accepted ones have reached the platform.
   */
  drain(): Promise<void>;
  /** Destroys the connection with an origin, or all connections, without a DISCONNECT. */
  disconnect(origin?: unknown): void;
  /** Returns a table of the messages that were printed, with a row for each resource. */
  summary(): string;
  /**
   * Stops the platform and ends all connections, those that do not end within a second by force.
   *
   * @throws Error if the recording could not be written.
   */
  close(): Promise<void>;
}

/**
 * Starts a broker in this process, with a platform on it that responds to every resource of the spec.
 *
 * @param spec Path of the spec's root file, or its model.
 * @throws Error with the diagnostics if the spec has errors; with code EADDRINUSE if a port is taken; with code EEXIST if
 * the file of the recording exists. TypeError for an invalid fault, or a handler of an unknown resource.
 */
export async function startMock(spec: string | ApiModel, options: MockOptions = {}): Promise<Mock> {
  const {
    allow,
    handlers = {},
    platform: platformOptions,
    faults = [],
    showSecrets,
    record,
    ...rest
  } = options;
  const model = typeof spec === "string" ? await loadModel(spec, allow) : spec;
  const { onEvent: report, print, color = false, ...brokerOptions } = rest;
  const api = describeApi(model);
  const platformHandlers = handlers === false ? undefined : exampleHandlers(model, handlers);
  const reader = new MessageReader(api);
  const plan = new FaultPlan(reader.resources);
  for (const fault of faults) plan.next(fault);
  const redactor = showSecrets === true ? noRedaction : createRedactor(api);
  const requestLog = new RequestLog(reader, redactor);
  const explainer = new Explainer(model, reader);
  const explainTopic = (topic: string): string => explainer.unknownTopic(topic);
  const traffic = new TrafficLogger({ reader, redactor, color, explainTopic });
  const recording = record === undefined ? undefined : await Recording.open(record, { api, reader });

  const onEvent = (event: MockEvent): void => {
    requestLog.add(event);
    recording?.write(event);
    report?.(event);
    const line = traffic.line(event);
    if (line !== undefined) print?.(line);
  };
  const onRefused = (refused: RefusedRequest): void => {
    const { topic, payload, origin } = refused.message;
    const reason = explainer.refusal(refused);
    const client = clientIdOf(origin);
    onEvent({ kind: "refused-request", client, topic, payload, occasion: refused.occasion, reason });
    platformOptions?.onRefused?.(refused);
  };
  const injector = new FaultInjector({
    plan,
    reader,
    protocol: api.protocol,
    onEvent,
    deliver: (message, to) => void broker.deliver(message, to),
    disconnect: (origin) => broker.disconnect(origin),
  });
  const broker: MockBroker = await MockBroker.start({ ...brokerOptions, onEvent }, injector).catch(
    async (error: unknown) => {
      await recording?.discard();
      throw error;
    },
  );
  let platform: Platform | undefined;
  const close = async (): Promise<void> => {
    await platform?.stop({ force: true });
    injector.close();
    await broker.close();
    await recording?.close();
  };
  try {
    if (platformHandlers)
      platform = await createPlatformFor(api, broker.transport(), platformHandlers, {
        ...platformOptions,
        onRefused,
      });
  } catch (error) {
    await close();
    throw error;
  }
  const { url, wsUrl, port } = broker;
  return {
    url,
    ...(wsUrl !== undefined && { wsUrl }),
    port,
    ...(platform && { platform }),
    get requests() {
      return requestLog.requests;
    },
    faults: plan,
    transport: () => broker.transport(),
    subscribers: (topic) => broker.subscribers(topic),
    drain: () => broker.drain(),
    disconnect: (origin) => broker.disconnect(origin),
    summary: () => traffic.summary(),
    close,
  };
}
