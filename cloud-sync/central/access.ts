import { createHash, timingSafeEqual } from "node:crypto";
import { isIP } from "node:net";
import type { FastifyInstance } from "fastify";
import type { Refusal } from "../protocol.ts";
import { RefusalError } from "./refusals.ts";

const bearerPattern = /^Bearer ([\x21-\x7e]{8,512})$/i;

/** The token of an Authorization header, or undefined. */
export function bearerToken(header: string | undefined): string | undefined {
  return bearerPattern.exec(header ?? "")?.[1];
}

/** True for 127.0.0.0/8, ::1 and localhost: only this machine reaches them. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, "").toLowerCase();
  if (bare === "localhost" || bare === "::1") return true;
  return isIP(bare) === 4 && bare.startsWith("127.");
}

/** Who may read: everyone on this machine, or whoever has the operator's token. */
export interface ReadAccess {
  readonly listenHost: string;
  readonly readToken: string | undefined;
}

/** Refuses whoever may not read, before the body or the query is looked at, on every route of `app`. */
export function guardReaders(app: FastifyInstance, access: ReadAccess): void {
  app.addHook("onRequest", async ({ headers }) => {
    checkReader(access, { authorization: headers.authorization, host: headers.host });
  });
}

/**
 * @throws RefusalError 401 without the operator's token; 403 where a page of another site reads through a browser by
 * a name that it lets point to this machine.
 */
function checkReader(
  { listenHost, readToken }: ReadAccess,
  request: { readonly authorization: string | undefined; readonly host: string | undefined },
): void {
  if (readToken === undefined && isLoopback(listenHost)) {
    if (isLoopback(hostName(request.host))) return;
    throw new RefusalError(403, {
      code: "forbidden",
      message: "without a read token central answers only under localhost",
    });
  }
  const given = bearerToken(request.authorization);
  if (readToken !== undefined && given !== undefined && same(given, readToken)) return;
  throw new RefusalError(401, unauthorized(readToken !== undefined));
}

function unauthorized(hasToken: boolean): Refusal {
  return {
    code: "unauthorized",
    message: "reading needs the operator's token",
    todo: hasToken
      ? "send it as Authorization: Bearer ..."
      : "start central with RACKWATCH_READ_TOKEN set, or let it listen on 127.0.0.1",
  };
}

function hostName(header: string | undefined): string {
  return (header ?? "").replace(/:\d+$/, "");
}

/** Hashes are of one length, so that the comparison tells nothing about the token. */
function same(left: string, right: string): boolean {
  const hash = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(hash(left), hash(right));
}
