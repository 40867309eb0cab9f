import { defineConfig } from "topicsmith";

export default defineConfig({
  spec: "api.yaml",
  out: "src/api",
  layout: "source",
  mock: { port: 1883 },
});
