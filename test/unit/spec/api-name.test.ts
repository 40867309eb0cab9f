import { describe, expect, test } from "vitest";
import { findApiName } from "../../../src/spec/find-api-name.js";
import { readApiName } from "../../../src/spec/read-api-name.js";

const find = (text: string): string | undefined => findApiName("/none/api.yaml", { read: () => text });
const parse = (text: string): string | undefined => readApiName("/none/api.yaml", { read: () => text });

describe("the name of an API", () => {
  test.each([
    "topicsmith: 1\napi: { name: kettle, title: Kettle, version: 1.0.0 }\n",
    "api: {name: kettle}",
    "api: { title: Kettle, name: kettle } # name: other\n",
    "# api: none\napi:\n  name: kettle\n  title: The kettle\nextensions: {}\n",
    "api: # the name is below\n\n  # name: other\n  title: Kettle\n  name: kettle # not other\n",
    "topicsmith: 1\r\napi:\r\n  name: kettle\r\n",
    "\uFEFFapi:\n    name: 'kettle'\n",
    'api:\n  name: "kettle"',
    "api:\n  description: |\n    name: other\n    text\n  name: kettle\n",
    "extensions:\n  a:\n    api:\n      name: other\napi:\n  contact:\n    name: other\n  name: kettle\n",
  ])("is found without parsing %j", (text) => {
    expect(parse(text)).toBe("kettle");
    expect(find(text)).toBe("kettle");
  });

  test.each([
    "{ api: { name: kettle } }",
    '"api":\n  name: kettle\n',
    "api:\n  name: &anchor kettle\n",
    "api:\n  name: >-\n    kettle\n",
    'api: { title: "a, name: other", name: kettle }\n',
    "api: { contact: { name: other }, name: kettle }\n",
    "api: &api { name: kettle }\n",
    "api: { name: kettle,\n  title: Kettle }\n",
    "---\napi: !!map\n  name: kettle\n",
  ])("is left to the YAML library in %j", (text) => {
    expect(parse(text)).toBe("kettle");
    expect(find(text)).toBeUndefined();
  });

  test.each([
    "",
    "api:\n",
    "api: kettle\n",
    "api:\n  name: ../kettle\n",
    "api:\n  name: [kettle]\n",
    "name: kettle\n",
    "topicsmith: 1\nextensions:\n  api:\n    name: kettle\n",
  ])("is not found in %j", (text) => {
    expect(find(text)).toBeUndefined();
    expect(parse(text)).toBeUndefined();
  });
});
