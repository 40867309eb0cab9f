"use strict";
// The mock is an ES module, which Node's `require` takes, but jest's does not. So this is the `require` of Node's own context, which
// is another one than that of a jest test.
const { runInThisContext } = require("node:vm");
const { createRequire } = runInThisContext("process").getBuiltinModule("node:module");
module.exports = createRequire(__filename)("./dist/mock/index.js");
