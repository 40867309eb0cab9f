import { Rejection } from "kaa-device-client/platform";

/** Rejects a request with Kaa's error payload. Status codes are those of HTTP. */
export function reject(statusCode: number, reasonPhrase: string): never {
  throw new Rejection({ statusCode, reasonPhrase });
}
