import type { SpecDocument } from "../../../src/spec/index.js";
import { ROOT, type Files } from "./support.js";

/** A spec whose one request has this schema, in flow style. */
export function withSchema(schema: string, others: Files = {}, more = ""): Files {
  return {
    "root.yaml": `${ROOT}${more}extensions:\n  ext: { $ref: ./ext.yaml }\n`,
    "ext.yaml": `resources:
  say:
    path: say
    requestId: none
    request: { schema: ${schema} }
    response: { schema: { type: number } }
`,
    ...others,
  };
}

/** The URI of the request's schema. */
export const REQUEST = "spec:/ext.yaml/resources/say/request/schema";
/** The URI of the response's schema. */
export const RESPONSE = "spec:/ext.yaml/resources/say/response/schema";

/** Every schema document by its URI, but the response's. */
export function schemas({ schemas: all }: SpecDocument): Readonly<Record<string, unknown>> {
  return Object.fromEntries(all.filter(({ uri }) => uri !== RESPONSE).map(({ uri, value }) => [uri, value]));
}

/** What the request's schema is called. */
export function requestUri(document: SpecDocument): string | undefined {
  const body = document.extensions[0]?.body;
  return body && document.schemaAt({ file: body.file, path: ["resources", "say", "request", "schema"] })?.uri;
}
