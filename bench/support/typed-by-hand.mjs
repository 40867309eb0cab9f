// Three of Kaa's schemas as people would write them for TypeBox and zod, which give the same verdicts on the values of `kaa-values.mjs`.
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

const NAMES = { commands: "commands", results: "command results", read: "keys to read" };

/** Contenders by the name of a schema of Kaa. */
export const typedByHand = new Map(
  Object.entries(NAMES).map(([key, name]) => {
    const compiled = Compile(typebox[key]);
    const contenders = {
      "TypeBox's compiler": (value) => compiled.Check(value),
      zod: (value) => zod[key].safeParse(value).success,
    };
    return [name, contenders];
  }),
);
