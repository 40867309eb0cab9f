import { defineConfig } from "topicsmith";

export default defineConfig({
  spec: "{{spec}}",
{{settings}}
});
