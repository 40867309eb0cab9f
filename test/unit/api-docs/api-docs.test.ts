import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { renderApiDocs } from "../../../src/api-docs/index.js";
import { sampleBody, sampleId } from "../../../src/api-docs/sample-message.js";
import { loadApi } from "../../../src/load-api.js";
import { bodyTemplate, type BodyTemplateJson } from "../../../src/runtime/api/body-template.js";
import { DOCS, EXAMPLE_API, inSampleFolder, specFiles, type SampleFiles } from "../../support/doc-pages.js";
import { SCENARIOS, scenarioNames } from "../../support/scenarios.js";

/** The page of the spec at a path; undefined if the spec has errors. */
async function pageOf(spec: string): Promise<string | undefined> {
  const { model } = await loadApi(spec);
  return model && renderApiDocs(model);
}

/** The page of an API whose spec is a sample. */
async function samplePage(files: SampleFiles): Promise<string> {
  return inSampleFolder(files, async (folder) => {
    const page = await pageOf(join(folder, "kettle.yaml"));
    if (page === undefined) throw new Error("the sample has errors");
    return page;
  });
}

/** The part of a page about a resource, without tags. */
function resourceText(page: string, id: string): string {
  const article = page.slice(page.indexOf(`<article id="${id}"`));
  return article
    .slice(0, article.indexOf("</article>"))
    .replaceAll(/<[^>]*>/g, " ")
    .replaceAll(/\s+/g, " ")
    .replaceAll("&quot;", '"')
    .replaceAll("&#x27;", "'")
    .replaceAll("&#x3D;", "=");
}

