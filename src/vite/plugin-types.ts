/**
 * The parts of Vite's and Rollup's plugin interfaces that the plugin uses. Declared here, so that the declarations of
 * `topicsmith/vite` need neither of them: both are optional.
 *
 * @module
 */

/** An error or a warning with its place, as Vite's overlay and both command lines show it. */
export interface PluginError {
  readonly message: string;
  readonly plugin: "topicsmith";
  /** Absolute path of the file. */
  readonly id?: string;
  /** Line and column count from 1. */
  readonly loc?: { readonly file: string; readonly line: number; readonly column: number };
  /** The line of the file, and marks below the range. */
  readonly frame?: string;
  /** All errors, as the command line prints them. */
  readonly stack?: string;
}

/** The context of a hook. */
export interface BuildContext {
  error(error: PluginError): never;
  warn(warning: PluginError): void;
  addWatchFile(path: string): void;
}

/** The part of Vite's resolved configuration that the plugin reads. */
export interface ResolvedConfig {
  readonly root: string;
  readonly command: "build" | "serve";
}

/** The part of Vite's development server that the plugin uses. */
export interface DevServer {
  readonly watcher: {
    add(paths: readonly string[]): unknown;
    on(event: "all", listener: (event: string, path: string) => void): unknown;
  };
  readonly ws: {
    send(
      payload: { readonly type: "error"; readonly err: DevError } | { readonly type: "full-reload" },
    ): void;
    on(event: "connection", listener: () => void): unknown;
  };
  readonly config: {
    readonly logger: {
      error(message: string): void;
      warn(message: string): void;
      info(message: string): void;
    };
  };
}

/** An error in Vite's overlay. */
export interface DevError extends Omit<PluginError, "stack"> {
  readonly stack: string;
}

/** The plugin. */
export interface TopicsmithPlugin {
  readonly name: "topicsmith";
  configResolved(config: ResolvedConfig): void;
  buildStart(this: BuildContext): Promise<void>;
  configureServer(server: DevServer): void;
}
