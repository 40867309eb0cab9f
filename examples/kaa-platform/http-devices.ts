import { memoryBroker, parseTopic } from "kaa-device-client";
import { createPlatform, type KaaHandlers, type PlatformOptions } from "kaa-device-client/platform";
import { reject } from "./rejections.js";

/** A response to a request over HTTP. */
export interface DeviceResponse {
  readonly status: number;
  /** JSON, or empty. */
  readonly body: Uint8Array;
}

/** Handles the requests of devices that use HTTP instead of MQTT. */
export interface HttpDevices {
  /** Handles a request of the topic `kp1/…`, with or without a request id. Throws a rejection if no response comes in time. */
  request(topic: string, body: Uint8Array): Promise<DeviceResponse>;
  close(): Promise<void>;
}

/** Handlers respond in milliseconds. Beyond it, the disk is in trouble. */
const MAX_RESPONSE_MS = 30_000;
/** Ids are not reused while a request waits for its response, because so many cannot wait. */
const MAX_REQUEST_ID = 2_147_483_647;

/**
 * Serves the same handlers as over MQTT, on a broker in memory. So a request over HTTP passes the same checks, and devices that
 * use HTTP have no connections to push to.
 */
export async function serveHttpDevices(
  handlers: KaaHandlers,
  options: PlatformOptions,
): Promise<HttpDevices> {
  const broker = memoryBroker();
  const [ours, theirs] = [broker.transport(), broker.transport()];
  const platform = await createPlatform(ours, handlers, options);
  const waiting = new Map<string, (response: DeviceResponse) => void>();
  let lastId = 0;
  await theirs.subscribe(["#"], 1);
  theirs.onMessage(({ topic, payload }) => {
    const [, base = "", kind] = /^(.*)\/(status|error)$/u.exec(topic) ?? [];
    waiting.get(base)?.({ status: kind === "status" ? 200 : statusOf(payload), body: payload });
  });
  return {
    async request(topic, body) {
      lastId = (lastId % MAX_REQUEST_ID) + 1;
      const withId = `${topic.replace(/\/(?:0|[1-9][0-9]{0,9})$/u, "")}/${lastId}`;
      if (parseTopic(withId)?.kind !== "request") reject(404, "There is no such resource.");
      const response = new Promise<DeviceResponse | undefined>((resolve) => {
        const timeout = setTimeout(() => resolve(undefined), MAX_RESPONSE_MS);
        waiting.set(withId, (received) => {
          clearTimeout(timeout);
          resolve(received);
        });
      });
      try {
        await theirs.publish(withId, body, { qos: 1 });
        return (await response) ?? reject(504, "The platform did not respond in time");
      } finally {
        waiting.delete(withId);
      }
    },
    async close() {
      await platform.stop();
      await theirs.close();
      await ours.close();
    },
  };
}

/** The status code of an error payload, if it can be that of an HTTP response. */
function statusOf(payload: Uint8Array): number {
  const { statusCode } = JSON.parse(new TextDecoder().decode(payload)) as { readonly statusCode: number };
  return Number.isInteger(statusCode) && statusCode >= 400 && statusCode < 600 ? statusCode : 500;
}
