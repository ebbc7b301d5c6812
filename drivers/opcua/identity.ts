import { randomUUID, X509Certificate } from "node:crypto";
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import type { OPCUACertificateManager } from "node-opcua";
import type { DriverContext } from "../contract.ts";
import { RackwatchError } from "../errors.ts";
import { type Library, mendEnvironment } from "./library.ts";

/** What this installation shows to servers. */
export interface Identity extends AsyncDisposable {
  readonly folder: string;
  readonly applicationUri: string;
  /** Certificate to give to a server's administrator, PEM. */
  readonly certificateFile: string;
  readonly keyFile: string;
  readonly validTo: Date;
  readonly manager: OPCUACertificateManager;
}

/**
 * A fixed span, to the end of 2049: the clock of a gateway may not be set when it makes its certificate, and renewing
 * it means that somebody must go to every PLC and trust it again.
 */
const validFrom = new Date(Date.UTC(2025, 0, 1));
const validityDays = 9_125;

/** That early before its end the certificate is spoken of. */
const renewWithinMs = 60 * 86_400_000;

export const applicationName = "Rackwatch";

/**
 * Opens the folder of certificates, and makes key, certificate and application URI where there are none yet. The
 * URI is written down: it stands in the certificate, and servers compare the two (OPC 10000-4, 5.6.2).
 * @throws RackwatchError `driver/permission-denied`, `driver/unavailable`.
 */
export async function openIdentity(
  library: Library,
  folder: string,
  context: Pick<DriverContext, "clock" | "log">,
): Promise<Identity> {
  try {
    return await open(library, folder, context);
  } catch (error) {
    if (error instanceof RackwatchError) throw error;
    throw folderError(folder, error);
  } finally {
    mendEnvironment();
  }
}

async function open(
  library: Library,
  folder: string,
  { clock, log }: Pick<DriverContext, "clock" | "log">,
): Promise<Identity> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const applicationUri = await uriOf(folder);
  const manager = new library.OPCUACertificateManager({
    rootFolder: folder,
    automaticallyAcceptUnknownCertificate: false,
    // A watcher for each folder: the folders are read again with each opening of a channel.
    disableFileWatchers: true,
  });
  await manager.initialize();
  // A client counts down when it disconnects and disposes of the manager at zero; ours outlives two clients.
  manager.referenceCounter += 1;
  const certificateFile = join(folder, "own", "certs", "client_certificate.pem");
  if (!(await exists(certificateFile))) {
    await manager.createSelfSignedCertificate({
      applicationUri,
      dns: [hostname()],
      outputFile: certificateFile,
      subject: `/CN=${applicationName}@${hostname().slice(0, 40)}`,
      startDate: validFrom,
      validity: validityDays,
    });
  }
  const own = new X509Certificate(await readFile(certificateFile));
  const validTo = new Date(own.validTo);
  if (validTo.getTime() - clock.now() < renewWithinMs)
    log.warn("opcua own certificate ends", { validTo: validTo.toISOString(), certificateFile });
  return {
    folder,
    applicationUri,
    certificateFile,
    keyFile: manager.privateKey,
    validTo,
    manager,
    [Symbol.asyncDispose]: async () => {
      manager.referenceCounter = 0;
      await manager.dispose();
    },
  };
}

async function uriOf(folder: string): Promise<string> {
  const file = join(folder, "application-uri");
  if (await exists(file)) {
    const text = (await readFile(file, "utf8")).trim();
    if (/^urn:[\x21-\x7e]{1,200}$/.test(text)) return text;
  }
  const made = `urn:rackwatch:${randomUUID()}`;
  await writeFile(file, `${made}\n`, { mode: 0o600 });
  return made;
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    (found) => found.size > 0,
    () => false,
  );
}

function folderError(folder: string, cause: unknown): RackwatchError {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  if (code === "EACCES" || code === "EPERM" || code === "EROFS")
    return new RackwatchError(
      "driver/permission-denied",
      `Cannot write certificates to ${folder}`,
      {
        where: folder,
        todo: "Make the data folder writable for the user that runs Rackwatch",
        cause,
      },
    );
  return new RackwatchError("driver/unavailable", `The certificates in ${folder} cannot be used`, {
    where: folder,
    todo: "Look at the cause; moving the folder away makes new certificates, which servers must trust again",
    cause,
  });
}
