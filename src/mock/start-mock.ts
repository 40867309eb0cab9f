import type { ApiModel } from "../model/index.js";
import {
  type Api,
  createPlatformFor,
  type Platform,
  type PlatformBase,
  platformMessages,
  type PlatformOptions,
} from "../runtime/platform.js";
import type { MockOf, MockUpdateOf } from "../runtime/testing/mock.js";
import type { MockOptionsOf } from "../runtime/testing/options.js";
import type { SpecData } from "../runtime/testing/start-mock-of.js";
import { describeApi } from "./describe-api.js";
import type { BrokerMessage, MockEvent } from "../runtime/testing/events.js";
import { uncheckedCast } from "../runtime/internal/unchecked-cast.js";
import { type CompleteHandlers, exampleHandlers, type MockHandlers } from "./example-handlers.js";
import { checkMockOptions } from "./check-mock-options.js";
import { FaultInjector } from "./fault-injector.js";
import { FaultPlan } from "./fault-plan.js";
import { loadModel, loadModelOf } from "./load-model.js";
import { MessageReader } from "./message-reader.js";
import { MockBroker } from "./mock-broker.js";
import { MockOutput } from "./mock-output.js";

/** The options of a mock. */
export interface MockOptions extends MockOptionsOf<MockHandlers> {
  /**
   * Folders whose files a spec may read, beside that of its root file and the git repository around it. Without effect
   * unless the spec is a path.
   */
  readonly allow?: readonly string[];
}

/** The new parts of a running mock. */
export interface MockUpdate extends MockUpdateOf<MockHandlers> {
  readonly spec?: MockSpec;
}

/** Path of a spec's root file, its model, or the spec of a generated package. */
export type MockSpec = string | ApiModel | SpecData;

/**
 * A broker with a mock platform, for tests and demonstrations. The type parameter is the type of the platform in generated code, such as
 * `LampPlatform`.
 */
export interface Mock<Running extends PlatformBase = Platform> extends MockOf<Running, MockHandlers> {
  /**
   * Replaces the spec, the handlers or the faults. Connections and subscriptions stay. What is not given stays as it is,
   * except that faults in resources that no longer exist are canceled.
   *
   * @throws Error or TypeError as `startMock` does, for a mistake in any part; the mock then goes on as before.
   */
  update(changed: MockUpdate): Promise<void>;
}

/**
 * Starts a broker in this process, with a platform on it that responds to every resource of the spec.
 *
 * @throws Error with the diagnostics if the spec has errors; with code EADDRINUSE if a port is taken; with code EEXIST if
 * the file of the recording exists. TypeError for an unknown option, one of a wrong kind, an invalid fault, or a handler of an unknown resource.
 */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller states the type of the platform
export async function startMock<Running extends PlatformBase = Platform>(
  spec: MockSpec,
  options: MockOptions = {},
): Promise<Mock<Running>> {
  checkMockOptions(options);
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
      const { spec: changedSpec = current.model, ...changedOptions } = changed;
      checkMockOptions(changedOptions);
      const next = await prepare(changedSpec, {
        ...options,
        handlers: current.handlers,
        ...changedOptions,
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
  spec: MockSpec,
  { allow, handlers = {}, faults = [] }: MockOptions,
): Promise<Behavior> {
  const model = await modelOf(spec, allow);
  const api = describeApi(model);
  const complete = handlers === false ? undefined : await exampleHandlers(model, handlers);
  const plan = new FaultPlan(new MessageReader(api).resources);
  for (const fault of faults) plan.next(fault);
  return { model, api, handlers, complete, plan };
}

async function modelOf(spec: MockSpec, allow: readonly string[] | undefined): Promise<ApiModel> {
  if (typeof spec === "string") return loadModel(spec, allow);
  return "files" in spec ? loadModelOf(spec) : spec;
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
      // A promise reaches the platform, which handles its rejection.
      return options?.onRefused?.(refused);
    },
    onError(error, context) {
      output.addError(error, context);
      return options?.onError?.(error, context);
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
