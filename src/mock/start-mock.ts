import type { ApiModel } from "../model/index.js";
import { createPlatformFor, type Platform, type PlatformOptions } from "../runtime/platform.js";
import { type Broker, type BrokerOptions, startBroker } from "./broker.js";
import { describeApi } from "./descriptors.js";
import { exampleHandlers, type MockHandlers } from "./example-handlers.js";
import { loadModel } from "./load-model.js";
import { Recorder, type RecordedRequest } from "./recorder.js";

/** How a mock listens, delivers and answers. */
export interface MockOptions extends BrokerOptions {
  /**
   * Answers by extension and resource, as code names them (`{ cmxOta: { config: () => … } }`); the others come from the
   * spec's examples. `false`: a broker that answers nothing, for a platform of one's own.
   */
  readonly handlers?: MockHandlers | false;
  /** How the mock's platform serves. */
  readonly platform?: PlatformOptions;
}

/** A broker with a platform on it, for tests and demonstrations. */
export interface Mock extends Broker {
  /** The platform that answers, to push from; absent with `handlers: false`. */
  readonly platform?: Platform;
  /** Every request that came, oldest first; of very many, the last ones. */
  readonly requests: readonly RecordedRequest[];
}

/**
 * Starts a broker in this process, and on it a platform that answers every resource of the spec.
 *
 * @param spec Path of the spec's root file, or its model.
 * @throws Error with the diagnostics, if the spec has errors; EADDRINUSE, if the port is taken.
 */
export async function startMock(spec: string | ApiModel, options: MockOptions = {}): Promise<Mock> {
  const model = typeof spec === "string" ? await loadModel(spec) : spec;
  const { handlers = {}, platform: platformOptions, ...brokerOptions } = options;
  const api = describeApi(model);
  const recorder = new Recorder(api);
  const broker = await startBroker(brokerOptions);
  try {
    const listener = broker.transport();
    listener.onMessage((message) => recorder.record(message));
    await listener.subscribe(["#"], 2);
    if (handlers === false) return { ...broker, requests: recorder.requests };
    const answers = exampleHandlers(model, handlers);
    const platform = await createPlatformFor(api, broker.transport(), answers, platformOptions);
    return {
      ...broker,
      platform,
      requests: recorder.requests,
      async close() {
        await platform.stop({ force: true });
        await broker.close();
      },
    };
  } catch (error) {
    await broker.close();
    throw error;
  }
}
