import { defineConfig } from "vitepress";
import { commandReference, loadProgram } from "./reference/commands.js";
import { addSeverity, diagnosticIndex, loadLayers } from "./reference/diagnostics.js";
import { expandDirectives } from "./reference/directives.js";
import { describeKeys } from "./reference/spec-keys.js";
import { sidebar } from "./sidebar.js";

const program = await loadProgram();
const layers = await loadLayers();
const directives = {
  "spec-keys": describeKeys,
  commands: (_argument: string, rest: string) => commandReference(program) + rest,
  diagnostics: (_argument: string, rest: string) => diagnosticIndex(layers) + rest,
};

export default defineConfig({
  title: "topicsmith",
  description: "Typed clients for MQTT device APIs, generated from a YAML spec.",
  lang: "en-US",
  cleanUrls: false,
  // The site is built offline and read from any folder: nothing is fetched from another server.
  base: process.env["DOCS_BASE"] ?? "/",
  srcExclude: ["node_modules/**"],
  lastUpdated: false,
  transformPageData(page) {
    // The pages of diagnostics are not in the sidebar, so that no page comes before or after them.
    if (/^diagnostics\/(?!index\.md)/.test(page.relativePath))
      Object.assign(page.frontmatter, { prev: false, next: false });
  },
  head: [["link", { rel: "icon", href: "data:," }]],
  markdown: {
    theme: { light: "github-light-high-contrast", dark: "github-dark-high-contrast" },
    config: (md) => {
      md.core.ruler.before("normalize", "topicsmith-reference", (state) => {
        const { relativePath } = state.env as { readonly relativePath?: string };
        state.src = expandDirectives(addSeverity(state.src, relativePath, layers), directives);
      });
    },
  },
  themeConfig: {
    nav: [
      { text: "Getting started", link: "/getting-started" },
      { text: "Spec format", link: "/spec-format/" },
      { text: "Client", link: "/client" },
      { text: "CLI", link: "/cli" },
      { text: "Diagnostics", link: "/diagnostics/" },
    ],
    sidebar,
    outline: { level: [2, 3] },
    search: { provider: "local", options: { detailedView: true } },
    footer: { message: "MIT license" },
  },
});
