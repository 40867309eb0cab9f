/**
 * Keywords that describe a value and constrain none, by the vocabulary that defines them. Schemas that are published
 * for other tools carry them, so they are no mistakes.
 */
const VOCABULARIES: Readonly<Record<string, string>> = {
  // JSON Schema 2020-12 validation, sections 8 and 9; `media` was draft-04 hyper-schema.
  "JSON Schema":
    "title description default examples deprecated readOnly writeOnly $comment contentEncoding contentMediaType " +
    "$anchor media links base",
  // OpenAPI 3.0.3 and 3.1, Schema Object. https://spec.openapis.org/oas/v3.0.3#schema-object
  OpenAPI: "discriminator xml externalDocs example nullable",
  // AsyncAPI 3.0, Schema Object. https://www.asyncapi.com/docs/reference/specification/v3.0.0#schemaObject
  AsyncAPI: "schemaFormat",
  // Visual Studio Code. https://code.visualstudio.com/docs/languages/json
  "VS Code":
    "markdownDescription enumDescriptions markdownEnumDescriptions enumItemLabels deprecationMessage " +
    "markdownDeprecationMessage defaultSnippets errorMessage patternErrorMessage doNotSuggest suggestSortText " +
    "allowComments allowTrailingCommas completionDetail enumDetails",
  // json-schema-to-typescript and typescript-json-schema. https://github.com/bcherny/json-schema-to-typescript
  TypeScript: "tsType tsEnumNames typeName",
  // react-jsonschema-form and JSON Editor. https://rjsf-team.github.io https://github.com/json-editor/json-editor
  forms: "enumNames propertyOrder options headerTemplate format_minimum widget order",
  // jsonschema2pojo. https://github.com/joelittlejohn/jsonschema2pojo/wiki/Reference
  Java:
    "javaType existingJavaType extendsJavaClass javaInterfaces javaEnumNames javaEnums javaName javaJsonView customPattern " +
    "customTimezone",
  // ajv-keywords and ajv-errors, which other validators ignore. https://ajv.js.org/packages/
  ajv: "$async",
  // Units of measured values, as sensor schemas give them. https://www.w3.org/TR/wot-thing-description11/#dataschema
  "Web of Things": "unit units @type titles descriptions",
  // OCPP 2.0.1, part 3: every file has it.
  OCPP: "comment",
  // The last level of the topic of a message. https://github.com/VDA5050/VDA5050/tree/main/json_schemas
  VDA5050: "subtopic",
  topicsmith: "sensitive x-topicsmith-name x-topicsmith-index",
};

/** Every keyword of the vocabularies. */
export const ANNOTATIONS: ReadonlySet<string> = new Set(
  Object.values(VOCABULARIES).flatMap((names) => names.split(" ")),
);
