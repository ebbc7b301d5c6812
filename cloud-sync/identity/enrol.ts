import { createPublicKey, type KeyObject, X509Certificate } from "node:crypto";
import { syncText } from "../../config/language/sync.ts";
import type { EpochMs } from "../../drivers/contract.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import { gatewayOfCertificate } from "../../gateway/store/identity-file.ts";
import { machineMark, machineText } from "../../gateway/store/machine-mark.ts";
import { refusalSchema } from "../protocol.ts";
import { type EnrolledAnswer, enrolledSchema } from "../protocol-identity.ts";
import { askEnrolment, type EnrolPeer } from "./enrol-connection.ts";
import { IdentityKeeper } from "./keep-identity.ts";
import { loadX509 } from "./x509.ts";

export interface EnrolAsked {
  readonly code: string;
  readonly peer: EnrolPeer;
  readonly dataDir: string;
  /** Of the configuration; absent: whatever the code says. */
  readonly gateway: string | undefined;
}

export interface EnrolResult {
  readonly gateway: string;
  readonly serial: string;
  readonly notAfter: EpochMs;
}

/**
 * Makes a key that stays here, and gets a certificate for it. An answer that was lost is asked for again with the same
 * key; what the gateway had stays until the new identity is whole.
 * @throws RackwatchError `sync/unauthorized`, `sync/certificate`, `sync/unreachable`, `sync/not-central`, `store/io`
 */
export async function enrol({ code, peer, dataDir, gateway }: EnrolAsked): Promise<EnrolResult> {
  const { text } = peer;
  const keeper = onDisk(dataDir, text, () => new IdentityKeeper(dataDir));
  const key = onDisk(dataDir, text, () => keeper.nextKey());
  const machine = machineText(machineMark());
  const answer = await askEnrolment(peer, {
    code,
    csr: await certificateRequest(key),
    ...(gateway === undefined ? {} : { gateway }),
    ...(machine === undefined ? {} : { machine }),
  });
  const said = enrolledSchema.safeParse(answer.body);
  if (answer.status !== 200 || !said.success) throw refused(answer, peer);
  const certificate = certificateFor(said.data, key);
  if (certificate === undefined) throw notCentral(peer);
  const { data } = said;
  const centralPem = peer.fingerprint === undefined ? peer.ca : answer.peerPem;
  onDisk(dataDir, text, () => {
    keeper.keep(data.certificate, data.authority, centralPem);
    keeper.trust(data.signingKey);
    const { serialNumber: serial } = certificate;
    keeper.tell({ gateway: data.gateway, serial, notAfter: certificate.validToDate.getTime() });
  });
  return {
    gateway: data.gateway,
    serial: certificate.serialNumber,
    notAfter: certificate.validToDate.getTime(),
  };
}

/** A certificate for this gateway's key, from the authority that the answer names. */
function certificateFor(said: EnrolledAnswer, key: KeyObject): X509Certificate | undefined {
  try {
    const certificate = new X509Certificate(said.certificate);
    const authority = new X509Certificate(said.authority);
    const fits =
      certificate.checkPrivateKey(key) &&
      certificate.verify(authority.publicKey) &&
      gatewayOfCertificate(certificate) === said.gateway &&
      createPublicKey(said.signingKey.publicKey).asymmetricKeyType === "ed25519";
    return fits ? certificate : undefined;
  } catch {
    return undefined;
  }
}

async function certificateRequest(key: KeyObject): Promise<string> {
  const x509 = await loadX509();
  const p256 = { name: "ECDSA", namedCurve: "P-256" } as const;
  const pkcs8 = new Uint8Array(key.export({ type: "pkcs8", format: "der" }));
  const spki = new Uint8Array(createPublicKey(key).export({ type: "spki", format: "der" }));
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: [{ CN: ["Rackwatch gateway"] }],
    signingAlgorithm: { name: "ECDSA", hash: "SHA-256" },
    keys: {
      privateKey: await crypto.subtle.importKey("pkcs8", pkcs8, p256, false, ["sign"]),
      publicKey: await crypto.subtle.importKey("spki", spki, p256, true, ["verify"]),
    },
  });
  return `${request.toString("pem")}\n`;
}

function refused(answer: { readonly status: number; readonly body: unknown }, peer: EnrolPeer) {
  const { text, central } = peer;
  const where = central.origin;
  const refusal = refusalSchema.safeParse(answer.body);
  if (!refusal.success) return notCentral(peer);
  const { code, message, retryAfterMs } = refusal.data;
  if (code === "code-wrong" || code === "code-used" || code === "code-expired") {
    const { message: said, todo } = text.refusedCode[code];
    return new RackwatchError("sync/unauthorized", said, { where, todo });
  }
  if (code === "busy") {
    const { message: said, todo } = text.tooMany(Math.ceil((retryAfterMs ?? 1_000) / 1_000));
    return new RackwatchError("sync/busy", said, { where, todo });
  }
  if (code === "not-found") {
    return new RackwatchError("sync/refused", text.noKeys.message, {
      where,
      todo: text.noKeys.todo,
    });
  }
  const said = syncText[peer.language];
  const { message: failed, todo } =
    answer.status >= 500 ? said.serverError(where, answer.status) : said.refused(where, message);
  return new RackwatchError("sync/refused", failed, { where, todo });
}

function notCentral({ central, language }: EnrolPeer): RackwatchError {
  const { message, todo } = syncText[language].notCentral(central.origin);
  return new RackwatchError("sync/not-central", message, { where: central.origin, todo });
}

function onDisk<T>(dataDir: string, text: EnrolPeer["text"], work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (!(cause instanceof Error && "syscall" in cause)) throw cause;
    const { message, todo } = text.notKept(dataDir);
    throw new RackwatchError("store/io", message, { where: dataDir, todo, cause });
  }
}
