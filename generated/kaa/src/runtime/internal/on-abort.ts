interface Waiting {
  readonly callbacks: Set<() => void>;
  readonly listener: () => void;
}

/** One listener a signal serves all who wait for it, for Node warns of more than ten. */
const waiting = new WeakMap<AbortSignal, Waiting>();

/** Calls back when the signal is aborted; the returned function, to be called once, takes that back. */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  let all = waiting.get(signal);
  if (all === undefined) {
    const callbacks = new Set<() => void>();
    const listener = (): void => {
      for (const each of callbacks) each();
    };
    waiting.set(signal, (all = { callbacks, listener }));
    signal.addEventListener("abort", listener);
  }
  const { callbacks, listener } = all;
  callbacks.add(callback);
  return () => {
    callbacks.delete(callback);
    if (callbacks.size > 0) return;
    waiting.delete(signal);
    signal.removeEventListener("abort", listener);
  };
}
