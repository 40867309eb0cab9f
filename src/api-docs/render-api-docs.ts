import { createHash } from "node:crypto";
import Handlebars from "handlebars";
import { assetText, templateText } from "../emit/assets.js";
import type { ApiModel } from "../model/index.js";
import { pageView, type PageView } from "./page-view.js";

/** The templates that the page consists of. */
const PARTIALS = ["code", "topic", "parameters", "body", "schema", "schema-row", "schema-node"];

/** The assets of the page, beside its view. */
interface PageAssets {
  readonly style: string;
  readonly script: string;
  /** The sources of the Content-Security-Policy: nothing else runs, whatever the spec's prose contains. */
  readonly styleHash: string;
  readonly scriptHash: string;
}

/** Renders the documentation of an API as one HTML page, which needs neither a server nor a network. */
export async function renderApiDocs(model: ApiModel): Promise<string> {
  const handlebars = Handlebars.create();
  for (const name of PARTIALS)
    handlebars.registerPartial(`api-docs-${name}`, templateText(`api-docs-${name}`).trimEnd());
  const style = templateText("api-docs.css");
  const script = assetText("api-docs.js");
  const render = handlebars.compile<PageView & PageAssets>(templateText("api-docs.html"), {
    strict: false,
    preventIndent: true,
  });
  return render({
    ...(await pageView(model)),
    style,
    script,
    styleHash: hashOf(style),
    scriptHash: hashOf(script),
  });
}

function hashOf(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}
