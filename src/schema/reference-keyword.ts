import { _, MissingRefError, Name, type CodeKeywordDefinition } from "ajv";
import { resolveRef, SchemaEnv } from "ajv/dist/compile/index.js";
import { getValidate } from "ajv/dist/vocabularies/core/ref.js";
import { errorsBelow } from "../../templates/validator-helpers.js";

// The variables of ajv's functions.
const vErrors = new Name("vErrors");
const errorCount = new Name("errors");

/**
 * The same as ajv's `$ref`, but a function is called with the value only. ajv also passes the path of the value, which it
 * builds for valid values, too. Here errors have paths within the value, and the caller puts its own path in front.
 */
export const reference: CodeKeywordDefinition = {
  keyword: "$ref",
  schemaType: "string",
  before: "type",
  code(cxt) {
    const { gen, it } = cxt;
    const target = cxt.schema as string;
    const called = resolveRef.call(it.self, it.schemaEnv.root, it.baseId, target);
    if (!(called instanceof SchemaEnv)) throw new MissingRefError(it.opts.uriResolver, it.baseId, target);
    const validate = getValidate(cxt, called);
    cxt.result(_`${validate}(${cxt.data})`, undefined, () => {
      const isPlaced = it.errorPath.emptyStr() || it.createErrors === false;
      const helper = gen.scopeValue("func", { ref: errorsBelow, code: _`helpers.errorsBelow` });
      const errors = isPlaced ? _`${validate}.errors` : _`${helper}(${it.errorPath}, ${validate}.errors)`;
      if (it.compositeRule === true || it.allErrors === true) {
        gen.assign(vErrors, _`${vErrors} === null ? ${errors} : ${vErrors}.concat(${errors})`);
        gen.assign(errorCount, _`${vErrors}.length`);
      } else {
        gen.assign(_`${it.validateName}.errors`, errors);
        gen.return(false);
      }
    });
  },
};
