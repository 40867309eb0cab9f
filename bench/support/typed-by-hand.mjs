// Three of Kaa's schemas as people would write them for TypeBox and zod, which say the same about the values below.
import { Type } from "typebox";
import { Compile } from "typebox/compile";
import { z } from "zod";

const METADATA_KEY = "^[a-zA-Z0-9_]+$";
const closed = { additionalProperties: false };
const allDiffer = (items) => new Set(items).size === items.length;

const typebox = {
  commands: Type.Array(Type.Object({ id: Type.Integer(), payload: Type.Optional(Type.Unknown()) }, closed)),
  results: Type.Array(
    Type.Object(
      {
        id: Type.Integer(),
        statusCode: Type.Integer(),
        reasonPhrase: Type.Optional(Type.String()),
        payload: Type.Optional(Type.Unknown()),
      },
      closed,
    ),
  ),
  read: Type.Object(
    { keys: Type.Optional(Type.Array(Type.String({ pattern: METADATA_KEY }), { uniqueItems: true })) },
    closed,
  ),
};

const zod = {
  commands: z.array(z.strictObject({ id: z.int(), payload: z.unknown().optional() })),
  results: z.array(
    z.strictObject({
      id: z.int(),
      statusCode: z.int(),
      reasonPhrase: z.string().optional(),
      payload: z.unknown().optional(),
    }),
  ),
  read: z.strictObject({
    keys: z
      .array(z.string().regex(new RegExp(METADATA_KEY)))
      .refine(allDiffer)
      .optional(),
  }),
};

/** What each schema is called in the table, where it is in Kaa, and values that it takes and refuses. */
export const subjects = [
  {
    name: "commands",
    uri: "spec:/cex.yaml/resources/command/response/schema",
    module: "extensions/cex/command.validators.js",
    validator: "validateCexCommandResponse",
    valid: [
      [],
      [{ id: 1, payload: { delay: 5 } }],
      Array.from({ length: 5 }, (_, id) => ({ id, payload: { on: true, levels: [1, 2, 3] } })),
    ],
    invalid: [{}, [{ id: "1" }], [{ id: 1 }, { id: "2" }], [{ payload: 1 }]],
  },
  {
    name: "command results",
    uri: "spec:/cex.yaml/resources/result/request/schema",
    module: "extensions/cex/result.validators.js",
    validator: "validateCexResultRequest",
    valid: [
      [{ id: 2, statusCode: 200 }],
      [
        { id: 2, statusCode: 200, reasonPhrase: "Done", payload: { uptime: 3 } },
        { id: 3, statusCode: 409, reasonPhrase: "Door is blocked" },
      ],
    ],
    invalid: [
      [{ id: 1 }],
      [{ id: 1, statusCode: 200, reasonPhrase: null }],
      [{ id: 1.5, statusCode: 200 }],
      null,
    ],
  },
  {
    name: "keys to read",
    uri: "spec:/epmx.yaml/resources/get/request/schema",
    module: "extensions/epmx/get.validators.js",
    validator: "validateEpmxGetRequest",
    valid: [{}, { keys: ["name"] }, { keys: ["name", "location", "deviceModel", "serial_number"] }],
    invalid: [{ keys: ["no spaces"] }, { keys: ["a", "a"] }, { key: "a" }, []],
  },
].map((subject, place) => {
  const key = Object.keys(typebox)[place];
  const compiled = Compile(typebox[key]);
  return {
    ...subject,
    "TypeBox's compiler": (value) => compiled.Check(value),
    zod: (value) => zod[key].safeParse(value).success,
  };
});
