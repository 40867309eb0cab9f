import { once } from "node:events";
import { createReadStream } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { pipeline } from "node:stream/promises";
import { cexCommandTopic, cmxConfigTopic, type KaaErrorPayload } from "kaa-device-client";
import { Rejection } from "kaa-device-client/platform";
import { originRefusal } from "topicsmith/mock";
import type { Blobs } from "./blobs.js";
import type { Commands } from "./commands.js";
import type { Configuration } from "./configuration.js";
import type { Connections } from "./connections.js";
import {
  applicationOf,
  type Endpoint,
  type EndpointId,
  type Endpoints,
  type TokenState,
  tokenStates,
} from "./endpoints.js";
import type { HttpDevices } from "./http-devices.js";
import { readBody, readJson } from "./json-body.js";
import type { Metadata } from "./metadata.js";
import { reject } from "./rejections.js";
import type { Samples } from "./samples.js";
import type { Software } from "./software.js";
import type { Tokens } from "./tokens.js";

/** The dependencies of the HTTP server. */
export interface HttpDeps {
  readonly endpoints: Endpoints;
  readonly connections: Connections;
  readonly samples: Samples;
  readonly metadata: Metadata;
  readonly commands: Commands;
  readonly configuration: Configuration;
  readonly software: Software;
  readonly tokens: Tokens;
  readonly blobs: Blobs;
  readonly devices: HttpDevices;
  /** Versions of the only applications that are served. */
  readonly appVersions: readonly string[] | undefined;
  /** Web pages that may use the routes, besides those of this machine. */
  readonly allowOrigins: readonly string[];
  /** Whether unknown endpoints are accepted. */
  readonly open: boolean;
  readonly setState: (endpoint: EndpointId, state: TokenState) => Promise<void>;
  readonly onError: (error: unknown) => void;
}

/** A running HTTP server. */
export interface Http {
  /** `http://127.0.0.1:8080` */
  readonly url: string;
  close(): Promise<void>;
}

/** A request and its response. */
interface Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** The groups that the path of the route has captured. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
}

type Route = readonly [method: string, path: RegExp, (call: Call) => Promise<void>];

/** The limit of the platform for requests over MQTT. A longer body is rejected with 413. */
const MAX_DEVICE_BYTES = 262_144;
/** Samples in one response: they have to fit in memory. */
const MAX_SAMPLES = 1_000_000;
/** The longest time to wait for a command's result: ten minutes. */
const MAX_WAIT_MS = 600_000;

/**
 * Starts the HTTP server: routes for tests in any language (send a command, assign a configuration, read the state), and
 * Kaa's own routes for binary data.
 *
 * @throws Error with code EADDRINUSE if the port is taken.
 */
export async function startHttp(
  deps: HttpDeps,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<Http> {
  const routes = routesOf(deps);
  const server = createServer((request, response) => {
    // A keep-alive connection would keep the server from closing.
    response.on("finish", () => !server.listening && request.socket.end());
    const refusal = originRefusal(request, { allowed: deps.allowOrigins, host });
    respond(routes, { request, response, refusal }).catch((error: unknown) => {
      if (!(error instanceof Rejection) && !isBadTopic(error) && !request.destroyed) deps.onError(error);
      fail(error, request, response);
    });
  });
  await new Promise<void>((resolve, refuse) => {
    server.once("error", refuse);
    server.listen(port, host, resolve);
  });
  const address = server.address() as AddressInfo;
  return {
    url: `http://${host}:${address.port}`,
    close: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeIdleConnections();
      const timeout = setTimeout(() => server.closeAllConnections(), 2_000);
      await closed;
      clearTimeout(timeout);
    },
  };
}

