import { statSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve, sep } from "node:path";

/** A module that was run. */
export interface RunModule {
  /** Its default export; of a CommonJS module, all that it exports. */
  readonly default: unknown;
  /** Absolute paths of the module, and of the modules and JSON files outside of `node_modules` that it imports. */
  readonly files: readonly string[];
}

const require = createRequire(import.meta.url);

/**
 * Runs a TypeScript or JavaScript module that the user named, and what it imports. Each call runs all of these files again.
 *
 * @param modules Modules that it may import by these names, wherever it is.
 * @throws Error of the module itself, or if it cannot be read.
 */
export async function runModule(
  path: string,
  modules: Readonly<Record<string, unknown>> = {},
): Promise<RunModule> {
  const { createJiti } = await import("jiti");
  // By default, jiti runs compiled code that it finds in the temporary folder of the system, where other users write, too.
  // Without its cache, files are loaded again when they have changed.
  const options = {
    interopDefault: true,
    fsCache: false,
    moduleCache: false,
    virtualModules: { ...modules },
  };
  const compiler = createJiti(import.meta.url, options);
  const files = new Set<string>();
  const jiti = createJiti(import.meta.url, {
    ...options,
    transform(given) {
      if (given.filename !== undefined) files.add(given.filename);
      return { code: compiler.transform(given) };
    },
  });
  // Otherwise jiti would add endings, or look for an index file in a folder, and run a file that the user did not name.
  if (!statSync(path).isFile()) throw new Error("it is not a file");
  const file = resolve(path);
  const known = new Set(Object.keys(require.cache));
  files.add(file);
  try {
    // Synchronously, because otherwise Node itself loads ES modules, and keeps them.
    const exports: object = jiti(file);
    return { default: defaultOf(exports), files: [...files, ...forget(known)] };
  } catch (error) {
    if (!(error instanceof SyntaxError) || !error.message.includes("await")) throw error;
    // A module with `await` at its top level.
    const exports: object = await jiti.import(file);
    return { default: defaultOf(exports), files: [...files, ...forget(known)] };
  }
}

/** Without a default export, jiti gives the whole module for it. */
function defaultOf(exports: object): unknown {
  if (Object.hasOwn(exports, "default")) return Reflect.get(exports, "default");
  return Object.hasOwn(exports, "__esModule") ? undefined : exports;
}

/** Removes the modules that Node has loaded since from its cache, so that they are loaded again. Returns their paths. */
function forget(known: ReadonlySet<string>): readonly string[] {
  const added = Object.keys(require.cache).filter(
    (path) => !known.has(path) && !path.includes(`${sep}node_modules${sep}`),
  );
  for (const path of added) delete require.cache[path];
  return added;
}
