import { describe, expect, it } from "vitest";
import { emitReadme } from "../../../src/emit/emit-readme.js";
import { render } from "../../../src/emit/templates.js";
import { describeApi } from "../../../src/mock/describe-api.js";
import { buildModel } from "../../../src/model/index.js";
import { buildTopic } from "../../../src/runtime/index.js";
import { readDocument } from "../spec/support.js";

/** The README of an API whose only resource has the path `done/{step}`. */
async function readmeOf(step: string, name = "step") {
  const spec = `topicsmith: 1
api: { name: demo, title: Demo, version: 1.0.0 }
protocol:
  topic: "{device}/{extension}/{resource}[/{requestId}]"
  parameters: { device: { bind: endpoint, example: $d } }
  requestId: { minimum: 0, maximum: 99 }
  success: "{request}/ok"
  error: "{request}/err"
extensions:
  water:
    resources:
      done: { path: "done/{${name}}", requestId: none, parameters: { ${name}: ${step} } }
`;
  const { model } = buildModel(await readDocument({ "root.yaml": spec }), { hints: false });
  if (!model) throw new Error("the spec is invalid");
  const [resource] = Object.values(describeApi(model).extensions[0]!.resources);
  const readme = emitReadme(model);
  return { text: "text" in readme ? readme.text : render(readme), template: resource!.template };
}

describe("the README's sample values", () => {
  it.each([
    ["an example", "{ example: start }", "step", "start"],
    ["the name without an example", "{}", "step", "step"],
    ["a changed name if the name is a response suffix", "{}", "ok", "my-ok"],
    ["another value if the name does not match the pattern", '{ pattern: "^[A-Z]$" }', "step", "A"],
  ])("are %s", async (_, parameter, name, sample) => {
    const { text, template } = await readmeOf(parameter, name);
    const [, printed] = /done\.send\("([^"]*)"/.exec(text) ?? [];
    expect(printed).toBe(sample);
    expect(() => buildTopic(template, "request", { device: "d", [name]: printed })).not.toThrow();
    // A device called `$d` would make topics start with `$`.
    expect(text).toContain('client.endpoint("device")');
  });

  it("are a variable if no legal value is known", async () => {
    const { text } = await readmeOf('{ pattern: "^[0-9]{3}-x$" }');
    expect(text).toContain("done.send(step)");
  });
});
