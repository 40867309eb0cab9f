/** Which answer belongs to which request: ids, who waits on which topic, and what was answered of late. */
import { MAX_TIMER_MS } from "../internal/timers.js";
import { IdScope } from "./request-ids.js";
import type { Settings } from "../options.js";
import type { Protocol } from "../api/protocol.js";

/** Whether a response reports success or an error. */
export type ResponseKind = "success" | "error";

/** Receives the responses that arrive on a request's topic. */
export interface ResponseSink {
  /** Returns `false` if the message cannot be a response to this request. */
  respond(kind: ResponseKind, body: Uint8Array): boolean;
}

/** An id whose request is over. */
export interface QuarantinedId {
  readonly topic: string;
  readonly id: number;
  readonly scope: IdScope;
  readonly answered: boolean;
  /** How many answers may still come: the id rests until they have, or for so long. */
  readonly owed: number;
  readonly quarantineMs: number;
}

/** See above. */
export interface Correlation {
  /** The ids that are unique within `key`. */
  scope(key: string): IdScope;
  /** Answers to `topic` go to this one. */
  expect(topic: string, sink: ResponseSink): void;
  retire(retired: QuarantinedId): void;
  /** Gives an answer to who waits for it; or says what else it is, if that is known. */
  deliver(
    topic: string,
    kind: ResponseKind,
    body: Uint8Array,
  ): "delivered" | "late" | "duplicate" | undefined;
  stats(): { readonly queued: number; readonly quarantined: number };
  /** Ends all rests. After that there is no timer. */
  close(): void;
}

/** How many topics a generation of answered ones has. */
const remembered = 1_000;
/** About how many scopes without a request keep the order of their ids. */
const keptScopes = 10_000;

/** Nothing is under way yet. */
export function correlation(protocol: Protocol, settings: Settings): Correlation {
  // Not a `Map`, for the reason that there are chains: see chain.ts.
  const pending: Record<string, ResponseSink> = Object.create(null);
  const scopes = new Map<string, IdScope>();
  let maxScopes = keptScopes;
  /** Ids that are not used again yet, by their topic. */
  const quarantined = new Map<
    string,
    { readonly answered: boolean; owed: number; readonly end: () => void }
  >();
  /** Topics that were answered of late, in two generations, to know a duplicate from a stranger. */
  let answered = new Set<string>();
  let answeredBefore = new Set<string>();

  const remember = (topic: string): void => {
    if (answered.add(topic).size >= remembered) [answeredBefore, answered] = [answered, new Set()];
  };

  /** Who waits gets it a moment later: an answer that comes twice mostly does so at once, and must not be the next one's. */
  const letGo = (scope: IdScope, id: number, turns = scope.queued === 0 ? 0 : 10): void => {
    if (turns === 0) scope.release(id);
    else queueMicrotask(() => letGo(scope, id, turns - 1));
  };

  return {
    scope(key) {
      let scope = scopes.get(key);
      if (scope) return scope;
      if (scopes.size >= maxScopes) {
        for (const [other, { idle }] of scopes) if (idle) scopes.delete(other);
        // So that looking through them is rare, however many are in use.
        maxScopes = Math.max(keptScopes, scopes.size * 2);
      }
      scope = new IdScope(protocol.requestId?.send ?? { minimum: 0, maximum: 0 }, settings.maxQueued);
      scopes.set(key, scope);
      return scope;
    },
    expect(topic, sink) {
      pending[topic] = sink;
    },
    retire({ topic, id, scope, answered: wasAnswered, owed, quarantineMs }) {
      delete pending[topic];
      if (owed <= 0) {
        if (wasAnswered) remember(topic);
        return letGo(scope, id);
      }
      const end = (): void => {
        clearTimeout(timer);
        quarantined.delete(topic);
        letGo(scope, id);
      };
      // Where there was no limit, one must be made up: ids are few.
      const limit = [quarantineMs, settings.timeoutMs].find((ms) => ms <= MAX_TIMER_MS) ?? 0;
      const timer = setTimeout(
        end,
        Math.min(settings.idQuarantineMs ?? Math.max(limit, 5_000), MAX_TIMER_MS),
      );
      answered.delete(topic);
      answeredBefore.delete(topic);
      quarantined.set(topic, { answered: wasAnswered, owed, end });
    },
    deliver(topic, kind, body) {
      if (pending[topic]?.respond(kind, body)) return "delivered";
      const rest = quarantined.get(topic);
      if (!rest) return answered.has(topic) || answeredBefore.has(topic) ? "duplicate" : undefined;
      rest.owed -= 1;
      if (rest.owed <= 0) {
        rest.end();
        remember(topic);
      }
      return rest.answered ? "duplicate" : "late";
    },
    stats: () => ({
      queued: Array.from(scopes.values()).reduce((sum, scope) => sum + scope.queued, 0),
      // What was answered was not given up, even if a further answer may come.
      quarantined: Array.from(quarantined.values()).filter((rest) => !rest.answered).length,
    }),
    close() {
      for (const { end } of quarantined.values()) end();
    },
  };
}
