// Run by mock-commonjs.test.ts with plain node, as a program of a CommonJS project.
const { startMock } = require("topicsmith/mock");

async function main() {
  const mock = await startMock("spec/kaa/kaa.yaml");
  console.log(mock.url.replace(/\d+$/, "port"));
  await mock.close();
}

void main();
