import { createHash, timingSafeEqual } from "node:crypto";
import { isIP } from "node:net";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Refusal } from "../protocol.ts";
import type { Operator } from "./down/operators.ts";
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

/** Who may read: everyone on this machine, or whoever has the token for reading or one of an operator. */
export interface ReadAccess {
  readonly listenHost: string;
  readonly readToken: string | undefined;
  /** Whose token it is. Absent: there are no operators. */
  readonly operatorOf?: (token: string) => Promise<Operator | undefined>;
}

/** Refuses whoever may not read, before the body or the query is looked at, on every route of `app`. */
export function guardReaders(app: FastifyInstance, access: ReadAccess): void {
  app.addHook("onRequest", async ({ headers }) => {
    await checkReader(access, { authorization: headers.authorization, host: headers.host });
  });
}

/**
 * Refuses whoever may not decide, on every route of `app`: on this machine, too, it needs a person's own token, so that
 * what was done can be told from whom. Returns who it is, later.
 */
export function guardOperators(
  app: FastifyInstance,
  { operatorOf }: ReadAccess,
): (request: FastifyRequest) => Operator {
  const known = new WeakMap<FastifyRequest, Operator>();
  app.addHook("onRequest", async (request) => {
    const token = bearerToken(request.headers.authorization);
    const operator = token === undefined ? undefined : await operatorOf?.(token);
    if (operator === undefined) {
      throw new RefusalError(401, {
        code: "unauthorized",
        message: "this needs the token of a person with the role operator",
        todo: "make one with `rackwatch central add-operator NAME`, and send it as Authorization: Bearer ...",
      });
    }
    if (operator.role !== "operator") {
      const message = `${operator.name} may look, but not decide`;
      throw new RefusalError(403, { code: "forbidden", message });
    }
    known.set(request, operator);
  });
  return (request) => {
    const operator = known.get(request);
    if (operator === undefined) throw new Error("a request that no guard saw");
    return operator;
  };
}

/**
 * @throws RefusalError 401 without a token for reading; 403 where a page of another site reads through a browser by
 * a name that it lets point to this machine.
 */
async function checkReader(
  { listenHost, readToken, operatorOf }: ReadAccess,
  request: { readonly authorization: string | undefined; readonly host: string | undefined },
): Promise<void> {
  if (readToken === undefined && isLoopback(listenHost)) {
    if (isLoopback(hostName(request.host))) return;
    throw new RefusalError(403, {
      code: "forbidden",
      message: "without a read token central answers only under localhost",
    });
  }
  const given = bearerToken(request.authorization);
  if (readToken !== undefined && given !== undefined && same(given, readToken)) return;
  if (given !== undefined && (await operatorOf?.(given)) !== undefined) return;
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
