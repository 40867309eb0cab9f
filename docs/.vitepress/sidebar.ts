/** The pages of the site, in reading order. A test compares them with the files. */
export const sidebar = [
  {
    text: "Start",
    items: [
      { text: "Getting started", link: "/getting-started" },
      { text: "How it works", link: "/how-it-works" },
      { text: "The example API", link: "/example-api" },
    ],
  },
  {
    text: "The spec format",
    items: [
      { text: "Overview", link: "/spec-format/" },
      { text: "Root file", link: "/spec-format/root" },
      { text: "Protocol", link: "/spec-format/protocol" },
      { text: "Extensions and resources", link: "/spec-format/resource" },
      { text: "Requests and responses", link: "/spec-format/bodies" },
      { text: "Messages", link: "/spec-format/messages" },
      { text: "Schemas", link: "/spec-format/schemas" },
    ],
  },
  {
    text: "Using the output",
    items: [
      {
        text: "Configuration",
        link: "/configuration",
        items: [
          { text: "Vite and Rollup", link: "/configuration#vite-and-rollup" },
          { text: "In a monorepo", link: "/configuration#in-a-monorepo" },
          { text: "CI", link: "/configuration#ci" },
          { text: "jest and CommonJS", link: "/configuration#jest-and-commonjs" },
        ],
      },
      { text: "The client", link: "/client" },
      { text: "The platform side", link: "/platform" },
      { text: "Mock and faults", link: "/mock" },
      { text: "Comparing versions", link: "/compare" },
      { text: "AsyncAPI", link: "/asyncapi" },
      { text: "Publishing", link: "/publishing" },
    ],
  },
  {
    text: "Reference",
    items: [
      { text: "Command line", link: "/cli" },
      { text: "Diagnostics", link: "/diagnostics/" },
      { text: "Compatibility rules", link: "/compatibility-rules" },
      { text: "As a library", link: "/library" },
    ],
  },
];