describe("the page of an API", () => {
  it("shows a resource with its topics, payloads, constraints, errors and pushes as one thing", async () => {
    const page = (await pageOf(join(DOCS, "examples/kettle.yaml"))) ?? "";
    const boil = resourceText(page, "water.boil");
    expect(boil).toContain("home/ {house} /water/ {deviceId} /boil[/ {requestId} ]/ok");
    expect(boil).toContain("celsius number required at most 100 Target temperature.");
    expect(boil).toContain("seconds number required");
    expect(boil).toContain("const boil = await endpoint.water.boil({ celsius: 80 });");
    expect(boil).toContain(
      "mosquitto_rr -h 127.0.0.1 -p 1883 -q 1 -V 311 -t 'home/h1/water/k1/boil/1' -e 'home/h1/water/k1/boil/1/ok' -m '{\"celsius\":80}'",
    );
    expect(boil).toContain("mosquitto_pub -h 127.0.0.1 -p 1883 -q 1 -t 'home/h1/water/k1/boil' -m");
    expect(boil).toContain('{ "seconds": 140 }');
    const task = resourceText(page, "tasks.task");
    expect(task).toContain("Push from the platform");
    expect(task).toContain('After a request with {"observe":true} , the platform goes on to send messages');
    expect(task).toContain("Each item is answered by a request to tasks.result");
  });

  it("shows messages with a body template, and examples of them, as they are on the wire", async () => {
    const page = (await pageOf(join(DOCS, "../spec/shelly/shelly.yaml"))) ?? "";
    const set = resourceText(page, "switch.set");
    expect(set).toContain(
      'Request { "id": "{requestId}", "src": "{src}", "method": "Switch.Set", "params": "{body}" } {body} the payload {requestId} the request id',
    );
    expect(set).toContain(
      `mosquitto_rr -h 127.0.0.1 -p 1883 -q 1 -V 311 -t 'shellyplus1-a8032abe54dc/rpc' -e 'my-app/rpc' -m '{"id":1,"src":"my-app","method":"Switch.Set","params":{"id":0,"on":true}}'`,
    );
    expect(set).toContain(`-m '{"src":"my-app","method":"Switch.Set","params":{"id":0,"on":true}}'`);
    expect(set).toContain('JSON response { "id": 1, "dst": "my-app", "result": { "was_on": false } }');
    expect(set).toContain(
      'JSON error { "id": 1, "dst": "my-app", "error": { "code": -103, "message": "…" } }',
    );
    const status = resourceText(page, "shelly.getStatus");
    expect(status).toContain(
      'Request no payload { "id": "{requestId}", "src": "{src}", "method": "Shelly.GetStatus" } {requestId} the request id',
    );
  });

  it("shows how a device hears a call of the platform, and how it responds", async () => {
    const page = (await pageOf(join(DOCS, "../spec/thingsboard/thingsboard.yaml"))) ?? "";
    const rpc = resourceText(page, "gateway.rpc");
    expect(rpc).toContain("mosquitto_sub -h 127.0.0.1 -p 1883 -v -t 'v1/gateway/rpc'");
    expect(rpc).toContain(
      `mosquitto_pub -h 127.0.0.1 -p 1883 -q 1 -t 'v1/gateway/rpc' -m '{"device":"Device A","id":1,"data":{"success":true}}'`,
    );
    expect(resourceText(page, "rpc")).toContain("-v -t 'v1/devices/me/rpc/request/+'");
  });

  it("has examples in body templates that read back as their payloads, for every scenario and spec", async () => {
    const specs = [
      ...scenarioNames.map((name) => join(SCENARIOS, name, "input/api.yaml")),
      ...["aws-iot", "shelly", "thingsboard", "zigbee2mqtt"].map((name) =>
        join(DOCS, `../spec/${name}/${name}.yaml`),
      ),
    ];
    let count = 0;
    for (const spec of specs) {
      const { model } = await loadApi(spec);
      for (const extension of model?.extensions ?? []) {
        for (const resource of extension.resources) {
          const { wrap } = resource.messages.request;
          if (model === undefined || wrap === undefined) continue;
          const payload = resource.request?.examples[0];
          const input = { model, extension, resource };
          const id = resource.messages.request.hasRequestId ? sampleId(input) : undefined;
          const body = sampleBody(input, resource.messages.request, { payload, id });
          const reading = bodyTemplate(wrap as BodyTemplateJson).read(body, () => true);
          const place = `${spec} ${resource.id}`;
          expect(reading, place).toBeDefined();
          if (payload !== undefined) expect(reading?.body, place).toEqual(payload);
          if (id !== undefined) expect(Object.values(reading?.values ?? {}), place).toContain(id);
          count += 1;
        }
      }
    }
    expect(count).toBeGreaterThan(30);
  });

  it("links only to ids of its own, which are unique, for every scenario", async () => {
    for (const name of scenarioNames) {
      const page = await pageOf(join(SCENARIOS, name, "input/api.yaml"));
      if (page === undefined) continue;
      const html = page.slice(0, page.lastIndexOf("<script>"));
      const ids = [...html.matchAll(/\sid="([^"]*)"/g)].map(([, id = ""]) => id);
      expect(ids.length, name).toBe(new Set(ids).size);
      const links = [...html.matchAll(/\shref="#([^"]*)"/g)].map(([, id = ""]) => id);
      expect(links.length, name).toBeGreaterThan(3);
      expect(
        links.filter((id) => !ids.includes(id)),
        name,
      ).toEqual([]);
    }
  });

  it("is the same bytes when it is rendered again", async () => {
    const spec = join(DOCS, "examples/kettle.yaml");
    expect(await pageOf(spec)).toBe(await pageOf(spec));
  });

  it("shows HTML, scripts and pictures in prose as text, and no links that run code", async () => {
    const prose = `"Heats. <script>alert(1)</script> <img src=x onerror=alert(1)> ![p](https://e.com/p.png) [a](javascript:alert(1)) [b](https://e.com)"`;
    const page = await samplePage(
      specFiles([EXAMPLE_API.replace("summary: Heats the water.", `summary: ${prose}`)]),
    );
    const html = page.slice(0, page.lastIndexOf("<script>"));
    expect(html).not.toMatch(/<script>|<img|href="javascript:/);
    expect(html).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
    expect(html).toContain('<a href="https://e.com">b</a>');
  });

  it("links to a recursive schema instead of repeating it", async () => {
    const schema = `
        request:
          schema:
            type: object
            properties: { next: { $ref: "#" }, value: { type: integer } }
            additionalProperties: false
`;
    const page = await samplePage(
      specFiles([
        `extensions:\n  water:\n    resources:\n      chain:\n        path: chain\n        requestId: none${schema}`,
      ]),
    );
    expect(resourceText(page, "water.chain")).toMatch(/next WaterChainRequest .*value integer/);
  });

  it("shows no example of a secret parameter", async () => {
    const page = await samplePage(
      specFiles([EXAMPLE_API.replace("example: k1 }", "example: k1, secret: true }")]),
    );
    expect(page).not.toContain("example k1");
    expect(page).toContain("<code>secret</code>");
  });
});
