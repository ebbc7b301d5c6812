import { RackwatchError } from "../errors.ts";

/** Name of the status in an error of node-opcua: it gives no code for a refused service, only this text. */
export function statusOf(error: unknown): string | undefined {
  const text = error instanceof Error ? error.message : "";
  return /\b((?:Bad|Uncertain)[A-Za-z_]+)\s*\(0x[0-9a-f]{8}\)/i.exec(text)?.[1];
}

const advice: Readonly<Record<string, readonly [string, string]>> = {
  BadUserAccessDenied: [
    "The server refuses the user",
    "Check user and password, and what the user may do in the server",
  ],
  BadIdentityTokenRejected: [
    "The server refuses the user",
    "Check user and password, or whether the server takes anonymous users",
  ],
  BadIdentityTokenInvalid: [
    "The server does not take this kind of login",
    "Set user and password, or a certificate, as the server asks for",
  ],
  BadCertificateUntrusted: [
    "The server does not trust this gateway's certificate",
    "Let the server's administrator trust it: `rackwatch opcua own` says where it is",
  ],
  BadSecurityChecksFailed: [
    "The server refuses this gateway's certificate",
    "Let the server's administrator trust it: `rackwatch opcua own` says where it is",
  ],
  BadSecurityModeRejected: [
    "The server does not offer this security",
    "Choose another security.mode or security.policy",
  ],
  BadSecurityPolicyRejected: [
    "The server does not offer this security",
    "Choose another security.mode or security.policy",
  ],
  BadTooManySessions: [
    "The server has no session left",
    "Close other clients, or raise the server's limit",
  ],
  BadCertificateTimeInvalid: [
    "The server says that this gateway's certificate is not valid now",
    "Check the clocks of both machines",
  ],
};

/** Why a server could not be opened. */
export function openError(error: unknown, endpoint: string): RackwatchError {
  if (error instanceof RackwatchError) return error;
  const status = statusOf(error);
  const known = status === undefined ? undefined : advice[status];
  if (status !== undefined && known !== undefined)
    return new RackwatchError("driver/refused", `${known[0]} (${status})`, {
      where: endpoint,
      todo: known[1],
      cause: error,
    });
  const what = status === undefined ? "gives no OPC UA answer" : `refuses: ${status}`;
  return new RackwatchError("driver/connect-failed", `The server ${what}`, {
    where: endpoint,
    todo: "Check the endpoint, and that security.mode and security.policy are what the server offers",
    cause: error,
  });
}

export function lostError(endpoint: string, what: string, cause?: unknown): RackwatchError {
  return new RackwatchError("driver/connection-lost", what, {
    where: endpoint,
    todo: "Check the server and the network; the gateway reconnects by itself",
    cause,
  });
}
