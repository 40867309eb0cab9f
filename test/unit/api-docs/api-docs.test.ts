import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { renderApiDocs } from "../../../src/api-docs/index.js";
import { loadApi } from "../../../src/load-api.js";
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
