// What 10,000 endpoints on one connection to mosquitto keep in memory, each after one answered call; and the time that the
// calls of many endpoints take to fail when they time out together.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { median, progressLine } from "./support/measure.mjs";
import { startMosquitto } from "./support/mosquitto.mjs";

const support = (name) => fileURLToPath(new URL(`./support/${name}`, import.meta.url));
const endpoints = 10_000;
const rounds = 3;
const progress = progressLine();
const mosquitto = await startMosquitto(["set_tcp_nodelay true", "max_queued_messages 0"]);
const responder = spawn(process.execPath, [support("responder.mjs"), String(mosquitto.port)], {
  stdio: ["ignore", "pipe", "inherit"],
});
try {
  await once(responder.stdout, "data");
  console.log(
    `${endpoints.toLocaleString("en")} endpoints on one connection`.padEnd(60),
    "bytes an endpoint",
    "  ratio",
    "  subscribed and answered in",
  );
  let base;
  for (const name of [
    "generated client",
    'generated client, subscribe: "all-endpoints"',
    "bare mqtt.js, two filters each",
  ]) {
    const taken = [];
    for (let round = 0; round < rounds; round++) {
      progress.say?.(`${name}, ${round + 1} of ${rounds}`);
      const args = ["--expose-gc", support("hold-endpoints.mjs"), name, mosquitto.port, endpoints].map(
        String,
      );
      const { stdout } = await promisify(execFile)(process.execPath, args);
      taken.push(JSON.parse(stdout));
    }
    progress.end();
    const bytes = median(taken.map((each) => each.bytes));
    const seconds = median(taken.map((each) => each.seconds));
    base ??= bytes;
    console.log(
      name.padEnd(60),
      bytes.toFixed(0).padStart(17),
      (bytes / base).toFixed(2).padStart(7),
      `${seconds.toFixed(2)} s`.padStart(28),
    );
  }
  console.log(`\n${"calls that time out together".padEnd(60)}  all have failed after`);
  for (const count of [5_000, 10_000, 20_000]) {
    const taken = [];
    for (let round = 0; round < rounds; round++) {
      progress.say?.(`${count} calls, ${round + 1} of ${rounds}`);
      const args = [support("time-out-endpoints.mjs"), String(count)];
      const { stdout } = await promisify(execFile)(process.execPath, args);
      taken.push(JSON.parse(stdout).seconds);
    }
    progress.end();
    console.log(count.toLocaleString("en").padEnd(60), `${median(taken).toFixed(2)} s`.padStart(22));
  }
} finally {
  progress.end();
  responder.kill();
  await mosquitto.stop();
}
