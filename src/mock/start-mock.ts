import type { ApiModel } from "../model/index.js";
import {
  type Api,
  createPlatformFor,
  type Platform,
  type PlatformBase,
  platformMessages,
  type PlatformOptions,
} from "../runtime/platform.js";
import type { Transport } from "../runtime/transport/transport.js";
import { describeApi } from "./describe-api.js";
import type { BrokerMessage, MockEvent } from "./events.js";
import { uncheckedCast } from "../runtime/internal/unchecked-cast.js";
import { type CompleteHandlers, exampleHandlers, type MockHandlers } from "./example-handlers.js";
import { type Fault, suggestion } from "./fault.js";
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
   * Handlers by extension and resource, as code names them: `{ airFlow: { config: () => … } }`. Resources without a handler
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

/** The new parts of a running mock. */
export interface MockUpdate {
  /** Path of the spec's root file, or its model. */
  readonly spec?: string | ApiModel;
  readonly handlers?: MockHandlers;
  readonly faults?: readonly Fault[];
}

/**
 * A broker with a mock platform, for tests and demonstrations. The type parameter is the type of the platform in generated code, such as
 * `LampPlatform`.
 */
export interface Mock<Running extends PlatformBase = Platform> {
  /** `mqtt://127.0.0.1:1883` */
  readonly url: string;
  /** `ws://127.0.0.1:8083`; absent without `ws`. */
  readonly ws?: string;
  /** The TCP port. */
  readonly port: number;
  /** The mock platform, for pushes; absent with `handlers: false`. */
  readonly platform?: Running | undefined;
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
   * Replaces the spec, the handlers or the faults. Connections and subscriptions stay. What is not given stays as it is,
   * except that faults in resources that no longer exist are canceled.
   *
   * @throws Error or TypeError as `startMock` does, for a mistake in any part; the mock then goes on as before.
   */
  update(changed: MockUpdate): Promise<void>;
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
 * the file of the recording exists. TypeError for an unknown option, an invalid fault, or a handler of an unknown resource.
 */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller states the type of the platform
export async function startMock<Running extends PlatformBase = Platform>(
  spec: string | ApiModel,
  options: MockOptions = {},
): Promise<Mock<Running>> {
  refuseUnknownOptions(options);
  const behavior = await prepare(spec, options);
  const { model, api, plan } = behavior;
  const output = await MockOutput.open(options, { model, api, relays: options.deliver !== "always" });
  const onEvent = (event: MockEvent): void => output.add(event);
  const injectorDeps = {
    plan,
    reader: output.reader,
    protocol: api.protocol,
    onEvent,
    deliver: (message: BrokerMessage, to: unknown) => void broker.deliver(message, to),
    disconnect: (origin: unknown) => broker.disconnect(origin),
  };
  const injector = new FaultInjector(injectorDeps);
  const broker: MockBroker = await MockBroker.start({ ...options, onEvent }, injector).catch(
    async (error: unknown) => {
      await output.discard();
      throw error;
    },
  );
  let platform: Platform | undefined;
  let current = behavior;
  const close = async (): Promise<void> => {
    await platform?.stop({ force: true });
    injector.close();
    await broker.close();
    await output.close();
  };
  const serve = async (): Promise<void> => {
    platform = await startPlatform(current, { broker, output, options: options.platform });
  };
  try {
    await serve();
  } catch (error) {
    await close();
    throw error;
  }
  const { url, ws, port } = broker;
  return {
    url,
    ...(ws !== undefined && { ws }),
    port,
    get platform() {
      return uncheckedCast<Running | undefined>(platform);
    },
    get requests() {
      return output.requests;
    },
    faults: plan,
    transport: () => broker.transport(),
    subscribers: (topic) => broker.subscribers(topic),
    drain: () => broker.drain(),
    disconnect: (origin) => broker.disconnect(origin),
    summary: () => output.summary(),
    async update(changed) {
      const next = await prepare(changed.spec ?? current.model, {
        ...options,
        handlers: current.handlers,
        ...changed,
      });
      current = next;
      output.update(next.model, next.api);
      Object.assign(injectorDeps, { reader: output.reader, protocol: next.api.protocol });
      plan.update(output.reader.resources, changed.faults);
      // The requests in progress are answered by the handlers that they have reached.
      const stopped = platform?.stop();
      await serve();
      await stopped;
    },
    close,
  };
}

/** Every option. A misspelled one would have no effect, and its author would not learn why. */
const OPTIONS: Readonly<Record<keyof MockOptions, true>> = {
  allow: true,
  allowOrigins: true,
  color: true,
  deliver: true,
  faults: true,
  handlers: true,
  host: true,
  logFormat: true,
  onEvent: true,
  platform: true,
  port: true,
  print: true,
  printError: true,
  record: true,
  showSecrets: true,
  ws: true,
};

function refuseUnknownOptions(options: object): void {
  const names = Object.keys(OPTIONS);
  for (const name of Object.keys(options)) {
    if (!names.includes(name))
      throw new TypeError(`unknown option of startMock: ${name}${suggestion(name, names)}`);
  }
}

/** The parts of a mock that an update replaces. */
interface Behavior {
  readonly model: ApiModel;
  readonly api: Api;
  readonly handlers: MockHandlers | false;
  /** Absent without a platform. */
  readonly complete: CompleteHandlers | undefined;
  readonly plan: FaultPlan;
}

/** Loads and checks everything, so that a mistake leaves a running mock as it is. */
async function prepare(
  spec: string | ApiModel,
  { allow, handlers = {}, faults = [] }: MockOptions,
): Promise<Behavior> {
  const model = typeof spec === "string" ? await loadModel(spec, allow) : spec;
  const api = describeApi(model);
  const complete = handlers === false ? undefined : await exampleHandlers(model, handlers);
  const plan = new FaultPlan(new MessageReader(api).resources);
  for (const fault of faults) plan.next(fault);
  return { model, api, handlers, complete, plan };
}

async function startPlatform(
  { api, complete }: Behavior,
  {
    broker,
    output,
    options,
  }: { broker: MockBroker; output: MockOutput; options: PlatformOptions | undefined },
): Promise<Platform | undefined> {
  if (!complete) return undefined;
  for (const note of notesOn(complete)) output.note(note);
  const isShaped = api.extensions.some(({ resources }) =>
    Object.values(resources).some(({ support }) => support),
  );
  const create = (given: PlatformOptions): Promise<Platform> =>
    isShaped
      ? createPlatformFor<Platform>(api, broker.transport(), complete.handlers, given, platformMessages)
      : createPlatformFor(api, broker.transport(), complete.handlers, given);
  return create({
    ...options,
    onRefused(refused) {
      output.addRefusal(refused);
      options?.onRefused?.(refused);
    },
    onError(error, context) {
      output.addError(error, context);
      options?.onError?.(error, context);
    },
  });
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
