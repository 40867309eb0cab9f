// oxlint-disable-next-line typescript/ban-ts-comment -- with `module: nodenext`, there is no error to expect
// @ts-ignore -- `module: node16` does not know that Node's `require` takes ES modules.
export * from "./dist/mock/index.js";
