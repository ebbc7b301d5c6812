import { X509Certificate } from "node:crypto";
import type { EndpointDescription } from "node-opcua";
import type { DriverContext } from "../contract.ts";
import { RackwatchError } from "../errors.ts";
import { describe } from "./certificates.ts";
import type { Identity } from "./identity.ts";

/**
 * The certificate by which a server proves itself, if a person has accepted it, or its authority, and it is valid now.
 * @throws RackwatchError `driver/refused`: unknown, expired, not yet valid, revoked.
 */
export async function checkServer(
  offered: EndpointDescription,
  endpoint: string,
  identity: Identity,
  context: DriverContext,
): Promise<Buffer> {
  const chain = offered.serverCertificate;
  const certificate = firstOf(chain, endpoint);
  const now = new Date(context.clock.now());
  const { validFrom, validTo, thumbprint } = describe(certificate);
  if (now > validTo || now < validFrom) throw outdated(endpoint, { now, validFrom, validTo });
  const status = await identity.manager.checkCertificate(chain);
  if (status.isGood()) return chain;
  if (status.name === "BadCertificateUntrusted" || status.name === "BadCertificateChainIncomplete")
    throw new RackwatchError(
      "driver/refused",
      `Nobody has accepted the server's certificate ${thumbprint} yet`,
      {
        where: endpoint,
        todo: `Compare the thumbprint with the server's, then: rackwatch opcua trust ${thumbprint}`,
      },
    );
  throw new RackwatchError("driver/refused", `The server's certificate is bad: ${status.name}`, {
    where: endpoint,
    todo: `Give the server a good certificate, then: rackwatch opcua trust ${thumbprint}`,
  });
}

/** The first of a chain is the server's own (OPC 10000-6, 6.2.6); the rest belongs to its authorities. */
function firstOf(chain: Buffer, endpoint: string): X509Certificate {
  try {
    return new X509Certificate(chain);
  } catch (cause) {
    throw new RackwatchError("driver/refused", "The server shows no readable certificate", {
      where: endpoint,
      todo: "Give the server a certificate, or choose security: { mode: none } by intent",
      cause,
    });
  }
}

function outdated(
  endpoint: string,
  { now, validFrom, validTo }: Readonly<Record<"now" | "validFrom" | "validTo", Date>>,
): RackwatchError {
  const day = (date: Date) => date.toISOString().slice(0, 10);
  const what =
    now > validTo ? `expired on ${day(validTo)}` : `is valid only from ${day(validFrom)} on`;
  return new RackwatchError("driver/refused", `The server's certificate ${what}`, {
    where: endpoint,
    todo: `Renew it on the server; if today is not ${day(now)}, set the gateway's clock`,
  });
}
