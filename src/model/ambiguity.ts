import type { ExtensionModel, ParameterModel, ResourceModel } from "./api-model.js";
import { below } from "../json/pointer.js";
import type { Context } from "./context.js";
import type { ResolvedProtocol } from "./protocol.js";
import { isRequestId, overlap, shapesOf, type ShapeContext, type TopicShape } from "./topic-shape.js";

/** Refuses resources whose topics can not be told apart (1/KP: the topic alone says what a message is). */
export function checkAmbiguity(
  context: Context,
  protocol: ResolvedProtocol,
  extensions: readonly ExtensionModel[],
): void {
  const accept = protocol.model.requestId?.accept;
  for (const [index, extension] of extensions.entries()) {
    const body = context.document.extensions[index]?.body;
    if (body === undefined) continue;
    const seen: { resource: ResourceModel; shapes: readonly TopicShape[] }[] = [];
    for (const resource of extension.resources) {
      const at = below(body, "resources", resource.key, "path");
      if (context.withoutTopic.has(at.path.join("/"))) continue;
      const last = resource.levels.findLast((level) => level.kind !== "requestId");
      if (last?.kind === "literal" && isRequestId(last.text, accept)) {
        context.report("level-reads-as-id", { level: last.text, resource: resource.key }, at);
        continue;
      }
      const shapes = shapesOf(resource.levels, shapeContext(protocol, resource));
      for (const other of seen) {
        const found = clash(other.shapes, shapes, accept);
        if (found === undefined) continue;
        const [first, second] = found;
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
      seen.push({ resource, shapes });
    }
  }
}

function shapeContext(protocol: ResolvedProtocol, resource: ResourceModel): ShapeContext {
  const own = resource.parameters.map((parameter): [string, ParameterModel] => [parameter.name, parameter]);
  return {
    parameters: new Map([...protocol.parameters, ...own]),
    accept: protocol.model.requestId?.accept,
    suffixes: {
      success: protocol.model.success.split("/").slice(1),
      error: protocol.model.error.split("/").slice(1),
    },
  };
}

/**
 * The first two shapes that one topic can have. Shapes of one resource never clash: what can stand last refuses digits
 * and suffix words.
 */
function clash(
  first: readonly TopicShape[],
  second: readonly TopicShape[],
  accept: ShapeContext["accept"],
): readonly [TopicShape, TopicShape] | undefined {
  for (const a of first) {
    for (const b of second) {
      if (overlap(a, b, accept)) return [a, b];
    }
  }
  return undefined;
}

/** What is left of a shape without the names of its parameters. */
function signature(shape: TopicShape): string {
  return shape.text.replaceAll(/\{(?!requestId\})[^/]*\}/g, "{}");
}

function describe(shape: TopicShape): string {
  return `the ${shape.kind} topic "${shape.text}"`;
}
