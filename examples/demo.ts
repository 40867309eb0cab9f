/**
 * What `npm start` runs: generates the Kaa client from its spec, builds it, starts a small Kaa on a free port of this
 * machine, and has a device use all of its resources over real MQTT. Exits with 1 if one of them failed.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";

const device = { appVersion: "demo-v1", endpointToken: "JTjdbENzHh" };

// The client is generated first, so what imports it is imported only then.
await run("node", ["dist/cli/main.js", "generate", "spec/kaa/kaa.yaml"], "inherit");
await run("npm", ["run", "--silent", "build", "--workspace", "kaa-device-client"], "ignore");
const { startKaa } = await import("./kaa-platform/platform.js");
const { runDevice } = await import("./kaa-device/device.js");

const kaa = await startKaa({ onError: console.error });
try {
  console.log(`Kaa listens at ${kaa.url}\n`);
  const blinked = kaa.commands.give(device, "blink", { payload: { times: 3 } });
  await kaa.configuration.assign(device, { reportEvery: 60 });
  await kaa.software.release("1.0.1", { link: "https://downloads.example.com/1.0.1.bin" });

  const failed = await runDevice({
    ...device,
    url: kaa.url,
    print: console.log,
    whileListening: async () => {
      const rebooted = await kaa.commands.give(device, "reboot", { payload: { delay: 5 } });
      console.log(`      the platform got the result ${JSON.stringify(rebooted)}`);
      await kaa.configuration.assign(device, { reportEvery: 10 });
      while (kaa.configuration.reportOf(device.endpointToken) === undefined) await pause(10);
    },
  });

  const samples = kaa.samples.of(device.endpointToken);
  const metadata = Object.fromEntries(kaa.metadata.of(device.endpointToken));
  console.log("\nWhat the platform knows now:");
  console.log(`  samples        ${JSON.stringify(samples)}`);
  console.log(`  metadata       ${JSON.stringify(metadata)}`);
  console.log(`  blink          ${JSON.stringify(await blinked)}`);
  console.log(`  configuration  ${JSON.stringify(kaa.configuration.reportOf(device.endpointToken))}`);
  console.log(`  software       ${JSON.stringify(kaa.software.reportOf(device.endpointToken))}`);
  process.exitCode = failed > 0 ? 1 : 0;
} finally {
  await kaa.close();
}

/** Runs a program to its end. */
async function run(command: string, args: readonly string[], stdout: "inherit" | "ignore"): Promise<void> {
  const child = spawn(command, args, { stdio: ["ignore", stdout, "inherit"] });
  const [code] = await once(child, "exit");
  if (code !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${String(code)}`);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
