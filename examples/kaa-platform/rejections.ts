import { Rejection } from "kaa-device-client/platform";

/** An error answer with Kaa's payload. The codes are HTTP's. */
export function reject(statusCode: number, reasonPhrase: string): never {
  throw new Rejection({ statusCode, reasonPhrase });
}
