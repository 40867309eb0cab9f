/** The fields of `package.json` that a project decides, beside those of the spec. Each replaces the spec's. */
export interface PackageSettings {
  readonly name?: string;
  /** The package's version, if it differs from the API's: for a release that only regenerates. */
  readonly version?: string;
  readonly description?: string;
  readonly keywords?: readonly string[];
  readonly license?: string;
  readonly author?: string;
  readonly repository?: string | Readonly<Record<string, unknown>>;
  readonly homepage?: string;
  readonly bugs?: string | Readonly<Record<string, unknown>>;
  readonly private?: boolean;
  readonly publishConfig?: Readonly<Record<string, unknown>>;
  readonly engines?: Readonly<Record<string, string>>;
  /** Published in addition to the compiled code and the sources: paths in the package. */
  readonly files?: readonly string[];
  /** Added to the package's own, for modules of own emitters. */
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/** A project's choices about the code that is generated. */
export interface EmitSettings {
  /**
   * `package`: an npm package that builds itself. `source`: only the modules, directly in the output folder, for an
   * application that compiles them with its own code. Default: `package`.
   */
  readonly layout?: "package" | "source";
  /**
   * `bundled`: every package contains the runtime. `topicsmith/runtime`: packages import it, so that several of them share
   * one, and depend on topicsmith. Default: `bundled`.
   */
  readonly runtime?: "bundled" | "topicsmith/runtime";
  /** The ending of import specifiers between generated modules; others than `.js` need `layout: "source"`. Default: `.js`. */
  readonly importExtension?: "" | ".js" | ".ts";
  /** The first lines of every module, as comments: such as a license notice. Default: none. */
  readonly header?: string;
  readonly package?: PackageSettings;
  /** Texts of the templates that replace topicsmith's, by file name: `README.md.hbs`. Default: none. */
  readonly templates?: Readonly<Record<string, string>>;
  /** Entries of the package beside its own, and their modules inside `src/` without an ending. Default: none. */
  readonly entries?: Readonly<Record<string, string>>;
}
