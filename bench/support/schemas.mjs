import { diskFiles } from "../../dist/spec/disk-files.js";
import { readSpec } from "../../dist/spec/index.js";

/** The schemas of a spec, each by itself, with its URI. */
export async function schemasOf(spec) {
  const { document } = await readSpec(spec, diskFiles(spec, {}));
  return document.schemas.map(({ uri, value }) => ({ uri, value }));
}
