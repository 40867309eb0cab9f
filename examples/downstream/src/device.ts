import { connect } from "./api/index.js";

/** A thermostat that is connected. */
export interface Device {
  /** Reports the temperature of the room, in degrees Celsius. */
  measured(celsius: number): Promise<void>;
  /** Ends the connection. */
  stop(): Promise<void>;
}

/** Connects a thermostat, and calls a function with the temperature that the user has set, now and after each change. */
export async function startDevice(
  url: string,
  id: string,
  onTarget: (celsius: number) => void,
): Promise<Device> {
  const client = await connect(url);
  const { climate } = client.endpoint(id);
  const targets = climate.target.observe({});
  const reading = (async () => {
    for await (const { celsius } of targets) onTarget(celsius);
  })();
  await targets.ready;
  return {
    measured: (celsius) => climate.measured.send({ celsius }),
    async stop() {
      await client.close();
      await reading.catch(() => undefined);
    },
  };
}
