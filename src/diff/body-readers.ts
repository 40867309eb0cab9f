/** Which values each side takes for a body. */
import type { ApiModel, BodyModel } from "../model/index.js";
import { isValidWithoutUnknown } from "../runtime/client/unknown-properties.js";
import { goalAt } from "./schema/goal.js";
import type { Reader, Refusal } from "./schema/witness.js";

/** The values of a schema. */
export function readerAt(api: ApiModel, uri: string): Reader {
  return { goal: goalAt(api.schemas, uri), refuse: (value) => api.schemas.validate(uri, value) };
}

/** The values of a body by its schema. A text is always a string. */
export function strictReader(api: ApiModel, { schema, type }: BodyModel): Reader {
  const goal = goalAt(api.schemas, schema?.uri);
  return {
    goal,
    refuse(value) {
      if (type === "text" && (typeof value === "object" || value === undefined)) return [NOT_TEXT];
      return schema === undefined ? [] : api.schemas.validate(schema.uri, value);
    },
  };
}

const NOT_TEXT: Refusal = {
  keyword: "type",
  instancePath: "",
  schemaPath: "",
  params: {},
  message: "must be text",
};

/** The values that a client takes, which knows only one version: also those with properties that it does not know. */
export function lenientReader(api: ApiModel, body: BodyModel): Reader {
  const strict = strictReader(api, body);
  const { schema, emptyWhen } = body;
  if (schema === undefined) return strict;
  const validate = api.schemas.validator(schema.uri);
  return {
    goal: strict.goal,
    refuse(value) {
      if (emptyWhen !== undefined && api.schemas.validate(emptyWhen.uri, value).length === 0) return [];
      const refusals = strict.refuse(value);
      if (refusals.length === 0 || body.tolerant !== true || validate(value)) return refusals;
      return isValidWithoutUnknown(validate, value) ? [] : refusals;
    },
  };
}
