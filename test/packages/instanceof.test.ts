import { createRequire } from "node:module";
import { expect, test } from "vitest";
import * as esm from "kaa-device-client";
import * as esmPlatform from "kaa-device-client/platform";

test("instanceof holds between the ES module and the CommonJS build of the Kaa client", () => {
  const require = createRequire(import.meta.url);
  const cjs = require("kaa-device-client") as typeof esm;
  const cjsPlatform = require("kaa-device-client/platform") as typeof esmPlatform;
  expect(cjs.RejectedError).not.toBe(esm.RejectedError);
  for (const [from, to] of [
    [esm, cjs],
    [cjs, esm],
  ] as const) {
    expect(new from.RejectedError("no") instanceof to.RejectedError).toBe(true);
    expect(new from.RejectedError("no") instanceof to.TopicsmithError).toBe(true);
    expect(new from.TopicsmithError("closed", "no") instanceof to.RejectedError).toBe(false);
  }
  const payload = { statusCode: 400, reasonPhrase: "Bad Request" };
  expect(new cjsPlatform.Rejection(payload) instanceof esmPlatform.Rejection).toBe(true);
  expect(new esmPlatform.Rejection(payload) instanceof cjsPlatform.Rejection).toBe(true);
});
