import { fileURLToPath } from "node:url";
import { diskFiles } from "../../dist/spec/disk-files.js";
import { readSpec } from "../../dist/spec/index.js";

const kaa = fileURLToPath(new URL("../../generated/kaa/dist/", import.meta.url));

/** The schemas of Kaa's spec, each by itself, with its URI. */
export async function kaaSchemas() {
  const spec = fileURLToPath(new URL("../../spec/kaa/kaa.yaml", import.meta.url));
  const { document } = await readSpec(spec, diskFiles(spec, {}));
  return document.schemas.map(({ uri, value }) => ({ uri, value }));
}

/** Where one of Kaa's generated modules is. */
export const kaaModule = (path) => new URL(path, `file://${kaa}`).href;
