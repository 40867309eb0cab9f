import { fileURLToPath } from "node:url";
import { schemasOf } from "./schemas.mjs";

/** The schemas of Kaa's spec, each by itself, with its URI. */
export const kaaSchemas = () => schemasOf(fileURLToPath(new URL("../../spec/kaa/kaa.yaml", import.meta.url)));

/** The URL of one of Kaa's generated modules. */
export const kaaModule = (path) => new URL(`../../generated/kaa/dist/${path}`, import.meta.url).href;
