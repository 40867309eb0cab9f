import { startMock, type Mock } from "topicsmith/mock";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { ThermostatPlatform } from "../src/api/platform.js";
import { startDevice, type Device } from "../src/device.js";

let mock: Mock<ThermostatPlatform>;
let device: Device;
const targets: number[] = [];
beforeEach(async () => {
  targets.length = 0;
  // A broker and a platform that respond with the examples of the spec.
  mock = await startMock<ThermostatPlatform>("api.yaml");
  device = await startDevice(mock.url, "t1", (celsius) => targets.push(celsius));
});
afterEach(async () => {
  await device.stop();
  await mock.close();
});

test("the device follows the temperature that the user sets", async () => {
  await vi.waitFor(() => expect(targets).toEqual([21]));
  await mock.platform?.endpoint({ deviceId: "t1" }).climate.target.push({ celsius: 18 });
  await vi.waitFor(() => expect(targets).toEqual([21, 18]));
});

test("the device reports what the sensor can measure, and nothing else", async () => {
  await device.measured(19.5);
  await expect(device.measured(-300)).rejects.toMatchObject({ code: "invalid-request" });
  const reports = mock.requests.filter(({ resource }) => resource === "measured");
  expect(reports.map(({ payload }) => payload)).toEqual([{ celsius: 19.5 }]);
});
