/** Which validators are wanted, and in which modules. */
export interface ValidatorRequest {
  readonly modules: readonly {
    /** Without an ending: `extensions/cex/command.validators`. */
    readonly path: string;
    readonly exports: readonly ValidatorExport[];
  }[];
  /** The module of what several of them use. */
  readonly sharedPath: string;
}

/** A validator that is wanted. */
export interface ValidatorExport {
  readonly name: string;
  /** The schema. */
  readonly uri: string;
  /** The type that it narrows to; whoever writes the module imports it. */
  readonly type?: string;
}

/** The code of a module. */
export interface ValidatorModule {
  readonly path: string;
  /** Statements only: no imports, no header. It mentions the type `Validator`. */
  readonly code: string;
  readonly imports: readonly { readonly from: string; readonly names: readonly string[] }[];
}
