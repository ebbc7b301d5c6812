import { resolve } from "node:path";

import { RackwatchError } from "../../drivers/errors.ts";
import {
  type CertificateInfo,
  listCertificates,
  moveCertificate,
  pkiFolder,
  type Trust,
} from "../../drivers/opcua/certificates.ts";
import { quietLog } from "../../drivers/quiet-log.ts";
import { systemClock } from "../runtime/clock.ts";
import { type CommandIo, newCommand } from "./command.ts";

const dataOption = ["--data <folder>", "data folder of the gateway", "/var/lib/rackwatch"] as const;

/**
 * `rackwatch opcua list|trust|reject|own`: which OPC UA servers this gateway believes. A running gateway takes it over
 * with its next attempt to connect.
 */
export function opcuaCommand(io: CommandIo) {
  const command = newCommand("opcua", io).description(
    "Accept or reject the certificates of OPC UA servers, and show the gateway's own",
  );
  const pkiOf = (data: string) => pkiFolder(resolve(io.cwd, data));
  command
    .command("list")
    .description("Certificates of servers that were met")
    .option(...dataOption)
    .option("--json", "print as JSON")
    .action(async ({ data, json }) => {
      const known = await listCertificates(pkiOf(data));
      io.stdout.write(json === true ? jsonOf(known) : textOf(known));
    });
  for (const [name, trust, summary] of moves)
    command
      .command(name)
      .description(summary)
      .argument("<thumbprint>", "thumbprint, or the beginning of it")
      .option(...dataOption)
      .option("--json", "print as JSON")
      .action(async (thumbprint, { data, json }) => {
        const moved = await moveCertificate(pkiOf(data), thumbprint, trust);
        if (moved === undefined) throw unknown(thumbprint);
        io.stdout.write(json === true ? jsonOf([moved]) : textOf([moved]));
      });
  command
    .command("own")
    .description("The gateway's own certificate, for the administrator of a server")
    .option(...dataOption)
    .option("--json", "print as JSON")
    .action(async ({ data, json }) => {
      const own = await ownCertificate(pkiOf(data));
      io.stdout.write(
        json === true
          ? `${JSON.stringify(own)}\n`
          : `${own.file}\n  application URI ${own.applicationUri}\n  valid to ${own.validTo}\n`,
      );
    });
  return command;
}

const moves: readonly (readonly [string, Trust, string])[] = [
  ["trust", "trusted", "Accept a server by the thumbprint of its certificate"],
  ["reject", "rejected", "Accept a server no longer"],
];

function unknown(thumbprint: string): RackwatchError {
  return new RackwatchError(
    "driver/refused",
    `There is not exactly one certificate ${thumbprint}`,
    {
      todo: "`rackwatch opcua list` shows those that were met; name the right data folder with --data",
    },
  );
}

async function ownCertificate(folder: string) {
  // Loaded here: only this subcommand makes certificates.
  const [{ loadLibrary }, { openIdentity }] = await Promise.all([
    import("../../drivers/opcua/library.ts"),
    import("../../drivers/opcua/identity.ts"),
  ]);
  const library = await loadLibrary(quietLog);
  await using identity = await openIdentity(library, folder, { clock: systemClock, log: quietLog });
  return {
    file: identity.certificateFile,
    applicationUri: identity.applicationUri,
    validTo: identity.validTo.toISOString(),
  };
}

function textOf(known: readonly CertificateInfo[]): string {
  if (known.length === 0) return "no server was met yet\n";
  return known
    .map(
      ({ trust, thumbprint, subject, applicationUri, validTo }) =>
        `${trust.padEnd(8)}  ${thumbprint}  ${subject}\n          ${applicationUri ?? "no application URI"}, valid to ${validTo.toISOString().slice(0, 10)}\n`,
    )
    .join("");
}

function jsonOf(known: readonly CertificateInfo[]): string {
  return `${JSON.stringify(known)}\n`;
}
