import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { renderApiDocs } from "../../src/api-docs/index.js";
import { loadApi } from "../../src/load-api.js";
import { startMock, type Mock } from "../../src/mock/index.js";
import { Browser } from "../support/browser.js";
import { chromium } from "../support/chromium.js";
import { DOCS } from "../support/doc-pages.js";
import { hasMosquittoClients } from "../support/mosquitto-clients.js";

const KETTLE = join(DOCS, "examples/kettle.yaml");
const SHELLY = join(DOCS, "../spec/shelly/shelly.yaml");
const ZIGBEE2MQTT = join(DOCS, "../spec/zigbee2mqtt/zigbee2mqtt.yaml");
const KAA = join(DOCS, "../spec/kaa/kaa.yaml");

async function pageOf(spec: string): Promise<string> {
  const { model } = await loadApi(spec);
  if (model === undefined) throw new Error(`${spec} has errors`);
  return renderApiDocs(model);
}

describe.skipIf(chromium === undefined)("the page of an API in a browser", () => {
  let browser: Browser;
  let folder: string;
  let url: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "topicsmith-page-"));
    writeFileSync(join(folder, "kaa.html"), await pageOf(KAA));
    url = pathToFileURL(join(folder, "kaa.html")).href;
    browser = await Browser.start();
  });
  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const views = [1280, 390].flatMap((width) => [false, true].map((dark) => ({ width, height: 900, dark })));
  it.each(views)("has no serious problem of accessibility, and fetches nothing: %o", async (view) => {
    await browser.show(view);
    await browser.open(url);
    expect(await browser.seriousViolations()).toEqual([]);
    expect(await browser.evaluate("document.documentElement.scrollWidth - innerWidth")).toBeLessThanOrEqual(
      0,
    );
    expect(browser.requests).toEqual([]);
    expect(browser.errors).toEqual([]);
  });

  /** The names of the resources that are visible. */
  const VISIBLE = `[...document.querySelectorAll("article h3 code")].filter((name) => name.checkVisibility()).map((name) => name.textContent)`;
  const search = (text: string) =>
    `(() => { const input = document.getElementById("search"); input.value = ${JSON.stringify(text)}; input.dispatchEvent(new Event("input")); })()`;

  it("finds resources by words of their topics, properties and prose, and says how many", async () => {
    await browser.show({ width: 1280, height: 900, dark: false });
    await browser.open("about:blank");
    await browser.open(url);
    await browser.evaluate(search("command TYPE statusCode"));
    expect(await browser.evaluate(VISIBLE)).toEqual(["cex.command", "cex.result"]);
    expect(await browser.evaluate('document.getElementById("found").textContent')).toBe("2 matches");
    await browser.evaluate(search("no such words"));
    expect(await browser.evaluate(VISIBLE)).toEqual([]);
    await browser.evaluate(search(""));
    expect(((await browser.evaluate(VISIBLE)) as readonly string[]).length).toBeGreaterThan(14);
  });

  it("opens at the resource of its link, also out of a search that hides it", async () => {
    await browser.open("about:blank");
    await browser.open(`${url}#cex.result`);
    const top = `Math.round(document.getElementById("cex.result").getBoundingClientRect().top)`;
    expect(await browser.evaluate(top)).toBeLessThan(120);
    await browser.evaluate(search("binary"));
    await browser.evaluate(
      `new Promise((resolve) => { location.hash = "#dcx.json"; setTimeout(resolve, 100); })`,
    );
    expect(await browser.evaluate(VISIBLE)).toContain("dcx.json");
    expect(await browser.evaluate('document.querySelector("[aria-current]").textContent')).toBe("dcx.json");
  });

  it("shows one kind of examples for all resources, chosen by its tabs", async () => {
    await browser.open("about:blank");
    await browser.open(url);
    await browser.evaluate(
      `[...document.querySelectorAll("[role=tab]")].find((tab) => tab.textContent === "mosquitto_rr").click()`,
    );
    const shown = `[...document.querySelectorAll(".sample:not([hidden])")].map((sample) => sample.dataset.title)`;
    const titles = new Set((await browser.evaluate(shown)) as readonly string[]);
    expect([...titles].toSorted()).toEqual(["TypeScript", "mosquitto_rr"]);
  });
});

describe.skipIf(!hasMosquittoClients)("the shell examples of an API's page", () => {
  /** The shell examples on the page of an API. */
  async function commandsOf(spec: string): Promise<readonly string[]> {
    const code = [...(await pageOf(spec)).matchAll(/<code>(mosquitto_[^<]*)<\/code>/g)];
    return code.map(([, text = ""]) =>
      text.replaceAll("&quot;", '"').replaceAll("&#x27;", "'").replaceAll("&#x3D;", "="),
    );
  }

  /** Runs an example against a mock, and returns what it prints. */
  async function run(mock: Mock, command: string): Promise<string> {
    const line = command.replace("-p 1883", `-p ${mock.port} -V 311`);
    return (await promisify(execFile)("/bin/sh", ["-c", line], { timeout: 20_000 })).stdout.trim();
  }

  it.each([
    ["Kettle", KETTLE, /boil/, { seconds: 140 }],
    ["Shelly", SHELLY, /Switch\.Toggle/, { id: 1, dst: "my-app", result: { was_on: true } }],
    ["Zigbee2MQTT", ZIGBEE2MQTT, /permit_join/, { status: "ok", data: { time: 254 }, transaction: "1" }],
  ])("print the response of a request of %s", async (_name, spec, resource, response) => {
    const mock = await startMock(spec, { print: () => undefined });
    try {
      const [request = ""] = (await commandsOf(spec)).filter(
        (command) => command.startsWith("mosquitto_rr") && resource.test(command),
      );
      expect(JSON.parse(await run(mock, request))).toEqual(response);
    } finally {
      await mock.close();
    }
  });

  it.each([
    ["Kettle", KETTLE],
    ["Shelly", SHELLY],
    ["Zigbee2MQTT", ZIGBEE2MQTT],
  ])("publish requests that %s accepts", async (_name, spec) => {
    const mock = await startMock(spec, { print: () => undefined });
    try {
      const published = (await commandsOf(spec)).filter((command) => command.startsWith("mosquitto_pub"));
      expect(published.length).toBeGreaterThan(1);
      for (const command of published.filter((line) => !line.includes("…"))) await run(mock, command);
      await mock.drain();
      expect(mock.requests.length).toBeGreaterThan(1);
      expect(mock.requests.filter(({ refused }) => refused !== undefined)).toEqual([]);
    } finally {
      await mock.close();
    }
  });
});
