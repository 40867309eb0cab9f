// Loads the libraries that generating needs, and does nothing with them.
import "ajv";
import "handlebars";
import "json-schema-to-typescript";
import "prettier";
import "ts-morph";
import "yaml";
