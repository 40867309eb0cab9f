import topicsmith from "topicsmith/vite";
import { defineConfig } from "vite";

export default defineConfig({
  // Generates before each build and test run, and fails them if the spec has errors.
  plugins: [topicsmith()],
  // A program for Node: its dependencies stay imports.
  build: { ssr: "src/main.ts", rollupOptions: { output: { entryFileNames: "device.js" } } },
});
