import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sidebar } from "../../docs/.vitepress/sidebar.js";
import { Browser } from "../support/browser.js";
import { chromium } from "../support/chromium.js";
import { PAGES } from "../support/doc-pages.js";
import { serveSite, SITE, sitePages } from "../support/site.js";

// `npm run docs` builds the site. In CI, a missing site is a failure.
const isBuilt = existsSync(join(SITE, "index.html")) || process.env["CI"] !== undefined;
if (!isBuilt) console.warn("The documentation's site is not built (npm run docs): its tests are skipped.");

/** The targets of links and the ids of a page. */
function linksIn(page: string): { readonly hrefs: readonly string[]; readonly ids: ReadonlySet<string> } {
  const html = readFileSync(join(SITE, page), "utf8");
  const all = (pattern: RegExp) =>
    [...html.matchAll(pattern)].map(([, value = ""]) => value.replaceAll("&amp;", "&"));
  return { hrefs: all(/<a\b[^>]*?\shref="([^"]*)"/g), ids: new Set(all(/\sid="([^"]*)"/g)) };
}

describe.skipIf(!isBuilt)("the documentation's site", () => {
  it("has a page for every Markdown file", () => {
    const expected = PAGES.map((page) => page.replace(/\.md$/, ".html"));
    expect(sitePages().filter((page) => page !== "404.html")).toEqual(expected.toSorted());
  });

  it("lists every page in its sidebar, except for the home page and those of diagnostics", () => {
    const listed = sidebar.flatMap(({ items }) =>
      items.map(({ link }) => link.slice(1).replace(/\/$/, "/index")),
    );
    const pages = PAGES.map((page) => page.replace(/\.md$/, "")).filter(
      (page) => page !== "index" && !/^diagnostics\/(?!index$)/.test(page),
    );
    expect(listed.toSorted()).toEqual([...pages].toSorted());
  });

  it("has no broken link", () => {
    const pages = new Map(sitePages().map((page) => [page, linksIn(page)]));
    const broken = [...pages].flatMap(([page, { hrefs }]) =>
      hrefs
        .filter((href) => !/^(?:https?|mailto):/.test(href))
        .filter((href) => {
          const { pathname, hash } = new URL(href, `http://site/${page}`);
          const target = pages.get(
            decodeURIComponent(pathname)
              .slice(1)
              .replace(/(?:^|(?<=\/))$/, "index.html"),
          );
          return (
            target === undefined || (hash.length > 1 && !target.ids.has(decodeURIComponent(hash.slice(1))))
          );
        })
        .map((href) => `${page}: ${href}`),
    );
    expect(pages.size).toBeGreaterThan(100);
    expect(broken).toEqual([]);
  });
});

describe.skipIf(!isBuilt || chromium === undefined)("the documentation's site in a browser", () => {
  let browser: Browser;
  let site: Awaited<ReturnType<typeof serveSite>>;
  beforeAll(async () => {
    site = await serveSite();
    browser = await Browser.start();
  });
  afterAll(async () => {
    await browser.close();
    site.close();
  });

  const WIDTHS = [1280, 390];
  it.each(
    sidebar.flatMap(({ items }) => items.map(({ link }) => link)).concat("/", "/diagnostics/unknown-key"),
  )(
    "has no serious problem of accessibility, wide and narrow, light and dark, and fetches nothing from elsewhere: %s",
    async (link) => {
      const page = link.endsWith("/") ? link : `${link}.html`;
      for (const width of WIDTHS)
        for (const dark of [false, true]) {
          await browser.show({ width, height: 900, dark });
          await browser.open(new URL(page, site.url).href);
          expect(await browser.seriousViolations(), `${width} ${dark ? "dark" : "light"}`).toEqual([]);
          const wider = await browser.evaluate("document.documentElement.scrollWidth - innerWidth");
          expect(wider, `pixels beyond a window of ${width}`).toBeLessThanOrEqual(0);
        }
      expect(browser.requests.filter((url) => !url.startsWith(site.url))).toEqual([]);
      expect(browser.errors).toEqual([]);
    },
  );

  it("finds a key of the spec format by its search", async () => {
    await browser.show({ width: 1280, height: 900, dark: false });
    await browser.open(site.url);
    const found = await browser.evaluate(`(async () => {
      const until = async (find) => { for (;;) { const found = find(); if (found) return found; await new Promise((resolve) => setTimeout(resolve, 50)); } };
      document.querySelector(".DocSearch-Button").click();
      const input = await until(() => document.querySelector(".VPLocalSearchBox input"));
      input.value = "stopPushesOnEnd";
      input.dispatchEvent(new Event("input", { bubbles: true }));
      await until(() => document.querySelector(".VPLocalSearchBox .result"));
      return [...document.querySelectorAll(".VPLocalSearchBox .result")].map((result) => result.getAttribute("href"));
    })()`);
    expect(JSON.stringify(found)).toContain("/spec-format/resource.html#resource-push-off");
  });
});
