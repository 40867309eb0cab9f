import type { ExtensionModel, ParameterModel, ResourceModel } from "./api-model.js";
import { below } from "../json/pointer.js";
import type { Context } from "./context.js";
import type { ResolvedProtocol } from "./protocol.js";
import { parseRequestId } from "../runtime/topics/grammar.js";
import { topicVariants, type TopicVariant, type VariantContext, variantsOverlap } from "./topic-variants.js";

/**
 * Reports resources of an extension whose topics overlap: the topic alone decides which resource and kind a message belongs to. Messages
 * with bodies that tell them apart are compared elsewhere.
 */
export function checkAmbiguity(
  context: Context,
  protocol: ResolvedProtocol,
  extensions: readonly ExtensionModel[],
): void {
  const accept = acceptedIds(protocol);
  for (const [index, extension] of extensions.entries()) {
    const body = context.document.extensions[index]?.body;
    if (body === undefined) continue;
    const seen: { resource: ResourceModel; variants: readonly TopicVariant[] }[] = [];
    for (const resource of extension.resources) {
      if (resource.form === "messages") continue;
      const at = below(body, "resources", resource.key, "path");
      if (context.withoutTopic.has(at.path.join("/"))) continue;
      const last = resource.levels.findLast((level) => level.kind !== "requestId");
      if (last?.kind === "literal" && parseRequestId(last.text, accept) !== undefined) {
        context.report("ambiguous-last-level", { level: last.text, resource: resource.key }, at);
        continue;
      }
      const variants = topicVariants(resource.levels, variantContext(protocol, resource));
      for (const other of seen) {
        const overlap = firstOverlap(other.variants, variants, accept);
        if (overlap === undefined) continue;
        const [first, second] = overlap;
        if (first.kind === second.kind && signature(first) === signature(second)) {
          context.report(
            "duplicate-topic",
            { first: other.resource.key, second: resource.key, topic: first.text },
            at,
          );
        } else {
          const params = {
            first: `${describe(first)} of ${other.resource.key}`,
            second: `${describe(second)} of ${resource.key}`,
          };
          context.report("ambiguous-topic", params, at);
        }
      }
      seen.push({ resource, variants });
    }
  }
}

/** The numbers that are request ids; undefined if there are none. */
function acceptedIds({ model: { requestId } }: ResolvedProtocol): VariantContext["accept"] {
  return requestId === undefined || "type" in requestId ? undefined : requestId.accept;
}

function variantContext(protocol: ResolvedProtocol, resource: ResourceModel): VariantContext {
  const own = resource.parameters.map((parameter): [string, ParameterModel] => [parameter.name, parameter]);
  return {
    parameters: new Map([...protocol.parameters, ...own]),
    accept: acceptedIds(protocol),
    suffixes: {
      success: (protocol.model.success ?? "").split("/").slice(1),
      error: (protocol.model.error ?? "").split("/").slice(1),
    },
  };
}

/**
 * The first two overlapping variants of two resources. Variants of one resource never overlap, because a trailing parameter
 * accepts neither numbers nor response suffixes.
 */
function firstOverlap(
  first: readonly TopicVariant[],
  second: readonly TopicVariant[],
  accept: VariantContext["accept"],
): readonly [TopicVariant, TopicVariant] | undefined {
  for (const a of first) {
    for (const b of second) {
      if (variantsOverlap(a, b, accept)) return [a, b];
    }
  }
  return undefined;
}

/** The text of a variant without the names of its parameters. */
function signature(variant: TopicVariant): string {
  return variant.text.replaceAll(/\{(?!requestId\})[^/]*\}/g, "{}");
}

function describe(variant: TopicVariant): string {
  return `the ${variant.kind} topic "${variant.text}"`;
}
