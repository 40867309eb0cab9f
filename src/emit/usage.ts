import { constantName } from "../model/index.js";
import type { BodyModel, ExtensionModel, ParameterModel, ResourceModel } from "../model/index.js";
import { literal, memberAccess } from "./literal.js";

/** How one resource is used, as the lines of an example; `endpoint` is the endpoint there. */
export function usageOf(extension: ExtensionModel, resource: ResourceModel): string {
  const call = memberAccess(memberAccess("endpoint", extension.name), resource.name);
  const lead = resource.parameters.filter(({ optional }) => !optional).map(sampleOf);
  const request = resource.request === undefined ? [] : [bodySample(resource.request)];
  const { operations, response } = resource;
  const lines: string[] = [];
  if (operations.call) {
    const result = typeof response === "object" ? `const ${constantName(resource.name)} = ` : "";
    lines.push(`${result}await ${call}(${[...lead, ...request].join(", ")});`);
    const level = resource.parameters.find(({ optional }) => optional);
    if (level !== undefined) {
      const options = literal({ [level.name]: level.example ?? level.name });
      const placeholder = request.length > 0 ? request : [];
      lines.push(
        `await ${call}(${[...lead, ...placeholder, options].join(", ")}); // ${level.description ?? level.name}`,
      );
    }
  }
  if (operations.send) {
    const remark = operations.call ? " // without an answer" : "";
    lines.push(`await ${call}.send(${[...lead, ...request].join(", ")});${remark}`);
  }
  if (operations.observe) {
    const asked = resource.request === undefined || resource.request.optional ? [] : request;
    lines.push(
      `for await (const state of ${call}.observe(${[...lead, ...asked].join(", ")})) console.log(state);`,
    );
  }
  if (operations.handle) {
    const answerer = extension.resources.find(({ name }) => name === resource.answeredBy?.resource);
    const answer = answerSample(answerer, resource.answeredBy?.key ?? "");
    lines.push(
      `const serving = await ${call}.handle(${[...lead, `async (item) => (${answer})`].join(", ")});`,
    );
  }
  return lines.map((line) => line.replaceAll(/[\r\n]+/g, " ")).join("\n");
}

function sampleOf(parameter: ParameterModel): string {
  return JSON.stringify(parameter.example ?? parameter.name);
}

/** The spec's first example, or a name that says what belongs there. */
function bodySample(body: BodyModel): string {
  if (body.type === "binary") return "new Uint8Array([1, 2, 3])";
  return body.examples.length > 0 ? literal(body.examples[0]) : "request";
}

/** An example of the answering resource, without the member that is filled in. */
function answerSample(answerer: ResourceModel | undefined, key: string): string {
  const example = [answerer?.request?.examples[0]].flat()[0];
  if (typeof example !== "object" || example === null) return "{}";
  return literal(Object.fromEntries(Object.entries(example).filter(([name]) => name !== key)));
}
