import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { doctorText } from "../../config/language/doctor.ts";
import type { Config } from "../../config/schema/config.ts";
import { productVersion } from "../runtime/version.ts";
import { openOutbox } from "../store/outbox.ts";
import type { ClockQuality } from "../store/store.ts";
import { lanes } from "../store/store.ts";
import { readSyncStatus } from "../store/sync-status.ts";
import { type Diagnosis, type DoctorAsked, diagnose } from "./doctor.ts";
import { codeOf } from "./finding.ts";
import { findingsText } from "./findings-text.ts";
import { mayOpenDatabase } from "./folder-check.ts";
import { run } from "./machine-check.ts";
import { redacted, secretsOf } from "./redact.ts";
import { type TarFile, tar } from "./tar.ts";

/** What mail servers take. Each file is cut at its end, logs at their beginning, long before it. */
export const bundleBytesMax = 5 * 1_048_576;

/** Of one file, before compression: eight of them, were they of random bytes, still stay below the whole. */
const fileBytesMax = 600_000;

const logLines = 2_000;

const askMs = 3_000;

/** The gateway as it is, for whoever helps: a gzipped tar of text files, every one redacted. */
export async function bundle(asked: DoctorAsked): Promise<Buffer> {
  const { configFile, dataDir, language, now } = asked;
  const diagnosis = await diagnose(asked);
  const secrets = [...knownSecrets(asked, diagnosis.config)];
  const json = (value: unknown) => JSON.stringify(value, null, 2);
  const logs = await Promise.all(
    ["rackwatch-gateway", "rackwatch-sync"].map(async (unit) => {
      const args = ["-u", unit, "-n", String(logLines), "--no-pager", "-o", "short-iso-precise"];
      const { out, code } = await run("journalctl", args, 16 * 1_048_576);
      return [`${unit}.log`, code === undefined ? out : `no log: ${code}\n`] as const;
    }),
  );
  const texts: readonly (readonly [name: string, text: string])[] = [
    ["doctor.txt", findingsText(diagnosis.findings, doctorText[language])],
    ["doctor.json", json(diagnosis.findings)],
    ["versions.json", json(versions(now(), diagnosis.clock))],
    ["gateway.yaml", cut(readText(configFile))],
    ["metrics.txt", cut(await metricsOf(diagnosis))],
    ["store.json", json(storeFigures(dataDir))],
    ["sync.json", json(readSyncStatus(dataDir) ?? null)],
    ...logs.map(([name, text]) => [name, tail(text)] as const),
  ];
  const files = texts.map(([name, text]): TarFile => {
    return { name: `rackwatch-support/${name}`, content: Buffer.from(redacted(text, secrets)) };
  });
  return gzipSync(tar(files, now()));
}

/** Of the configuration, of secrets.yaml beside it, of systemd's credentials and of the environment. */
function knownSecrets({ configFile, env }: DoctorAsked, config: Config | undefined) {
  const file = readText(join(dirname(configFile), "secrets.yaml"));
  const written = [...file.matchAll(/^[^\s#][^:]*:\s*(.*?)\s*$/gm)].map(([, value = ""]) =>
    value.replace(/^(["'])(.*)\1.*$/, "$2"),
  );
  const exported = Object.entries(env).flatMap(([name, value]) =>
    name.startsWith("RACKWATCH_SECRET_") && value !== undefined ? [value] : [],
  );
  return new Set([...secretsOf(config), ...written, ...exported]);
}

function versions(now: number, clock: ClockQuality) {
  return {
    rackwatch: productVersion(),
    node: process.versions.node,
    sqlite: process.versions["sqlite"],
    arch: process.arch,
    kernel: readText("/proc/version").trim(),
    system: /^PRETTY_NAME="?(.*?)"?$/m.exec(readText("/etc/os-release"))?.[1],
    model: readText("/proc/device-tree/model").replaceAll("\0", ""),
    now: new Date(now).toISOString(),
    clock,
  };
}

/** Of the gateway that runs; it answers this machine only. */
async function metricsOf({ config }: Diagnosis): Promise<string> {
  if (config?.panel.enabled !== true) return "the panel is switched off\n";
  try {
    const signal = AbortSignal.timeout(askMs);
    const answer = await fetch(`http://${config.panel.listen}/metrics`, { signal });
    return answer.ok ? await answer.text() : `status ${answer.status}\n`;
  } catch (error) {
    return `no answer: ${codeOf(error)}\n`;
  }
}

function storeFigures(dataDir: string) {
  if (!mayOpenDatabase(dataDir)) return { unreadable: "the gateway stands still" };
  try {
    using outbox = openOutbox(dataDir);
    const { epoch } = outbox;
    const spans = lanes.map((lane) => [
      lane,
      { first: outbox.first(lane), head: outbox.head(lane) },
    ]);
    return { epoch, ancestors: outbox.ancestors(), ...Object.fromEntries(spans) };
  } catch (error) {
    return { unreadable: codeOf(error) };
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

function cut(text: string): string {
  return text.length <= fileBytesMax ? text : `${text.slice(0, fileBytesMax)}\n... cut\n`;
}

/** The newest lines are the ones that matter. */
function tail(text: string): string {
  return text.length <= fileBytesMax ? text : `... cut\n${text.slice(-fileBytesMax)}`;
}
