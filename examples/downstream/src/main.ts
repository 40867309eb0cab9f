import { startDevice } from "./device.js";

const url = process.env["BROKER_URL"] ?? "mqtt://localhost:1883";
const device = await startDevice(url, "t1", (celsius) => console.log(`heating to ${celsius} °C`));
await device.measured(19.5);
process.once("SIGTERM", () => void device.stop());
