export { exportAsyncApi, type ExportInput } from "./export/export-document.js";
export type { Side } from "./export/context.js";
export { importAsyncApi, type ImportedSpec, type ImportOptions } from "./import/import-document.js";
export { isExportedText, printDocument, type DocumentFormat } from "./print.js";
