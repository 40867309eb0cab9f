interface SharedListener {
  readonly callbacks: Set<() => void>;
  readonly listener: () => void;
}

/** One listener for all callbacks of a signal, because Node.js warns of more than ten listeners. */
const listeners = new WeakMap<AbortSignal, SharedListener>();

/** Calls back when the signal is aborted. Call the returned function once, to remove the callback. */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  let shared = listeners.get(signal);
  if (shared === undefined) {
    const callbacks = new Set<() => void>();
    const listener = (): void => {
      for (const registered of callbacks) registered();
    };
    listeners.set(signal, (shared = { callbacks, listener }));
    signal.addEventListener("abort", listener);
  }
  const { callbacks, listener } = shared;
  callbacks.add(callback);
  return () => {
    callbacks.delete(callback);
    if (callbacks.size > 0) return;
    listeners.delete(signal);
    signal.removeEventListener("abort", listener);
  };
}
