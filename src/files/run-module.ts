import { statSync } from "node:fs";
import { resolve } from "node:path";

/**
 * Runs a TypeScript or JavaScript module that the user named, and what it imports. Each call runs the file again.
 *
 * @param modules Modules that it may import by these names, wherever it is.
 * @returns Its exports.
 * @throws Error of the module itself, or if it cannot be read.
 */
export async function runModule(
  path: string,
  modules: Readonly<Record<string, unknown>> = {},
): Promise<object> {
  const { createJiti } = await import("jiti");
  // By default, jiti runs compiled code that it finds in the temporary folder of the system, where other users write, too.
  const jiti = createJiti(import.meta.url, {
    interopDefault: false,
    fsCache: false,
    // The file is loaded again when it has changed.
    moduleCache: false,
    virtualModules: { ...modules },
  });
  // Otherwise jiti would add endings, or look for an index file in a folder, and run a file that the user did not name.
  if (!statSync(path).isFile()) throw new Error("it is not a file");
  return await jiti.import(resolve(path));
}
