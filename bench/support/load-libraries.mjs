// Loads the libraries that generating needs, and does nothing with them.
for (const name of ["ajv", "handlebars", "json-schema-to-typescript", "prettier", "ts-morph", "yaml"]) {
  await import(name);
}
