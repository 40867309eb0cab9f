/** The hooks of a client's middleware. */
import { callHook } from "../internal/call-hook.js";
import type { ClientOptions, MiddlewareHooks, ReceivedMessage } from "../options.js";

/** The hooks of a client by their kind, outermost first. */
export type Hooks = {
  readonly [Kind in keyof MiddlewareHooks]-?: readonly NonNullable<MiddlewareHooks[Kind]>[];
};

/** Sorts middleware by the kind of its hooks. */
export function hooksOf({ middleware = [] }: Pick<ClientOptions, "middleware">): Hooks {
  const list = [middleware]
    .flat()
    .map((entry): MiddlewareHooks => (typeof entry === "function" ? { request: entry } : entry));
  return {
    request: list.flatMap(({ request }) => request ?? []),
    message: list.flatMap(({ message }) => message ?? []),
    observation: list.flatMap(({ observation }) => observation ?? []),
  };
}

/** Delivers a message through the hooks, at most once. */
export function deliverThrough(
  hooks: Hooks["message"],
  { body, ...properties }: ReceivedMessage,
  deliver: () => void,
): void {
  const message = Object.defineProperty({ ...properties }, "body", { value: body }) as ReceivedMessage;
  const run = (index: number): void => {
    const hook = hooks[index];
    if (!hook) return deliver();
    let wasCalled = false;
    const next = (): void => {
      if (wasCalled) return;
      wasCalled = true;
      run(index + 1);
    };
    callHook(() => hook(message, next));
  };
  run(0);
}
