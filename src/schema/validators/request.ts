/** The validators to print, by module. */
export interface ValidatorRequest {
  readonly modules: readonly {
    /** A path without extension: `extensions/water/valve.validators`. */
    readonly path: string;
    readonly exports: readonly ValidatorExport[];
  }[];
  /** The path of the module for functions that several modules use. */
  readonly sharedPath: string;
}

/** A validator to print. */
export interface ValidatorExport {
  readonly name: string;
  /** The URI of the schema. */
  readonly uri: string;
  /** The type that it narrows to. The caller adds the import. */
  readonly type?: string;
}

/** A printed module. */
export interface ValidatorModule {
  readonly path: string;
  /** Statements only, without imports and header. Refers to the type `Validator`. */
  readonly code: string;
  readonly imports: readonly { readonly from: string; readonly names: readonly string[] }[];
}