function routesOf(deps: HttpDeps): readonly Route[] {
  const { endpoints, commands, configuration, software, blobs, devices } = deps;
  return [
    [
      "POST",
      /^\/endpoints\/([^/]+)\/commands\/([^/]+)$/u,
      async ({ request, response, path: [token = "", type = ""], query }) => {
        const endpoint = await endpointFor(deps, token, query);
        cexCommandTopic({ ...endpoint, commandType: type });
        const ttlMs = integer(query, "ttlMs");
        const wait = integer(query, "wait") ?? 0;
        if (wait > MAX_WAIT_MS) reject(400, `wait must be at most ${MAX_WAIT_MS} milliseconds`);
        const payload = await readJson(request);
        const command = await commands.send(endpoint, type, {
          payload,
          ...(ttlMs !== undefined && { ttlMs }),
        });
        const result = wait > 0 ? await commands.result(endpoint, command, wait) : undefined;
        send(response, 201, { ...command, ...(result && { result }) });
      },
    ],
    [
      "PUT",
      /^\/endpoints\/([^/]+)\/configuration$/u,
      async ({ request, response, path: [token = ""], query }) => {
        const endpoint = await endpointFor(deps, token, query);
        const extension = query.get("extension") ?? "cmx";
        const name = query.get("name") ?? undefined;
        const configId = query.get("configId") ?? undefined;
        if (configId === "") reject(400, "configId must not be empty");
        const config = await readJson(request);
        if (config === undefined)
          reject(400, "The body is missing; expected a configuration, any JSON value");
        if (extension === "cmx") {
          cmxConfigTopic({ ...endpoint, ...(name !== undefined && { configName: name }) });
          const assigned = await configuration.assign(endpoint, config, { name, configId });
          return send(response, 200, { configId: assigned });
        }
        if (extension !== "cmx_ota") reject(400, "extension must be cmx or cmx_ota");
        if (name !== undefined) reject(400, "Only cmx has named configurations");
        if (configId === undefined) reject(400, "configId is missing: the version of the software");
        if (!isObject(config))
          reject(400, "The body must be the specification of the software, a JSON object");
        await software.release(configId, config, endpoint);
        send(response, 200, { configId });
      },
    ],
    [
      "GET",
      /^\/endpoints\/([^/]+)$/u,
      async ({ response, path: [token = ""], query }) => {
        const limit = integer(query, "samples") ?? 100;
        if (limit > MAX_SAMPLES) reject(400, `samples must be at most ${MAX_SAMPLES}`);
        send(response, 200, await describe(deps, find(deps, token, query), limit));
      },
    ],
    [
      "PUT",
      /^\/endpoints\/([^/]+)$/u,
      async ({ request, response, path: [token = ""], query }) => {
        const body = await readJson(request);
        const state = isObject(body) ? tokenStates.find((name) => name === body["state"]) : undefined;
        if (state === undefined)
          reject(400, `The body must be {"state": …}, one of ${tokenStates.join(", ")}`);
        const known = candidates(deps, token, query).length > 0;
        const endpoint = known ? find(deps, token, query) : await add(deps, token, query);
        await deps.setState(endpoint, state);
        response.writeHead(204).end();
      },
    ],
    [
      "POST",
      /^\/bcx\/api\/v1\/binary-data$/u,
      async ({ request, response, query }) => {
        const endpoint = authorized(deps, request);
        const name = query.get("name") ?? "";
        const { id } = await blobs.receive(endpoint, { name, body: request, replace: false });
        response.writeHead(201, { location: locationOf(endpoint, id) }).end();
      },
    ],
    [
      "POST",
      /^\/bcx\/api\/v1\/files\/([^/]+)$/u,
      async ({ request, response, path: [name = ""] }) => {
        const endpoint = authorized(deps, request);
        if (/^\.{1,2}$|[/\\\p{Cc}]/u.test(name) || name.length > 255) reject(400, "Invalid file name");
        await blobs.receive(endpoint, { name, body: request, replace: true });
        response.writeHead(204).end();
      },
    ],
    [
      "GET",
      /^\/bcx\/api\/v1\/applications\/([^/]+)\/endpoints\/([^/]+)\/binary-data\/([^/]+)$/u,
      async ({ response, path: [application, endpointId, blobId = ""] }) => {
        const endpoint = endpoints
          .all()
          .find(({ id, application: name }) => id === endpointId && name === application);
        const file = endpoint && (await blobs.file(endpoint, blobId));
        if (file === undefined) reject(404, "Unknown upload");
        response.writeHead(200, { "content-type": "application/octet-stream" });
        await pipeline(createReadStream(file), response);
      },
    ],
    [
      "POST",
      /^(?:\/kpc)?\/(kp1\/.+)$/u,
      async ({ request, response, path: [topic = ""] }) => {
        if (/[+#\0]/u.test(topic)) reject(400, "A level of the path must not contain +, # or NUL");
        const { status, body } = await devices.request(topic, await readBody(request, MAX_DEVICE_BYTES));
        const type = body.length > 0 ? { "content-type": "application/json" } : {};
        response.writeHead(status, { ...type, "content-length": body.length }).end(body);
      },
    ],
  ];
}

async function respond(
  routes: readonly Route[],
  {
    request,
    response,
    refusal,
  }: {
    readonly request: IncomingMessage;
    readonly response: ServerResponse;
    readonly refusal: string | undefined;
  },
): Promise<void> {
  if (refusal !== undefined) reject(403, refusal);
  if (request.headers.origin !== undefined) {
    response.setHeader("access-control-allow-origin", request.headers.origin);
    response.setHeader("vary", "origin");
  }
  const target = request.url ?? "/";
  if (!URL.canParse(target, "http://localhost")) reject(400, "Invalid URL");
  const { pathname, searchParams } = new URL(target, "http://localhost");
  const matching = routes.filter(([, path]) => path.test(pathname));
  if (request.method === "OPTIONS" && matching.length > 0) {
    response.setHeader("access-control-allow-methods", matching.map(([method]) => method).join(", "));
    response.setHeader("access-control-allow-headers", "content-type, x-auth-token");
    return void response.writeHead(204).end();
  }
  const [, path, handle] = matching.find(([method]) => method === request.method) ?? [];
  if (!path || !handle) {
    if (matching.length === 0) reject(404, "Unknown route");
    response.setHeader("allow", matching.map(([method]) => method).join(", "));
    reject(405, `Method ${request.method} is not allowed`);
  }
  const groups = path.exec(pathname)?.slice(1) ?? [];
  await handle({ request, response, path: groups.map(decode), query: searchParams });
}

/** Decodes a part of a path. A slash in it stays encoded, so that it does not begin another level of a topic. */
function decode(text: string): string {
  try {
    return text.split("/").map(decodeURIComponent).join("/");
  } catch {
    return reject(400, "Invalid percent-encoding in the path");
  }
}

function candidates({ endpoints }: HttpDeps, token: string, query: URLSearchParams): readonly Endpoint[] {
  const app = query.get("app");
  return endpoints
    .withToken(token)
    .filter(({ application }) => app === null || applicationOf(app) === application);
}

function find(deps: HttpDeps, token: string, query: URLSearchParams): Endpoint {
  const [endpoint, other] = candidates(deps, token, query);
  if (other) reject(409, "Several applications have this token; select one with ?app=");
  return endpoint ?? reject(404, "Unknown endpoint");
}

/** Finds an endpoint. Adds one that has not connected yet if unknown endpoints are accepted. */
async function endpointFor(deps: HttpDeps, token: string, query: URLSearchParams): Promise<Endpoint> {
  const known = candidates(deps, token, query).length > 0;
  const mayAdd = deps.open && (query.has("app") || deps.appVersions?.length === 1);
  return known || !mayAdd ? find(deps, token, query) : add(deps, token, query);
}

/** Adds an endpoint of an application that is served. */
async function add(
  { endpoints, appVersions: served }: HttpDeps,
  token: string,
  query: URLSearchParams,
): Promise<Endpoint> {
  const appVersion = query.get("app") ?? (served?.length === 1 ? served[0] : undefined);
  if (appVersion === undefined) reject(400, "app is missing: the application version");
  // Throws if a value cannot be a level of a topic.
  cmxConfigTopic({ appVersion, endpointToken: token });
  if (served?.every((each) => applicationOf(each) !== applicationOf(appVersion)) === true)
    reject(404, "Unknown application");
  return endpoints.add({ appVersion, endpointToken: token });
}

/** Returns the endpoint of an upload, by its token. */
function authorized({ tokens, endpoints }: HttpDeps, { headers }: IncomingMessage): Endpoint {
  const header = headers["x-auth-token"];
  if (typeof header !== "string" || header === "") reject(403, "The header x-auth-token is missing");
  const owner = tokens.ownerOf(header);
  const endpoint = owner && endpoints.get(owner);
  if (!endpoint || !endpoints.isActive(endpoint))
    reject(403, "The token is unknown or has expired, or its endpoint is not active");
  return endpoint;
}

/** The URL of an upload at Kaa. Contains the id of the endpoint, because the token is a secret. */
function locationOf({ application, id }: Endpoint, blobId: string): string {
  return `/bcx/api/v1/applications/${encodeURIComponent(application)}/endpoints/${id}/binary-data/${blobId}`;
}

async function describe(deps: HttpDeps, endpoint: Endpoint, samples: number): Promise<object> {
  const release = deps.software.releaseFor(endpoint);
  const blobs = await deps.blobs.of(endpoint);
  return {
    ...endpoint,
    connected: deps.connections.has(endpoint),
    samples: await deps.samples.of(endpoint, samples),
    metadata: Object.fromEntries(deps.metadata.of(endpoint)),
    commands: deps.commands.of(endpoint),
    configuration: deps.configuration.of(endpoint),
    software: { version: release?.version, report: deps.software.reportOf(endpoint) },
    blobs: blobs.map((blob) => ({ ...blob, location: locationOf(endpoint, blob.id) })),
  };
}

function integer(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  return /^[0-9]{1,15}$/u.test(text)
    ? Number(text)
    : reject(400, `${name} must be a whole number, 0 or more`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether a topic builder has thrown an error, for a value that cannot be a level of a topic. */
function isBadTopic(error: unknown): error is Error {
  return error instanceof Error && "code" in error && error.code === "invalid-topic";
}

function send(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  response.writeHead(status, { "content-type": "application/json" }).end(text);
}

function fail(error: unknown, request: IncomingMessage, response: ServerResponse): void {
  if (response.headersSent) return void response.destroy();
  const payload: KaaErrorPayload =
    error instanceof Rejection
      ? error.payload
      : isBadTopic(error)
        ? { statusCode: 400, reasonPhrase: error.message }
        : { statusCode: 500, reasonPhrase: "Internal error" };
  if (!request.complete) {
    // Give a client that is still sending a second to read the response.
    response.setHeader("connection", "close");
    request.resume();
    setTimeout(() => request.destroy(), 1_000).unref();
  }
  send(response, payload.statusCode, payload);
}
