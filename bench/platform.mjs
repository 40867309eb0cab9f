// How many requests a second a platform answers, beside a bare mqtt.js responder, and how long a mock takes to start.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { median, progressLine } from "./support/measure.mjs";
import { startMosquitto } from "./support/mosquitto.mjs";

const support = (name) => fileURLToPath(new URL(`./support/${name}`, import.meta.url));
const rounds = 5;
const progress = progressLine();

try {
  const mosquitto = await startMosquitto(["set_tcp_nodelay true"]);
  try {
    await onBroker("mosquitto", {
      "bare mqtt.js responder": async () => serve(mosquitto.port, "responder.mjs"),
      "platform of that resource": async () => serve(mosquitto.port, "serve-platform.mjs", "ignore"),
      "platform of the whole API": async () => serve(mosquitto.port, "serve-platform.mjs", "reject"),
    });
  } finally {
    await mosquitto.stop();
  }
  const aedes = await startProgram("serve-aedes.mjs");
  try {
    await onBroker("aedes", {
      "bare mqtt.js responder": async () => serve(Number(aedes.said), "responder.mjs"),
      "platform of that resource": async () => serve(Number(aedes.said), "serve-platform.mjs", "ignore"),
      "platform of the whole API": async () => serve(Number(aedes.said), "serve-platform.mjs", "reject"),
      "mock, broker and platform in one process": async () => {
        const mock = await startProgram("serve-mock.mjs");
        return { port: Number(mock.said.split(" ")[0]), stop: mock.stop };
      },
    });
  } finally {
    aedes.stop();
  }
  await startUp();
} finally {
  progress.end();
}

/** Starts a program of ours, and gives the first line that it prints. */
async function startProgram(name, ...args) {
  const child = spawn(process.execPath, [support(name), ...args.map(String)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = await once(child.stdout, "data");
  return { said: line.toString().trim(), stop: () => child.kill() };
}

async function serve(port, name, ...args) {
  const { stop } = await startProgram(name, port, ...args);
  return { port, stop };
}

async function onBroker(broker, contenders) {
  const names = Object.keys(contenders);
  for (const qos of [0, 1]) {
    const taken = new Map(names.map((name) => [name, []]));
    for (let round = 0; round < rounds; round++) {
      const results = new Map();
      for (const name of round % 2 === 0 ? names : names.toReversed()) {
        progress.say?.(`${broker}, QoS ${qos}: ${name}, ${round + 1} of ${rounds}`);
        const { port, stop } = await contenders[name]();
        const args = [support("ask.mjs"), "bare mqtt.js, no delay", port, qos, 64, 1_500].map(String);
        const { stdout } = await promisify(execFile)(process.execPath, args);
        results.set(name, JSON.parse(stdout).perSecond);
        stop();
      }
      for (const [name, perSecond] of results)
        taken.get(name).push({ perSecond, ratio: perSecond / results.get(names[0]) });
    }
    progress.end();
    console.log(`on ${broker}, QoS ${qos}, 64 in flight`.padEnd(50), "answers a second", "  ratio");
    for (const [name, all] of taken) {
      const perSecond = median(all.map((each) => each.perSecond));
      const ratio = median(all.map((each) => each.ratio));
      console.log(`  ${name}`.padEnd(50), perSecond.toFixed(0).padStart(16), ratio.toFixed(2).padStart(7));
    }
  }
}

async function startUp() {
  const times = [];
  for (let round = 0; round < 10; round++) {
    const mock = await startProgram("serve-mock.mjs");
    times.push(Number(mock.said.split(" ")[1]));
    mock.stop();
  }
  console.log(`from startMock to ready, after import: ${median(times).toFixed(0)} ms`);
}
