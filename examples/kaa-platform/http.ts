import { once } from "node:events";
import { createReadStream } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { pipeline } from "node:stream/promises";
import { cexCommandTopic, cmxConfigTopic, type KaaErrorPayload } from "kaa-device-client";
import { Rejection } from "kaa-device-client/platform";
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
import type { Metadata } from "./metadata.js";
import { reject } from "./rejections.js";
import type { Samples } from "./samples.js";
import type { Software } from "./software.js";
import type { Tokens } from "./tokens.js";

/** What there is to be reached over HTTP. */
export interface HttpParts {
  readonly endpoints: Endpoints;
  readonly connections: Connections;
  readonly samples: Samples;
  readonly metadata: Metadata;
  readonly commands: Commands;
  readonly configuration: Configuration;
  readonly software: Software;
  readonly tokens: Tokens;
  readonly blobs: Blobs;
  /** The version of the application that is served, if it is one. */
  readonly appVersion: string | undefined;
  /** Whether endpoints that nobody has heard of are welcome. */
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

/** One request, taken apart. */
interface Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** What the path's groups have matched. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
}

type Route = readonly [method: string, path: RegExp, (call: Call) => Promise<void>];

/** A body of JSON may be as long as that. */
const MAXIMUM_JSON_BYTES = 1024 * 1024;
/** So deep may it be nested. */
const MAXIMUM_DEPTH = 1_000;
/** So many samples are told at a time. */
const MOST_SAMPLES = 1_000_000;
/** Whoever asks for a command's result waits as long as that at most. */
const LONGEST_WAIT_MS = 600_000;

/**
 * The routes for tests in any language (push a command, set a configuration, read what arrived), and Kaa's own for binary data.
 * Rejects if the port is taken.
 */
