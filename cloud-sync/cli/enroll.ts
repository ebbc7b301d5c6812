import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { identityText } from "../../config/language/identity.ts";
import { loadConfig } from "../../config/load.ts";
import type { Config } from "../../config/schema/config.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import { type CommandIo, newCommand, terminalLanguage } from "../../gateway/cli/command.ts";
import { canConvert } from "../../gateway/pipeline/unit.ts";
import { isLoopback } from "../central/access.ts";
import { enrol } from "../identity/enrol.ts";
import { isCertificate, normalFingerprint } from "../identity/enrol-connection.ts";
import { readIdentity } from "../identity/identity.ts";

type Says = { readonly message: string; readonly todo: string };

/** `rackwatch enroll CODE`: a key and a certificate for this gateway. */
export function enrollCommand(io: CommandIo) {
  return newCommand("enroll", io)
    .description("make this machine a gateway of central, by a code from `central enroll-code`")
    .argument("<code>", "as central printed it; small letters and missing dashes do not matter")
    .requiredOption("--data <dir>", "the gateway's data folder")
    .option("--config <file>", "the gateway's configuration, for sync.central and gateway.id")
    .option("--central <url>", "where central is, as in https://central.example.com")
    .option("--ca <file>", "PEM of the authority that central's certificate is from")
    .option("--fingerprint <sha256>", "of central's certificate, whatever its dates and its name")
    .option("--again", "in place of the identity that is there")
    .option("--json", "print JSON")
    .action(async (code, { data, config: file, central, ca, fingerprint, again, json }) => {
      const language = terminalLanguage(io.env);
      const text = identityText[language];
      const dataDir = resolve(io.cwd, data);
      const config = file === undefined ? undefined : configOf(io, file);
      const url = centralUrl(central ?? config?.sync?.central, text);
      const caFile = ca === undefined ? config?.sync?.caFile : resolve(io.cwd, ca);
      const pinned = fingerprint === undefined ? undefined : normalFingerprint(fingerprint);
      if (fingerprint !== undefined && pinned === undefined) {
        throw refusal(text.fingerprintForm, fingerprint);
      }
      const had = again === true ? undefined : readIdentity(dataDir);
      if (had !== undefined) {
        throw refusal(text.already(had.gateway, dayOf(had.notAfter)), dataDir);
      }
      const peer = {
        central: url,
        ca: caFile === undefined ? undefined : readCa(caFile, text.badCa),
        fingerprint: pinned,
        text,
        language,
        now: () => Date.now(),
      };
      const done = await enrol({ code, peer, dataDir, gateway: config?.gateway.id });
      const { gateway, serial, notAfter } = done;
      if (json === true) {
        const until = new Date(notAfter).toISOString();
        io.stdout.write(`${JSON.stringify({ gateway, serial, notAfter: until })}\n`);
        return;
      }
      io.stdout.write(`${text.enrolled(gateway, dayOf(notAfter))}\n`);
      if (config?.sync?.credentials !== undefined) io.stdout.write(`${text.dropCredentials}\n`);
    });
}

/** Secrets are not needed, and the one who enrols may not be allowed to read them. */
function configOf(io: CommandIo, file: string): Config {
  const path = resolve(io.cwd, file);
  const loaded = loadConfig(path, { env: io.env, canConvert, secrets: "substitute" });
  if (loaded.ok) return loaded.config;
  throw new RackwatchError("config/invalid", "the configuration has errors", {
    where: path,
    todo: "`rackwatch check FILE` shows them",
  });
}

function centralUrl(given: string | undefined, text: (typeof identityText)["en"]): URL {
  const url = given === undefined ? null : URL.parse(given);
  if (url === null || !/^https?:$/.test(url.protocol)) throw refusal(text.noCentral, given ?? "");
  if (url.protocol === "https:" || isLoopback(url.hostname)) return url;
  throw refusal(text.plain(url.origin), url.origin);
}

function readCa(file: string, says: Says): string {
  try {
    const pem = readFileSync(file, "utf8");
    if (isCertificate(pem)) return pem;
  } catch {
    // Said below, as what is no certificate.
  }
  throw refusal(says, file);
}

function refusal({ message, todo }: Says, where: string): RackwatchError {
  return new RackwatchError("sync/refused", message, { where, todo });
}

function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
