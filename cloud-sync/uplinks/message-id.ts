import { randomBytes } from "node:crypto";
import type { EpochMs } from "../../drivers/contract.ts";

/**
 * How far the time within a request's id may be from central's clock: longer than a request and its way take, short enough that
 * central can remember every id of that span and so tell a message that somebody played back.
 */
export const idAgeMsMax = 300_000;

/** 96 random bits: two requests never share an id. */
const randomCount = 12;

const pattern = /^([0-9a-z]{1,9})-[\w-]{16}$/;

/** `<milliseconds since 1970 in base 36>-<random>`: fits a topic and says when it was made, by central's clock. */
export function newMessageId(at: EpochMs): string {
  const time = Math.max(0, Math.round(at)).toString(36);
  return `${time}-${randomBytes(randomCount).toString("base64url")}`;
}

/** When the request was made, by its own account; undefined: this is no such id. */
export function timeOfMessageId(id: string): EpochMs | undefined {
  const time = pattern.exec(id)?.[1];
  return time === undefined ? undefined : Number.parseInt(time, 36);
}
