// A mock on a free port: `node serve-mock.mjs`. Prints the port, and the milliseconds that it took to start.
import { fileURLToPath } from "node:url";
import { startMock } from "../../dist/mock/index.js";

const begin = performance.now();
const mock = await startMock(fileURLToPath(new URL("../../spec/kaa/kaa.yaml", import.meta.url)), {
  handlers: { epmx: { get: () => ({ name: "Boiler room" }) } },
});
console.log(mock.port, performance.now() - begin);
