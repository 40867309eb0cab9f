/** Calls a hook or a listener. Its exception is rethrown in a microtask, so that it reaches neither the client nor other hooks. */
export function callHook(call: () => void): void {
  try {
    call();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