export async function startHttp(
  parts: HttpParts,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<Http> {
  const routes = routesOf(parts);
  const server = createServer((request, response) => {
    // Otherwise a connection that is kept alive would keep the server alive, too.
    response.on("finish", () => !server.listening && request.socket.end());
    answer(routes, request, response).catch((error: unknown) => {
      if (!(error instanceof Rejection) && !isBadTopic(error) && !request.destroyed) parts.onError(error);
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
      const late = setTimeout(() => server.closeAllConnections(), 2_000);
      await closed;
      clearTimeout(late);
    },
  };
}

function routesOf(parts: HttpParts): readonly Route[] {
  const { endpoints, commands, configuration, software, blobs } = parts;
  return [
    [
      "POST",
      /^\/endpoints\/([^/]+)\/commands\/([^/]+)$/u,
      async ({ request, response, path: [token = "", type = ""], query }) => {
        const endpoint = await endpointFor(parts, token, query);
        cexCommandTopic({ ...endpoint, commandType: type });
        const ttlMs = integer(query, "ttlMs");
        const wait = integer(query, "wait") ?? 0;
        if (wait > LONGEST_WAIT_MS) reject(400, `wait is at most ${LONGEST_WAIT_MS} milliseconds`);
        const payload = await readJson(request);
        const command = await commands.give(endpoint, type, {
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
        const endpoint = await endpointFor(parts, token, query);
        const extension = query.get("extension") ?? "cmx";
        const name = query.get("name") ?? undefined;
        const configId = query.get("configId") ?? undefined;
        if (configId === "") reject(400, "configId is empty, which stands for no configuration");
        const config = await readJson(request);
        if (config === undefined) reject(400, "The body is the configuration, any JSON value");
        if (extension === "cmx") {
          cmxConfigTopic({ ...endpoint, ...(name !== undefined && { configName: name }) });
          const assigned = await configuration.assign(endpoint, config, { name, configId });
          return send(response, 200, { configId: assigned });
        }
        if (extension !== "cmx_ota") reject(400, "extension is cmx or cmx_ota");
        if (name !== undefined) reject(400, "Only cmx has named configurations");
        if (configId === undefined) reject(400, "configId is missing: the version of the software");
        if (!isObject(config)) reject(400, "The body is the software's specification, a JSON object");
        await software.release(configId, config, endpoint);
        send(response, 200, { configId });
      },
    ],
    [
      "GET",
      /^\/endpoints\/([^/]+)$/u,
      async ({ response, path: [token = ""], query }) => {
        const limit = integer(query, "samples") ?? 100;
        if (limit > MOST_SAMPLES) reject(400, `samples is at most ${MOST_SAMPLES}`);
        send(response, 200, await describe(parts, find(parts, token, query), limit));
      },
    ],
    [
      "PUT",
      /^\/endpoints\/([^/]+)$/u,
      async ({ request, response, path: [token = ""], query }) => {
        const body = await readJson(request);
        const state = isObject(body) ? tokenStates.find((each) => each === body["state"]) : undefined;
        if (state === undefined) reject(400, `The body is {"state": …}, one of ${tokenStates.join(", ")}`);
        const known = candidates(parts, token, query).length > 0;
        const endpoint = known ? find(parts, token, query) : await add(parts, token, query);
        await parts.setState(endpoint, state);
        response.writeHead(204).end();
      },
    ],
    [
      "POST",
      /^\/bcx\/api\/v1\/binary-data$/u,
      async ({ request, response, query }) => {
        const endpoint = authorized(parts, request);
        const name = query.get("name") ?? "";
        const { id } = await blobs.receive(endpoint, { name, body: request, replace: false });
        response.writeHead(201, { location: locationOf(endpoint, id) }).end();
      },
    ],
    [
      "POST",
      /^\/bcx\/api\/v1\/files\/([^/]+)$/u,
      async ({ request, response, path: [name = ""] }) => {
        const endpoint = authorized(parts, request);
        if (/^\.{1,2}$|[/\\\p{Cc}]/u.test(name) || name.length > 255) reject(400, "That is no file name");
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
          .find((each) => each.id === endpointId && each.application === application);
        const file = endpoint && (await blobs.file(endpoint, blobId));
        if (file === undefined) reject(404, "There is no such blob");
        response.writeHead(200, { "content-type": "application/octet-stream" });
        await pipeline(createReadStream(file), response);
      },
    ],
  ];
}

async function answer(
  routes: readonly Route[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const target = request.url ?? "/";
  if (!URL.canParse(target, "http://localhost")) reject(400, "That is no URL");
  const { pathname, searchParams } = new URL(target, "http://localhost");
  const fitting = routes.filter(([, path]) => path.test(pathname));
  const [, path, handle] = fitting.find(([method]) => method === request.method) ?? [];
  if (!path || !handle) {
    if (fitting.length === 0) reject(404, "There is no such route");
    response.setHeader("allow", fitting.map(([method]) => method).join(", "));
    reject(405, `Not with ${request.method}`);
  }
  const groups = path.exec(pathname)?.slice(1) ?? [];
  await handle({ request, response, path: groups.map(decode), query: searchParams });
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return reject(400, "The path is not well encoded");
  }
}

function candidates({ endpoints }: HttpParts, token: string, query: URLSearchParams): readonly Endpoint[] {
  const app = query.get("app");
  return endpoints
    .withToken(token)
    .filter(({ application }) => app === null || applicationOf(app) === application);
}

function find(parts: HttpParts, token: string, query: URLSearchParams): Endpoint {
  const [endpoint, other] = candidates(parts, token, query);
  if (other) reject(409, "Several applications have this token: say which one with ?app=");
  return endpoint ?? reject(404, "There is no such endpoint");
}

/** The endpoint; where any is welcome, one that will come later. */
async function endpointFor(parts: HttpParts, token: string, query: URLSearchParams): Promise<Endpoint> {
  const known = candidates(parts, token, query).length > 0;
  const willCome = parts.open && (query.has("app") || parts.appVersion !== undefined);
  return known || !willCome ? find(parts, token, query) : add(parts, token, query);
}

/** Makes an endpoint of an application that is served. */
async function add(
  { endpoints, appVersion: served }: HttpParts,
  token: string,
  query: URLSearchParams,
): Promise<Endpoint> {
  const appVersion = query.get("app") ?? served;
  if (appVersion === undefined) reject(400, "app is missing: the application version");
  // Throws if one of them can be no level of a topic.
  cmxConfigTopic({ appVersion, endpointToken: token });
  if (served !== undefined && applicationOf(served) !== applicationOf(appVersion))
    reject(404, "There is no such application");
  return endpoints.add({ appVersion, endpointToken: token });
}

/** Whose upload this is. */
function authorized({ tokens, endpoints }: HttpParts, { headers }: IncomingMessage): Endpoint {
  const header = headers["x-auth-token"];
  if (typeof header !== "string" || header === "") reject(403, "The header x-auth-token is missing");
  const owner = tokens.ownerOf(header);
  const endpoint = owner && endpoints.get(owner);
  if (!endpoint || !endpoints.isActive(endpoint))
    reject(403, "The token is unknown, has expired, or is of an endpoint that may not be used");
  return endpoint;
}

/** Kaa's own form: the endpoint is told by its id, since the token is a secret. */
function locationOf({ application, id }: Endpoint, blobId: string): string {
  return `/bcx/api/v1/applications/${encodeURIComponent(application)}/endpoints/${id}/binary-data/${blobId}`;
}

async function describe(parts: HttpParts, endpoint: Endpoint, samples: number): Promise<object> {
  const release = parts.software.releaseFor(endpoint);
  const blobs = await parts.blobs.of(endpoint);
  return {
    ...endpoint,
    connected: parts.connections.has(endpoint),
    samples: await parts.samples.of(endpoint, samples),
    metadata: Object.fromEntries(parts.metadata.of(endpoint)),
    commands: parts.commands.of(endpoint),
    configuration: parts.configuration.of(endpoint),
    software: { version: release?.version, report: parts.software.reportOf(endpoint) },
    blobs: blobs.map((blob) => ({ ...blob, location: locationOf(endpoint, blob.id) })),
  };
}

function integer(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  return /^[0-9]{1,15}$/u.test(text) ? Number(text) : reject(400, `${name} is a whole number, 0 or more`);
}

/** The body's value; undefined if it is empty. */
async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    const piece = chunk as Buffer;
    bytes += piece.length;
    if (bytes > MAXIMUM_JSON_BYTES) reject(413, `Not more than ${MAXIMUM_JSON_BYTES} bytes are taken`);
    chunks.push(piece);
  }
  if (bytes === 0) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(Buffer.concat(chunks).toString());
  } catch {
    reject(400, "The body is not JSON");
  }
  if (isDeep(value)) reject(400, `The body is nested deeper than ${MAXIMUM_DEPTH} levels`);
  return value;
}

/** Level by level, since recursion is what deep values break. */
function isDeep(value: unknown): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; depth <= MAXIMUM_DEPTH; depth += 1) {
    level = level.flatMap((each) => (typeof each === "object" && each !== null ? Object.values(each) : []));
    if (level.length === 0) return false;
  }
  return true;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What a topic builder throws for a value that can be no part of a topic. */
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
        : { statusCode: 500, reasonPhrase: "The request could not be served" };
  if (!request.complete) {
    // Whoever is still sending shall read why not, and then stop.
    response.setHeader("connection", "close");
    request.resume();
    setTimeout(() => request.destroy(), 1_000).unref();
  }
  send(response, payload.statusCode, payload);
}
