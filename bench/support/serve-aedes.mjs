// aedes on a free port of the loopback, without delay; prints the port.
import { createServer } from "node:net";
import { Aedes } from "aedes";

const broker = await Aedes.createBroker({ concurrency: 10_000 });
const server = createServer({ noDelay: true }, broker.handle);
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
