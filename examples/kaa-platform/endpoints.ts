import { parseTopic, type Transport } from "kaa-device-client";

/** An endpoint as topics name it. */
export interface EndpointId {
  readonly appVersion: string;
  readonly endpointToken: string;
}

/**
 * Calls back whenever an endpoint speaks over a connection that it did not use before. An endpoint counts as connected
 * from its first message on (there is no other sign of it), and again when it shows up under another application version.
 */
export async function onEndpointConnected(
  transport: Transport,
  callback: (endpoint: EndpointId) => void,
): Promise<void> {
  const seen = new Map<string, { readonly origin: unknown; readonly appVersion: string }>();
  transport.onMessage(({ topic, origin }) => {
    const parsed = parseTopic(topic);
    if (parsed?.kind !== "request") return;
    const { appVersion, endpointToken } = parsed.parameters;
    const last = seen.get(endpointToken);
    if (last?.origin === origin && last?.appVersion === appVersion) return;
    seen.set(endpointToken, { origin, appVersion });
    callback({ appVersion, endpointToken });
  });
  await transport.subscribe(["kp1/#"], 1);
}
