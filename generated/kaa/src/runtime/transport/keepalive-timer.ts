import { uncheckedCast } from "../internal/unchecked-cast.js";
import { TimeLimit } from "../internal/timers.js";

/** A handle of a timer. mqtt.js gives it back, and does nothing else with it. */
type Handle = ReturnType<typeof setInterval> & number;

/** An interval timer, as mqtt.js takes it. */
interface IntervalTimer {
  readonly set: (callback: () => void, ms: number) => Handle;
  readonly clear: (timer: Handle) => void;
}

/**
 * The timer of mqtt.js's keepalive. When the event loop was blocked, it lets the loop read its sockets first, where the PINGRESP may already
 * be. A worker, which mqtt.js starts from a blob URL in browsers by default, does not run under many a `script-src` policy.
 */
export const keepaliveTimer: IntervalTimer = {
  set(callback, ms) {
    const limit = new TimeLimit(() => {
      limit.start(ms);
      callback();
    });
    limit.start(ms);
    return uncheckedCast<Handle>(limit);
  },
  clear: (timer) => uncheckedCast<TimeLimit>(timer).stop(),
};
