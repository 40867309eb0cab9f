// How fast requests are answered over mosquitto: the generated client beside bare mqtt.js and AWS's request-response client.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { median, progressLine } from "./support/measure.mjs";
import { startMosquitto } from "./support/mosquitto.mjs";

const support = (name) => fileURLToPath(new URL(`./support/${name}`, import.meta.url));
const rounds = 5;
const progress = progressLine();

const limit = "bare mqtt.js, no delay";
const contenders = ["bare mqtt.js", limit, "generated client", "aws-crt"];
/** As people find it, and as it has to be for a client without delay to be fast at QoS 1. */
const brokers = [
  { broker: "mosquitto's default", lines: [] },
  { broker: "set_tcp_nodelay true", lines: ["set_tcp_nodelay true"] },
];
const loads = [0, 1].flatMap((qos) => [1, 64].map((inFlight) => ({ qos, inFlight })));

try {
  for (const { broker, lines } of brokers) await overBroker(broker, lines);
} finally {
  progress.end();
}

async function overBroker(broker, lines) {
  const mosquitto = await startMosquitto(lines);
  const responder = spawn(process.execPath, [support("responder.mjs"), String(mosquitto.port)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    await once(responder.stdout, "data");
    const medians = new Map();
    for (const { qos, inFlight } of loads) {
      const names = contenders.filter((name) => qos === 1 || name !== "aws-crt");
      const results = await compare(names, { port: mosquitto.port, qos, inFlight, broker });
      progress.end();
      print(`${broker}, QoS ${qos}, ${inFlight === 1 ? "one at a time" : `${inFlight} in flight`}`, results);
      if (inFlight === 1) medians.set(qos, results);
    }
    const asPeopleDo = medians.get(1).get("bare mqtt.js").milliseconds;
    const atItsDefault = medians.get(0).get("generated client").milliseconds;
    console.log(
      `an idempotent call at its default QoS, one at a time: ${(asPeopleDo / atItsDefault).toFixed(0)} times as fast as bare mqtt.js at QoS 1\n`,
    );
  } finally {
    responder.kill();
    await mosquitto.stop();
  }
}

/** All contenders in turn, some rounds, back and forth; ratios are taken within a round, so that a machine that slows down slows both. */
async function compare(names, { port, qos, inFlight, broker }) {
  const taken = new Map(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    const results = new Map();
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      progress.say?.(`${broker}, QoS ${qos}, ${inFlight} in flight: ${name}, ${round + 1} of ${rounds}`);
      const args = [support("ask.mjs"), name, port, qos, inFlight, 2_000].map(String);
      const { stdout } = await promisify(execFile)(process.execPath, args);
      results.set(name, JSON.parse(stdout));
    }
    const base = results.get(limit);
    for (const [name, { perSecond, milliseconds }] of results) {
      taken.get(name).push({
        perSecond,
        milliseconds,
        throughputRatio: perSecond / base.perSecond,
        medianRatio: milliseconds / base.milliseconds,
      });
    }
  }
  return new Map(Array.from(taken, ([name, all]) => [name, medianOfEach(all)]));
}

function medianOfEach(records) {
  return Object.fromEntries(
    Object.keys(records[0]).map((key) => [key, median(records.map((record) => record[key]))]),
  );
}

function print(title, results) {
  console.log(
    title.padEnd(50),
    "answers a second",
    "  ratio",
    "   median time",
    "  ratio  (to the limit: no delay, nothing around it)",
  );
  for (const [name, { perSecond, throughputRatio, milliseconds, medianRatio }] of results) {
    console.log(
      `  ${name}`.padEnd(50),
      perSecond.toFixed(0).padStart(16),
      throughputRatio.toFixed(2).padStart(7),
      `${milliseconds.toFixed(2)} ms`.padStart(14),
      medianRatio.toFixed(2).padStart(7),
    );
  }
}
