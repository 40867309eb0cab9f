import { resolve } from "node:path";
import type { MockHandlers } from "./example-handlers.js";

/**
 * Loads the default export of a module, TypeScript or JavaScript: an object of handlers, by extension and resource.
 *
 * @throws Error if it can not be loaded, or has no such export.
 */
export async function loadHandlers(path: string): Promise<MockHandlers> {
  const { createJiti } = await import("jiti");
  const jiti = createJiti(import.meta.url, { interopDefault: false });
  const loaded: object = await jiti.import(resolve(path));
  const handlers: unknown = Reflect.get(loaded, "default");
  if (isHandlers(handlers)) return handlers;
  throw new Error(
    `${path} has no handlers: its default export must be an object like { epmx: { get: (request, context) => … } }`,
  );
}

function isHandlers(value: unknown): value is MockHandlers {
  return (
    typeof value === "object" &&
    value !== null &&
    Object.values(value).every(
      (extension: unknown) =>
        typeof extension === "object" &&
        extension !== null &&
        Object.values(extension).every((handler) => typeof handler === "function"),
    )
  );
}
