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
  let loaded: object;
  try {
    loaded = await jiti.import(resolve(path));
  } catch (error) {
    const why = error instanceof Error ? error.message.split("\n", 1)[0] : String(error);
    throw new Error(`${path} can not be loaded: ${why}`, { cause: error });
  }
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
