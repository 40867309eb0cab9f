import type { ApiModel } from "../model/index.js";
import { createPlatformFor, type Platform, type PlatformOptions } from "../runtime/platform.js";
import { type Broker, type BrokerOptions, startBroker } from "./broker.js";
import { createRedactor, noRedaction as nothingConcealed } from "./redactor.js";
import { describeApi } from "./descriptors.js";
import { exampleHandlers, type MockHandlers } from "./example-handlers.js";
import { faultHooks } from "./fault-hooks.js";
import { type Fault, FaultPlan, type Faults } from "./faults.js";
import { loadModel } from "./load-model.js";
import { MessageReader } from "./message-reader.js";
import type { MockEvent } from "./mock-events.js";
import { openRecord } from "./record-file.js";
import { Recorder, type RecordedRequest } from "./recorder.js";
import { Traffic } from "./traffic.js";

/** How a mock listens, delivers, answers, fails and records. */
export interface MockOptions extends Omit<BrokerOptions, "onEvent"> {
  /**
   * Answers by extension and resource, as code names them (`{ cmxOta: { config: () => … } }`); the others come from the
   * spec's examples. `false`: a broker that answers nothing, for a platform of one's own.
   */
  readonly handlers?: MockHandlers | false;
  /** How the mock's platform serves. */
  readonly platform?: PlatformOptions;
  /** Faults that are armed from the start. */
  readonly faults?: readonly Fault[];
  /** Has `requests` and what is printed show secrets. Default: `***` stands in their place. */
  readonly showSecrets?: boolean;
  /** Is given a line for people for each thing that happens. */
  readonly print?: (line: string) => void;
  /** Whether these lines have colour. Default: false. */
  readonly color?: boolean;
  /**
   * A file that is written to as things happen, a JSON value a line, for a bug report: who is who is told by names
   * (`endpoint-1`), not by secrets. It must not be there yet.
   */
  readonly record?: string;
  /** Told of everything that happens, with nothing masked. */
  readonly onEvent?: (event: MockEvent) => void;
}

/** A broker with a platform on it, for tests and demonstrations. */
export interface Mock extends Omit<Broker, "deliver"> {
  /** The platform that answers, to push from; absent with `handlers: false`. */
  readonly platform?: Platform;
  /** Every request that came, oldest first; of very many, the last ones. */
  readonly requests: readonly RecordedRequest[];
  /** Makes things go wrong on purpose. */
  readonly faults: Faults;
  /** What was printed so far, resource by resource: a table for people. */
  summary(): string;
}

/**
 * Starts a broker in this process, and on it a platform that answers every resource of the spec.
 *
 * @param spec Path of the spec's root file, or its model.
 * @throws Error with the diagnostics, if the spec has errors; EADDRINUSE, if the port is taken; EEXIST, if the record is
 * there already; TypeError for a fault or a handler that there can not be.
 */
export async function startMock(spec: string | ApiModel, options: MockOptions = {}): Promise<Mock> {
  const model = typeof spec === "string" ? await loadModel(spec) : spec;
  const { handlers = {}, platform: platformOptions, faults = [], showSecrets, record, ...rest } = options;
  const { onEvent: tell, print, color = false, ...brokerOptions } = rest;
  const api = describeApi(model);
  const answers = handlers === false ? undefined : exampleHandlers(model, handlers);
  const reader = new MessageReader(api);
  const plan = new FaultPlan(reader.resources);
  for (const fault of faults) plan.next(fault);
  const conceal = showSecrets === true ? nothingConcealed : createRedactor(api);
  const recorder = new Recorder(reader, conceal);
  const traffic = new Traffic({ reader, concealer: conceal, color });
  const file = record === undefined ? undefined : await openRecord(record, api, reader);

  const onEvent = (event: MockEvent): void => {
    recorder.record(event);
    file?.write(event);
    tell?.(event);
    const line = print && traffic.line(event);
    if (line !== undefined) print?.(line);
  };
  const hooks = faultHooks({
    plan,
    reader,
    protocol: api.protocol,
    onEvent,
    deliver: (message, to) => void broker.deliver(message, to),
    disconnect: (origin) => broker.disconnect(origin),
  });
  const broker: Broker = await startBroker({ ...brokerOptions, onEvent }, hooks).catch(
    async (error: unknown) => {
      await file?.discard();
      throw error;
    },
  );
  let platform: Platform | undefined;
  const close = async (): Promise<void> => {
    await platform?.stop({ force: true });
    hooks.close();
    await broker.close();
    await file?.close();
  };
  try {
    if (answers) platform = await createPlatformFor(api, broker.transport(), answers, platformOptions);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    ...broker,
    ...(platform && { platform }),
    get requests() {
      return recorder.requests;
    },
    faults: plan,
    summary: () => traffic.summary(),
    close,
  };
}
