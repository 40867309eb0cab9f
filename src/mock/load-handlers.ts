import { runModule, type RunModule } from "../files/index.js";
import type { MockHandlers } from "./example-handlers.js";

/** Handlers, and the absolute paths of the files that they come from. */
export interface LoadedHandlers {
  readonly handlers: MockHandlers;
  readonly files: readonly string[];
}

/**
 * Loads handlers from a TypeScript or JavaScript module. Its default export holds them by extension and resource. Runs only
 * the code in this file and in what it imports.
 *
 * @throws Error if the module cannot be loaded, or its default export does not hold handlers.
 */
export async function loadHandlers(path: string): Promise<LoadedHandlers> {
  let loaded: RunModule;
  try {
    loaded = await runModule(path);
  } catch (error) {
    const reason = error instanceof Error ? error.message.split("\n", 1)[0] : String(error);
    throw new Error(`cannot load ${path}: ${reason}`, { cause: error });
  }
  const handlers = loaded.default;
  if (isHandlers(handlers)) return { handlers, files: loaded.files };
  throw new Error(
    `${path} exports no handlers; its default export must be an object such as { info: { get: (request, context) => … } }`,
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
