import { statSync } from "node:fs";
import { resolve } from "node:path";
import type { MockHandlers } from "./example-handlers.js";

/**
 * Loads handlers from a TypeScript or JavaScript module. Its default export holds them by extension and resource. Runs only
 * the code in this file and in what it imports.
 *
 * @throws Error if the module cannot be loaded, or its default export does not hold handlers.
 */
export async function loadHandlers(path: string): Promise<MockHandlers> {
  const { createJiti } = await import("jiti");
  // By default, jiti runs compiled code that it finds in the temporary folder of the system, where other users write, too.
  const jiti = createJiti(import.meta.url, {
    interopDefault: false,
    fsCache: false,
    // The file is loaded again when it has changed.
    moduleCache: false,
  });
  let loaded: object;
  try {
    // Otherwise jiti would add endings, or look for an index file in a folder, and run a file that the user did not name.
    if (!statSync(path).isFile()) throw new Error("it is not a file");
    loaded = await jiti.import(resolve(path));
  } catch (error) {
    const reason = error instanceof Error ? error.message.split("\n", 1)[0] : String(error);
    throw new Error(`cannot load ${path}: ${reason}`, { cause: error });
  }
  const handlers: unknown = Reflect.get(loaded, "default");
  if (isHandlers(handlers)) return handlers;
  throw new Error(
    `${path} exports no handlers; its default export must be an object such as { epmx: { get: (request, context) => … } }`,
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
