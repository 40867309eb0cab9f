import type { IncomingMessage } from "node:http";
import { inexactNumber, inexactReason } from "./numbers.js";
import { reject } from "./rejections.js";

/** Far more than a device can receive. A longer body is rejected with 413. */
const MAX_JSON_BYTES = 1024 * 1024;
/** The limit of the platform for MQTT payloads. A deeper body is rejected with 400. */
const MAX_DEPTH = 1_000;

/**
 * Reads a JSON body; returns undefined if it is empty.
 *
 * @throws Rejection with 415 unless its type is `application/json`, which a page of another site cannot send without asking.
 */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const body = await readBody(request, MAX_JSON_BYTES);
  if (body.length === 0) return undefined;
  const [type = ""] = (request.headers["content-type"] ?? "").split(";");
  if (!/^application\/(?:[^\s/]+\+)?json$/iu.test(type.trim()))
    reject(415, "The body needs the header content-type: application/json");
  let [value, text]: [unknown, string] = [undefined, ""];
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(body);
    value = JSON.parse(text);
  } catch {
    reject(400, "The body is not JSON");
  }
  if (isDeep(value)) reject(400, `The body is nested deeper than ${MAX_DEPTH} levels`);
  const inexact = inexactNumber(text);
  if (inexact !== undefined) reject(400, inexactReason(inexact));
  return value;
}

/**
 * Reads a body.
 *
 * @throws Rejection with 413 as soon as it is too large.
 */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    const piece = chunk as Buffer;
    bytes += piece.length;
    if (bytes > maxBytes) reject(413, `The body is larger than ${maxBytes} bytes`);
    chunks.push(piece);
  }
  return Buffer.concat(chunks);
}

/** Walks level by level, because recursion would overflow the stack. */
function isDeep(value: unknown): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; depth <= MAX_DEPTH; depth += 1) {
    level = level.flatMap((item) => (typeof item === "object" && item !== null ? Object.values(item) : []));
    if (level.length === 0) return false;
  }
  return true;
}
