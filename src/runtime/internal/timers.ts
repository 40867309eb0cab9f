/**
 * The longest delay that a timer takes: about 24.8 days. Node and browsers keep the delay as a 32-bit signed integer, and fire a
 * timer with a longer one at once.
 */
export const MAX_TIMER_MS = 2 ** 31 - 1;

/** Beyond this delay of a timer, the event loop was blocked. Timers of an idle loop are at most a millisecond or two late. */
const LATE_MS = 3;

/** Turns of the event loop in which sockets are read before a late limit is final. TLS reads a large message in pieces, one in each turn. */
const READ_TURNS = 32;
/** Milliseconds after which one turn is enough: browsers hold back the timers of hidden pages, and a busy loop has long turns. */
const READ_MS = 100;

/** The late limits: the turn in which they are final, and the time at which one turn is enough. One timer serves all. */
const late = new Map<TimeLimit, { readonly finalTurn: number; readonly enoughAt: number }>();
let turn = 0;
let turnTimer: ReturnType<typeof setTimeout> | undefined;

function nextTurn(): void {
  turn += 1;
  turnTimer = undefined;
  const now = performance.now();
  try {
    // One by one, because each may stop another.
    for (const [limit, { finalTurn, enoughAt }] of late) {
      if (finalTurn > turn && enoughAt > now) break;
      limit.end();
    }
  } finally {
    if (late.size > 0) turnTimer ??= setTimeout(nextTurn, 0);
  }
}

/**
 * A time limit that a blocked event loop does not cut short: a timer that fires late lets the loop read its sockets first, because the
 * awaited message may already be there. Independent of the system's clock.
 */
export class TimeLimit {
  readonly #onOver: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #end = 0;

  constructor(onOver: () => void) {
    this.#onOver = onOver;
  }

  /** Starts, unless it runs. Beyond {@link MAX_TIMER_MS}, there is no limit. */
  start(ms: number): void {
    if (this.#timer !== undefined || ms > MAX_TIMER_MS) return;
    this.#end = performance.now() + ms;
    this.#timer = setTimeout(this.#onTimer, ms);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (late.size === 0 || !late.delete(this) || late.size > 0) return;
    clearTimeout(turnTimer);
    turnTimer = undefined;
  }

  /** Ends the limit now. */
  end(): void {
    late.delete(this);
    this.#timer = undefined;
    this.#onOver();
  }

  readonly #onTimer = (): void => {
    const now = performance.now();
    if (now - this.#end <= LATE_MS) return this.end();
    late.set(this, { finalTurn: turn + READ_TURNS, enoughAt: now + READ_MS });
    turnTimer ??= setTimeout(nextTurn, 0);
  };
}

/** Waits for `work` or `ms` milliseconds, whichever is first. Ignores rejections. Beyond {@link MAX_TIMER_MS}, waits for `work`. */
export async function waitAtMost(work: Promise<unknown>, ms: number): Promise<void> {
  let limit: TimeLimit | undefined;
  const timeout = new Promise<void>((resolve) => {
    limit = new TimeLimit(resolve);
    limit.start(ms);
  });
  await Promise.race([work.catch(() => undefined), timeout]);
  limit?.stop();
}
