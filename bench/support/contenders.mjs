import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { median, progressLine } from "./measure.mjs";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc");
const rounds = 14;

/**
 * Times contenders that take turns, back and forth, each without the garbage of the one before, and prints how often
 * a second each does it, and the ratio to the first.
 */
export function measure(what, contenders) {
  const progress = progressLine();
  const entries = Object.entries(contenders);
  const samples = new Map(entries.map(([name]) => [name, []]));
  for (let round = 0; round <= rounds; round++) {
    progress.say?.(`${what}, ${round === 0 ? "warm-up" : `${round} of ${rounds}`}`);
    for (const [name, work] of round % 2 === 0 ? entries : entries.toReversed()) {
      collectGarbage();
      const perSecond = once(work);
      if (round > 0) samples.get(name).push(perSecond);
    }
  }
  progress.end();
  const base = median(samples.get(entries[0][0]));
  for (const [name, taken] of samples) {
    const perSecond = median(taken);
    console.log(
      `${what}: ${name}`.padEnd(75),
      `${Math.round(perSecond / 1000).toLocaleString("en")} thousand a second`.padStart(26),
      (perSecond / base).toFixed(2).padStart(7),
    );
  }
}

/** Times a second, over about 20 ms. */
function once(work) {
  let done = 0;
  let taken = 0;
  let found = 0;
  const start = performance.now();
  do {
    for (let turn = 0; turn < 500; turn++) found += work() === undefined ? 0 : 1;
    done += 500;
    taken = performance.now() - start;
  } while (taken < 20);
  // So that the work is not optimised away, and is the work that was meant.
  if (found !== done) throw new Error("a contender found nothing");
  return (done / taken) * 1000;
}
