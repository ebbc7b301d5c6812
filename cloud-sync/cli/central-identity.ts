import { identityText } from "../../config/language/identity.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import { parseDuration } from "../../drivers/quantity.ts";
import { type CommandIo, newCommand, terminalLanguage } from "../../gateway/cli/command.ts";
import { createLog } from "../../gateway/runtime/log.ts";
import type { Database } from "../central/database/database.ts";
import { migrate } from "../central/database/migrations.ts";
import { type Access, readAccess } from "../central/identity/certificates.ts";
import {
  codeValidMsMax,
  codeValidMsMin,
  makeEnrolmentCode,
} from "../central/identity/enrolment.ts";
import { dropToken, revoke } from "../central/identity/revocation.ts";
import { type DatabasePlace, databaseOpener } from "./central-place.ts";

/** `rackwatch central enroll-code`, `revoke` and `gateways`. */
export function identityCommands(io: CommandIo, where: () => DatabasePlace) {
  return [codeCommand(io, where), revokeCommand(io, where), listCommand(io, where)];
}

function codeCommand(io: CommandIo, where: () => DatabasePlace) {
  return newCommand("enroll-code", io)
    .description("make a one-time code by which a gateway gets its certificate, and print it once")
    .argument("<gateway>", "gateway.id of its configuration")
    .option("--valid <time>", "how long it is good, as in 24h", "24h")
    .option("--name <name>", "what people call the gateway")
    .option("--json", "print JSON")
    .action(async (gateway, { valid, name, json }) => {
      const validMs = parseDuration(valid);
      if (validMs === undefined || validMs < codeValidMsMin || validMs > codeValidMsMax) {
        throw new RackwatchError("config/invalid", "a code is good for a minute to 31 days", {
          where: valid,
          todo: "give a time, as in --valid 24h",
        });
      }
      await using database = await opened(io, where());
      const { code, expiresAt } = await makeEnrolmentCode(database, gateway, validMs, name);
      const until = new Date(expiresAt).toISOString();
      if (json === true) {
        io.stdout.write(`${JSON.stringify({ gateway, code, expiresAt: until })}\n`);
        return;
      }
      io.stderr.write(`${textOf(io).codeOnce(gateway, until)}\n`);
      io.stdout.write(`${code}\n`);
    });
}

function revokeCommand(io: CommandIo, where: () => DatabasePlace) {
  return newCommand("revoke", io)
    .description("shut a gateway out within a minute, or end one certificate or its token")
    .argument("<what>", "gateway.id, or the serial number of a certificate")
    .option("--token-only", "end its token only; its certificate stays")
    .option("--json", "print JSON")
    .action(async (what, { tokenOnly, json }) => {
      await using database = await opened(io, where());
      const text = textOf(io);
      if (tokenOnly === true) {
        await dropToken(database, what);
        io.stdout.write(
          json === true ? `${JSON.stringify({ gateway: what })}\n` : `${text.tokenDropped(what)}\n`,
        );
        return;
      }
      const revoked = await revoke(database, what);
      const { gateway, serial } = revoked;
      const said =
        serial === undefined
          ? text.revokedGateway(gateway)
          : text.revokedCertificate(gateway, serial);
      io.stdout.write(json === true ? `${JSON.stringify(revoked)}\n` : `${said}\n`);
    });
}

function listCommand(io: CommandIo, where: () => DatabasePlace) {
  return newCommand("gateways", io)
    .description("list gateways with what they may speak by")
    .option("--json", "print JSON")
    .action(async ({ json }) => {
      await using database = await opened(io, where());
      const found = await readAccess(database);
      if (json === true) io.stdout.write(`${JSON.stringify(found.map(jsonOf))}\n`);
      else io.stdout.write(table(io, found));
    });
}

function jsonOf({ revokedAt, notAfter, firstUsedAt, codeUntil, ...rest }: Access) {
  const time = (at: number | undefined) => (at === undefined ? undefined : new Date(at));
  return {
    ...rest,
    revokedAt: time(revokedAt),
    notAfter: time(notAfter),
    firstUsedAt: time(firstUsedAt),
    codeUntil: time(codeUntil),
  };
}

function table(io: CommandIo, found: readonly Access[]): string {
  const text = textOf(io).list;
  const head = [text.gateway, text.certificate, text.until, text.token, text.state];
  const rows = found.map((it) => [
    it.gateway,
    it.serial ?? "-",
    it.notAfter === undefined ? "-" : new Date(it.notAfter).toISOString().slice(0, 10),
    it.hasToken ? text.yes : text.no,
    stateOf(io, it),
  ]);
  const widths = head.map((_, at) => Math.max(...[head, ...rows].map((row) => wide(row[at]))));
  const line = (row: readonly string[]) =>
    row
      .map((cell, at) => cell + " ".repeat((widths[at] ?? 0) - wide(cell)))
      .join("  ")
      .trimEnd();
  return `${[head, ...rows].map(line).join("\n")}\n`;
}

/** Columns of a terminal: a Chinese character takes two. */
function wide(text = ""): number {
  return [...text].reduce((sum, it) => sum + (it > "\u2e7f" ? 2 : 1), 0);
}

function stateOf(io: CommandIo, it: Access): string {
  const text = textOf(io).list;
  const states = [
    ...(it.revokedAt === undefined ? [] : [text.revoked(new Date(it.revokedAt).toISOString())]),
    ...(it.notAfter !== undefined && it.notAfter < Date.now() ? [text.expired] : []),
    ...(it.serial !== undefined && it.firstUsedAt === undefined ? [text.unused] : []),
    ...(it.codeUntil === undefined ? [] : [text.code(new Date(it.codeUntil).toISOString())]),
  ];
  if (states.length > 0) return states.join(", ");
  return it.serial === undefined && !it.hasToken ? text.none : text.good;
}

async function opened(io: CommandIo, place: DatabasePlace): Promise<Database> {
  const database = await databaseOpener(io, place, createLog({ ...io.env }))();
  await migrate(database);
  return database;
}

function textOf(io: CommandIo) {
  return identityText[terminalLanguage(io.env)];
}
