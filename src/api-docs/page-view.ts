import { connectExample } from "../emit/usage.js";
import type { ApiModel, RequestIdModel } from "../model/index.js";
import { bodyView, type BodyView } from "./body-view.js";
import { formatCode } from "./format-code.js";
import { escapeHtml, inlineMarkdown, markdown } from "./markdown.js";
import { parameterViews, type ParameterView } from "./parameter-view.js";
import { resourceView, type ResourceView } from "./resource-view.js";
import { SchemaTrees, type SchemaNode } from "./schema-tree.js";

/** The slots of `api-docs.html.hbs`. Texts whose name ends with `Html` are HTML, all others are escaped by the template. */
export interface PageView {
  readonly title: string;
  readonly version: string;
  readonly specFile: string;
  readonly descriptionHtml: string;
  readonly connect: string;
  readonly hasServers: boolean;
  readonly servers: readonly {
    readonly key: string;
    readonly url: string;
    readonly descriptionHtml: string;
  }[];
  readonly protocolFacts: readonly { readonly name: string; readonly valueHtml: string }[];
  readonly parameters: readonly ParameterView[];
  readonly errorBody?: BodyView;
  readonly hasReplies: boolean;
  readonly replies: readonly { readonly when: string; readonly payload: string }[];
  readonly extensions: readonly {
    readonly id: string;
    readonly title: string;
    readonly descriptionHtml: string;
    readonly resources: readonly ResourceView[];
  }[];
  readonly hasDefinitions: boolean;
  readonly definitions: readonly { readonly id: string; readonly name: string; readonly tree: SchemaNode }[];
}

/** The occasions of the platform's own errors. */
const OCCASIONS: Readonly<Record<string, string>> = {
  invalid: "the request cannot be decoded, or does not match its schema",
  unknown: "no such resource",
  tooLarge: "the request is too large",
  failed: "the platform failed",
  busy: "too many requests at a time",
};

/** Collects what the page shows. */
export async function pageView(model: ApiModel): Promise<PageView> {
  const { protocol } = model;
  const trees = new SchemaTrees(model);
  const ids = new Ids();
  const extensions = [];
  for (const extension of model.extensions) {
    const id = ids.next(extension.key === "" ? "resources" : extension.key);
    const resources = [];
    for (const resource of extension.resources) {
      const resourceId = ids.next([extension.key, resource.key].filter(Boolean).join("."));
      resources.push(await resourceView({ model, extension, resource }, { trees, id: resourceId }));
    }
    const title = extension.title ?? (extension.key === "" ? "Resources" : extension.key);
    extensions.push({ id, title, descriptionHtml: markdown(extension.description), resources });
  }
  const replies = Object.entries(protocol.replies ?? {});
  return {
    title: model.title,
    version: model.version,
    specFile: model.specFile,
    descriptionHtml: markdown(model.description),
    connect: await formatCode(connectExample(model)),
    hasServers: model.servers.length > 0,
    servers: model.servers.map(({ key, url, description }) => ({
      key,
      url,
      descriptionHtml: inlineMarkdown(description),
    })),
    protocolFacts: protocolFacts(model),
    parameters: parameterViews([...protocol.clientParameters, ...protocol.endpointParameters]),
    ...(protocol.hasErrors && { errorBody: bodyView("Error", protocol.errorPayload, trees) }),
    hasReplies: replies.length > 0,
    replies: replies.map(([occasion, payload]) => ({
      when: OCCASIONS[occasion] ?? occasion,
      payload: JSON.stringify(payload),
    })),
    extensions,
    ...definitionsOf(model, trees),
  };
}

/** The sections of shared schemas. The schemas of bodies are shown with their resources. */
function definitionsOf(
  model: ApiModel,
  trees: SchemaTrees,
): Pick<PageView, "hasDefinitions" | "definitions"> {
  const definitions = model.definitions.flatMap(({ uri, typeName }) => {
    const id = trees.sectionId(typeName);
    const tree = id === undefined ? undefined : trees.treeOf(uri);
    return id === undefined || tree === undefined ? [] : [{ id, name: typeName, tree }];
  });
  return { hasDefinitions: definitions.length > 0, definitions };
}

function protocolFacts({ protocol }: ApiModel): PageView["protocolFacts"] {
  const code = (text: string) => `<code>${escapeHtml(text)}</code>`;
  const { template, success, error, requestId, mqtt } = protocol;
  return [
    ...(template === undefined ? [] : [{ name: "Requests", valueHtml: code(template) }]),
    ...(success === undefined
      ? []
      : [{ name: "Success", valueHtml: `the topic of the request and ${code(success)}` }]),
    ...(error === undefined
      ? []
      : [{ name: "Error", valueHtml: `the topic of the request and ${code(error)}` }]),
    ...(requestId === undefined ? [] : [{ name: "Request ids", valueHtml: idText(requestId) }]),
    { name: "MQTT", valueHtml: escapeHtml(mqtt) },
  ];
}

function idText(ids: RequestIdModel): string {
  const scope = ids.uniquePer.length === 0 ? "" : `, unique per ${escapeHtml(ids.uniquePer.join(", "))}`;
  if ("type" in ids) return `texts of at most ${ids.maxLength} bytes${scope}`;
  const { send, accept } = ids;
  const isWider = accept.minimum < send.minimum || accept.maximum > send.maximum;
  const wider = isWider ? ` (${accept.minimum} to ${accept.maximum} are accepted)` : "";
  return `${send.minimum} to ${send.maximum}${wider}${scope}`;
}

/** Distributes ids of elements. Keys that differ in characters that no id should have get a number. */
class Ids {
  readonly #taken = new Set([
    "overview",
    "protocol",
    "content",
    "contents",
    "search",
    "theme",
    "menu",
    "found",
    "schemas",
  ]);

  next(key: string): string {
    const base = key.replaceAll(/[^\p{L}\p{N}._-]+/gu, "-");
    let id = base;
    for (let number = 2; this.#taken.has(id); number++) id = `${base}-${number}`;
    this.#taken.add(id);
    return id;
  }
}
