import { fileURLToPath } from "node:url";
import { readSpec } from "../../dist/spec/index.js";

const kaa = fileURLToPath(new URL("../../generated/kaa/dist/", import.meta.url));

/** The schemas of Kaa's spec, each by itself, with its URI. */
export async function kaaSchemas() {
  const { document } = await readSpec(fileURLToPath(new URL("../../spec/kaa/kaa.yaml", import.meta.url)));
  return document.schemas.map(({ uri, value }) => ({ uri, value }));
}

/** Where one of Kaa's generated modules is. */
export const kaaModule = (path) => new URL(path, `file://${kaa}`).href;
