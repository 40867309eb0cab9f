/**
 * The demo of `npm start`. Generates the Kaa client from its spec, builds it, starts a Kaa platform on a free port, and runs a
 * device that uses all resources over MQTT. Exits with 1 if a resource failed.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";

const device = { appVersion: "demo-v1", endpointToken: "JTjdbENzHh" };

// Import the modules that use the client only after it is generated.
await run("node", ["dist/cli/main.js", "generate", "spec/kaa/kaa.yaml"]);
await run("npm", ["run", "--silent", "build", "--workspace", "kaa-device-client"]);
const { startKaa } = await import("./kaa-platform/platform.js");
const { runDevice } = await import("./kaa-device/device.js");

const kaa = await startKaa({ onError: console.error });
try {
  console.log(`Kaa platform listening on ${kaa.url}\n`);
  const blink = await kaa.commands.send(device, "blink", { payload: { times: 3 }, ttlMs: 60_000 });
  await kaa.configuration.assign(device, { reportEvery: 60 });
  await kaa.software.release("1.0.1", { link: "https://downloads.example.com/1.0.1.bin" });

  let pushed = false;
  const failed = await runDevice({
    ...device,
    url: kaa.url,
    print: console.log,
    whileListening: async () => {
      const reboot = await kaa.commands.send(device, "reboot", { payload: { delay: 5 }, ttlMs: 5_000 });
      const rebooted = await kaa.commands.result(device, reboot);
      console.log(`      the platform received the result ${JSON.stringify(rebooted)}`);
      await kaa.configuration.assign(device, { reportEvery: 10 });
      const report = await kaa.configuration.report(device, 5_000);
      console.log(`      the platform received the report ${JSON.stringify(report)}`);
      pushed = rebooted !== undefined && report !== undefined;
    },
  });

  const samples = (await kaa.samples.of(device)).map(({ value }) => value);
  const metadata = Object.fromEntries(kaa.metadata.of(device));
  console.log("\nState of the platform:");
  console.log(`  samples        ${JSON.stringify(samples)}`);
  console.log(`  metadata       ${JSON.stringify(metadata)}`);
  console.log(`  blink          ${JSON.stringify(await kaa.commands.result(device, blink))}`);
  console.log(`  configuration  ${JSON.stringify(kaa.configuration.reportOf(device))}`);
  console.log(`  software       ${JSON.stringify(kaa.software.reportOf(device))}`);
  process.exitCode = failed === 0 && pushed ? 0 : 1;
} finally {
  await kaa.close();
}

/** Runs a program and waits until it ends. */
async function run(command: string, args: readonly string[]): Promise<void> {
  const child = spawn(command, args, { stdio: ["ignore", "inherit", "inherit"] });
  const [code] = await once(child, "exit");
  if (code !== 0) throw new Error(`${command} ${args.join(" ")} exited with ${String(code)}`);
}
