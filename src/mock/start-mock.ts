import type { ApiModel } from "../model/index.js";
import { createPlatformFor, type Platform, type PlatformOptions } from "../runtime/platform.js";
import type { Transport } from "../runtime/transport/transport.js";
import { describeApi } from "./describe-api.js";
import type { MockEvent } from "./events.js";
import { type CompleteHandlers, exampleHandlers, type MockHandlers } from "./example-handlers.js";
import type { Fault } from "./fault.js";
import { FaultInjector } from "./fault-injector.js";
import { FaultPlan, type Faults } from "./faults.js";
import { loadModel } from "./load-model.js";
import { MessageReader } from "./message-reader.js";
import { type BrokerOptions, MockBroker } from "./mock-broker.js";
import { MockOutput, type OutputOptions } from "./mock-output.js";
import type { RecordedRequest } from "./request-log.js";

/** The options of a mock. */
export interface MockOptions extends Omit<BrokerOptions, "onEvent">, OutputOptions {
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
  const model = typeof spec === "string" ? await loadModel(spec, options.allow) : spec;
  const { handlers = {}, platform: platformOptions, faults = [] } = options;
  const api = describeApi(model);
  const complete = handlers === false ? undefined : await exampleHandlers(model, handlers);
  const plan = new FaultPlan(new MessageReader(api).resources);
  for (const fault of faults) plan.next(fault);
  const output = await MockOutput.open(options, { model, api, relays: options.deliver !== "always" });
  const onEvent = (event: MockEvent): void => output.add(event);
  const injector = new FaultInjector({
    plan,
    reader: output.reader,
    protocol: api.protocol,
    onEvent,
    deliver: (message, to) => void broker.deliver(message, to),
    disconnect: (origin) => broker.disconnect(origin),
  });
  const broker: MockBroker = await MockBroker.start({ ...options, onEvent }, injector).catch(
    async (error: unknown) => {
      await output.discard();
      throw error;
    },
  );
  let platform: Platform | undefined;
  const close = async (): Promise<void> => {
    await platform?.stop({ force: true });
    injector.close();
    await broker.close();
    await output.close();
  };
  try {
    if (complete) {
      for (const note of notesOn(complete)) output.note(note);
      platform = await createPlatformFor(api, broker.transport(), complete.handlers, {
        ...platformOptions,
        onRefused(refused) {
          output.addRefusal(refused);
          platformOptions?.onRefused?.(refused);
        },
        onError(error, context) {
          output.addError(error, context);
          platformOptions?.onError?.(error, context);
        },
      });
    }
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
      return output.requests;
    },
    faults: plan,
    transport: () => broker.transport(),
    subscribers: (topic) => broker.subscribers(topic),
    drain: () => broker.drain(),
    disconnect: (origin) => broker.disconnect(origin),
    summary: () => output.summary(),
    close,
  };
}

function notesOn({ made, without }: CompleteHandlers): readonly string[] {
  return [
    ...(made.length > 0
      ? [`no example of a response, so values are made from the schemas: ${made.join(", ")}`]
      : []),
    ...(without.length > 0
      ? [
          `no example of a response, and no value found that the schema accepts: ${without.join(", ")}; add examples or handlers`,
        ]
      : []),
  ];
}
