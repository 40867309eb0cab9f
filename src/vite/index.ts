/**
 * The plugin for Vite and Rollup, `topicsmith/vite`.
 *
 * @module
 */
import { relative, sep } from "node:path";
import { Debounced } from "../debounced.js";
import type { BuildContext, DevServer, ResolvedConfig, TopicsmithPlugin } from "./plugin-types.js";
import { runJobs, type JobsResult, type PluginOptions } from "./run-jobs.js";

export type { PluginOptions } from "./run-jobs.js";
export type { BuildContext, DevError, DevServer, PluginError, TopicsmithPlugin } from "./plugin-types.js";

/**
 * Generates before a build, and while Vite's development server runs, whenever a spec, a file that it refers to, a template
 * or the configuration changes. An error fails a build. In development, it appears in the overlay at its place, and the
 * output stays as it was.
 *
 * @param options The settings, or the path of a configuration file. Default: the configuration of the project. Paths are
 *   relative to the root of Vite, or in Rollup to the working directory.
 *
 * @example
 *   import topicsmith from "topicsmith/vite";
 *   export default defineConfig({ plugins: [topicsmith()] });
 */
export default function topicsmith(options: PluginOptions = {}): TopicsmithPlugin {
  let root = process.cwd();
  let isServer = false;
  let present: Promise<JobsResult> | undefined;
  return {
    name: "topicsmith",
    configResolved(config: ResolvedConfig) {
      ({ root } = config);
      // In a test run of vitest, nobody sees an overlay.
      isServer = config.command === "serve" && process.env["VITEST"] === undefined;
    },
    async buildStart(this: BuildContext) {
      if (isServer) {
        await present;
        return;
      }
      const { error, warnings, inputs } = await runJobs(options, root);
      for (const path of inputs) this.addWatchFile(path);
      for (const warning of warnings) this.warn(warning);
      if (error) this.error(error);
    },
    configureServer(server: DevServer) {
      present = watchServer(server, () => runJobs(options, root));
    },
  };
}

/** Generates now and after every change. Returns the first result. */
function watchServer(server: DevServer, run: () => Promise<JobsResult>): Promise<JobsResult> {
  const { logger } = server.config;
  const watched = new Set<string>();
  let failure: JobsResult["error"];
  const report = (): void => {
    if (failure) server.ws.send({ type: "error", err: failure });
  };
  const update = async (isFirst: boolean): Promise<JobsResult> => {
    const result = await run();
    const added = result.inputs.filter((path) => !watched.has(path));
    for (const path of added) watched.add(path);
    if (added.length > 0) server.watcher.add(added);
    for (const { message, loc } of result.warnings)
      logger.warn(`topicsmith: ${loc ? `${loc.file}:${loc.line}:${loc.column} - ` : ""}${message}`);
    const hadFailed = failure !== undefined;
    failure = result.error;
    if (failure) {
      logger.error(`topicsmith: nothing was generated for a spec with errors\n${failure.stack}`);
      report();
    } else if (!isFirst) {
      logger.info(`topicsmith: ${result.changed.length} files changed`);
      // A page has to load modules anew that were removed or added. Without changes, this removes the overlay.
      if (hadFailed || result.changed.length > 0) server.ws.send({ type: "full-reload" });
    }
    return result;
  };
  const task = new Debounced(async () => {
    await update(false).catch((error: unknown) =>
      logger.error(`topicsmith: internal error\n${String(error)}`),
    );
  });
  server.watcher.on("all", (_event, path) => {
    if ([...watched].some((one) => path === one || isBelow(one, path))) task.schedule();
  });
  // The overlay of a page that is opened later.
  server.ws.on("connection", report);
  return update(true);
}

/** Whether a path is in a watched folder, such as that of templates. */
function isBelow(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== "" && way !== ".." && !way.startsWith(`..${sep}`);
}
