import type { X509Certificate } from "node:crypto";
import type { EpochMs } from "../../../drivers/contract.ts";
import { gatewayOfCertificate } from "../../../gateway/store/identity-file.ts";
import type { Queries } from "../database/database.ts";
import { RefusalError } from "../refusals.ts";
import { gatewayOfToken } from "../tokens.ts";
import type { Authority } from "./authority.ts";
import { checkStanding } from "./certificates.ts";
import type { Presented } from "./presented.ts";

/** Who speaks: proven by a token, or by a certificate of this central. */
export interface Caller {
  readonly gateway: string;
  /** Of its certificate; absent: it has a token. */
  readonly serial?: string;
}

const todo =
  "on central: `rackwatch central enroll-code ID` for a certificate, or `add-gateway ID` for a token";

/**
 * Whose request it is. `authority`: absent where this central has none.
 * @throws RefusalError 401 `unauthorized`; 403 `revoked`, `certificate-foreign`, `certificate-expired`
 */
export async function callerOf(
  queries: Queries,
  presented: Presented,
  authority: (() => Promise<Authority>) | undefined,
  now: EpochMs,
): Promise<Caller> {
  if (presented.is === "token") {
    const gateway = await gatewayOfToken(queries, presented.token);
    if (gateway !== undefined) return { gateway };
    throw new RefusalError(401, { code: "unauthorized", message: "unknown token", todo });
  }
  if (presented.is === "nothing") {
    const message = "no bearer token, and no certificate";
    throw new RefusalError(401, { code: "unauthorized", message, todo });
  }
  const { certificate } = presented;
  const gateway = checkCertificate(certificate, await authority?.(), now);
  const serial = certificate.serialNumber;
  await checkStanding(queries, gateway, serial);
  return { gateway, serial };
}

/** That the sender has its private key was proven by whoever ended TLS. Returns whose it is. @throws RefusalError 403 */
function checkCertificate(
  certificate: X509Certificate,
  authority: Authority | undefined,
  now: EpochMs,
): string {
  const gateway = gatewayOfCertificate(certificate);
  const issuer = authority?.certificate;
  const isOurs =
    issuer !== undefined &&
    certificate.checkIssued(issuer) &&
    certificate.verify(issuer.publicKey) &&
    !certificate.ca;
  if (!isOurs || gateway === undefined) {
    throw new RefusalError(403, {
      code: "certificate-foreign",
      message: "this certificate is not from this central",
      todo,
    });
  }
  const { validFromDate, validToDate } = certificate;
  if (now >= validFromDate.getTime() && now <= validToDate.getTime()) return gateway;
  const shown = new Date(now).toISOString();
  throw new RefusalError(403, {
    code: "certificate-expired",
    message: `this certificate is valid from ${validFromDate.toISOString()} to ${validToDate.toISOString()}, and central's clock shows ${shown}`,
    todo,
  });
}
