import { fileURLToPath } from "node:url";
import { createPlatform } from "kaa-device-client/platform";
import { startMock } from "topicsmith/mock";
import { Commands } from "./commands.js";
import { Configuration } from "./configuration.js";
import { type EndpointId, onEndpointConnected } from "./endpoints.js";
import { mend } from "./lenient.js";
import { Metadata, type MetadataRules } from "./metadata.js";
import { Samples } from "./samples.js";
import { Software } from "./software.js";
import { Tokens } from "./tokens.js";

const SPEC = fileURLToPath(new URL("../../spec/kaa/kaa.yaml", import.meta.url));

/** How {@link startKaa} listens. */
export interface KaaOptions {
  /** 0, the default: any free port of this machine. */
  readonly port?: number;
  readonly metadata?: MetadataRules;
  /** Told what goes wrong inside. */
  readonly onError?: (error: unknown) => void;
}

/** A small Kaa in this process: what devices ask for it answers, and what people would do through its web pages is done here. */
export interface RunningKaa {
  readonly url: string;
  readonly samples: Samples;
  readonly metadata: Metadata;
  readonly commands: Commands;
  readonly configuration: Configuration;
  readonly software: Software;
  readonly tokens: Tokens;
  close(): Promise<void>;
}

/** Starts a Kaa: a broker that answers whoever asks, subscribed or not, and a platform with a memory. */
export async function startKaa({
  port = 0,
  metadata: rules,
  onError = () => {},
}: KaaOptions = {}): Promise<RunningKaa> {
  const broker = await startMock(SPEC, { port, handlers: false, deliver: "always" });
  const samples = new Samples();
  const metadata = new Metadata(rules);
  const tokens = new Tokens();
  const commands = new Commands((endpoint, type, list) =>
    platform.endpoint(endpoint).cex.command.push(type, list),
  );
  const configuration = new Configuration((endpoint, payload, configName) =>
    platform.endpoint(endpoint).cmx.config.push(payload, configName === undefined ? {} : { configName }),
  );
  const software = new Software((endpoint, payload) =>
    platform.endpoint(endpoint).cmxOta.config.push(payload),
  );

  const handlers = {
    dcx: samples.handlers,
    epmx: metadata.handlers,
    cex: commands.handlers,
    cmx: configuration.handlers,
    cmxOta: software.handlers,
    bcx: tokens.handlers,
  };
  const platform = await createPlatform(broker.transport(), handlers, { prepare: mend, onError });

  const greet = async (endpoint: EndpointId): Promise<void> => {
    software.connected(endpoint);
    await configuration.remind(endpoint);
    await commands.remind(endpoint);
  };
  await onEndpointConnected(broker.transport(), (endpoint) => void greet(endpoint).catch(onError));

  return {
    url: broker.url,
    samples,
    metadata,
    commands,
    configuration,
    software,
    tokens,
    async close() {
      commands.close();
      await platform.stop();
      await broker.close();
    },
  };
}
