import type { JobOrigin, OutputSettings } from "./config/index.js";
import type { Findings, LoadOptions } from "./load-api.js";
import type { ApiModel } from "./model/index.js";
import type { FinishedFile, OutdatedFile } from "./write/index.js";

/** The options of {@link render}: those that determine the files of a package. */
export interface RenderOptions extends LoadOptions, OutputSettings {
  /** Path of the spec's root file. */
  readonly spec: string;
  /** Output folder. Default: `generated/<api.name>` in `root`. */
  readonly out?: string;
  /** Folder in which the default output folder is. Default: the working directory. */
  readonly root?: string;
  /** The place of these options in a configuration file, for messages. */
  readonly origin?: JobOrigin;
  /** The command that generates the package, for messages. Default: `npx topicsmith generate` with spec and folder. */
  readonly command?: string;
}

/** The options of {@link generate}. */
export interface GenerateOptions extends RenderOptions {
  /** Overwrite existing files that topicsmith did not generate, and edits of those it did. Default: false. */
  readonly overwrite?: boolean;
}

/** The options of {@link check}. */
export interface CheckOptions extends RenderOptions {
  /**
   * If the digests in the manifest match, compare nothing else. Takes a tenth of the time, but anyone who can edit the
   * output can also edit the digests. Default: false.
   */
  readonly trustManifest?: boolean;
}

/** The outcome of a function of this package. */
export interface Outcome extends Findings {
  /** Whether there are neither errors nor, with `strict`, warnings. */
  readonly ok: boolean;
  /** Absolute paths of the files to watch: those that the result depends on, whether they exist or not. */
  readonly inputs: readonly string[];
}

/** The result of {@link render}. */
export interface Rendered extends Outcome {
  /** The checked API; absent unless `ok`. */
  readonly model?: ApiModel;
  /** The files of the package, with their final text; empty unless `ok`. */
  readonly files: readonly FinishedFile[];
}

/** The result of {@link generate}. Paths are relative to the output folder. */
export interface Generated extends Outcome {
  /** The output folder; absent if nothing was written because of errors in the spec. */
  readonly out?: string;
  /** True if the digests in the manifest match, so that the spec was not read at all. */
  readonly upToDate: boolean;
  /** True if the output folder was not managed by topicsmith before. */
  readonly isNew: boolean;
  readonly written: readonly string[];
  readonly removed: readonly string[];
  /** Number of files that did not change; 0 if `upToDate`. */
  readonly unchanged: number;
}

/** The result of {@link check}. `ok` if the output folder is up to date. */
export interface Checked extends Outcome {
  /** The output folder; absent if nothing was compared because of errors in the spec. */
  readonly out?: string;
  /** Empty if the output folder is up to date. */
  readonly outdated: readonly OutdatedFile[];
}

/** The result of {@link validate}. */
export type Validated = Outcome;
