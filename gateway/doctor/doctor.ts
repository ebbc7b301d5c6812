import { readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { type DoctorText, doctorText } from "../../config/language/doctor.ts";
import { identityText } from "../../config/language/identity.ts";
import type { Language } from "../../config/language/language.ts";
import { loadConfig } from "../../config/load.ts";
import { headline } from "../../config/report.ts";
import { countedRoads } from "../../config/roads.ts";
import type { Config } from "../../config/schema/config.ts";
import { canConvert } from "../pipeline/unit.ts";
import { clockQualityNow } from "../runtime/clock-watch.ts";
import type { ClockQuality } from "../store/store.ts";
import { readSyncStatus } from "../store/sync-status.ts";
import { checkCentral } from "./central-check.ts";
import { checkChannels } from "./channel-check.ts";
import type { Finding } from "./finding.ts";
import { checkFolder } from "./folder-check.ts";
import { checkIdentity } from "./identity-check.ts";
import {
  checkClock,
  checkHeatAndPower,
  checkMemory,
  checkNode,
  checkUnits,
} from "./machine-check.ts";
import { redacted, secretsOf } from "./redact.ts";

/** Problems of a configuration that are shown; `rackwatch check` shows all. */
const problemsShownMax = 10;

/** A backup is made each day: two that are missing are no accident. */
const backupAgeMsMax = 50 * 3_600_000;

export interface DoctorAsked {
  readonly configFile: string;
  readonly dataDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly language: Language;
  readonly now: () => number;
}

export interface Diagnosis {
  readonly findings: readonly Finding[];
  /** Undefined: it does not load. Secrets that this user cannot read are unknowable values. */
  readonly config: Config | undefined;
  readonly clock: ClockQuality;
}

/** Looks at everything that a gateway needs, beside a gateway that runs, without writing anything anywhere. */
export async function diagnose(asked: DoctorAsked): Promise<Diagnosis> {
  const { dataDir, language, now, env } = asked;
  const text = doctorText[language];
  const { findings, config, secretsRead } = checkConfig(asked, text);
  const [clock, units, heat, channels, central] = await Promise.all([
    clockQualityNow(now(), env),
    checkUnits(text),
    checkHeatAndPower(text),
    config === undefined ? [] : checkChannels(config.channels, text),
    config === undefined ? [] : centralOf(config, secretsRead, text, now),
  ]);
  const secrets = secretsOf(config);
  return {
    ...{ config, clock },
    findings: [
      ...findings,
      ...checkFolder(dataDir, text),
      checkBackup(dataDir, text, now()),
      ...checkClock(text, now(), clock),
      ...channels,
      ...central,
      checkAgent(config, dataDir, text),
      checkIdentity(dataDir, config?.gateway.id, identityText[language].doctor, now()),
      ...units,
      checkMemory(text),
      checkNode(text),
      ...heat,
    ].map((it) => ({ ...it, found: redacted(it.found, secrets) })),
  };
}

function checkConfig({ configFile, env, language }: DoctorAsked, text: DoctorText) {
  const strict = loadConfig(configFile, { env, canConvert });
  if (strict.ok) {
    const found = text.config(configFile, strict.warnings.length);
    const findings: Finding[] = [{ check: "config", grade: "ok", found }];
    return { findings, config: strict.config, secretsRead: true };
  }
  const loaded = loadConfig(configFile, { env, canConvert, secrets: "substitute" });
  const shown = loaded.ok ? strict.problems : loaded.problems;
  const findings = shown
    .filter(({ severity }) => severity === "error")
    .slice(0, problemsShownMax)
    .map((problem): Finding => {
      const found = headline(problem, language);
      return loaded.ok
        ? {
            check: "config/secrets",
            grade: "warn",
            found,
            todo: text.secretsTodo(dirname(configFile)),
          }
        : { check: "config", grade: "fail", found, todo: text.configTodo(configFile) };
    });
  return { findings, config: loaded.ok ? loaded.config : undefined, secretsRead: false };
}

function centralOf(
  { sync, gateway }: Config,
  secretsRead: boolean,
  text: DoctorText,
  now: () => number,
): Promise<readonly Finding[]> | readonly Finding[] {
  if (sync?.central === undefined) {
    return [{ check: "central", grade: "skip", found: text.noSync }];
  }
  const { central, credentials, caFile, proxy } = sync;
  const token = secretsRead ? credentials?.reveal() : undefined;
  return checkCentral({ central, gatewayId: gateway.id, token, caFile, proxy }, text, now);
}

function checkAgent(config: Config | undefined, dataDir: string, text: DoctorText): Finding {
  const check = "sync";
  if (config !== undefined && config.sync === undefined) {
    return { check, grade: "skip", found: text.noSync };
  }
  const status = readSyncStatus(dataDir, config?.sync && countedRoads(config.sync));
  if (status === undefined) {
    return { check, grade: "warn", found: text.noAgent, todo: text.noAgentTodo };
  }
  const { problem, lastContactAt } = status;
  const contact = lastContactAt === undefined ? "-" : new Date(lastContactAt).toISOString();
  if (problem === undefined) return { check, grade: "ok", found: text.agent(contact) };
  const found = text.agentProblem(contact, problem.message);
  return {
    check,
    grade: "warn",
    found,
    ...(problem.todo === undefined ? {} : { todo: problem.todo }),
  };
}

function checkBackup(dataDir: string, text: DoctorText, now: number): Finding {
  const check = "data/backup";
  const at = newestBackupAt(join(dataDir, "backup"));
  if (at === undefined)
    return { check, grade: "warn", found: text.noBackup, todo: text.backupTodo };
  const found = text.backup(new Date(at).toISOString());
  if (now - at <= backupAgeMsMax) return { check, grade: "ok", found };
  return { check, grade: "warn", found, todo: text.backupTodo };
}

function newestBackupAt(folder: string): number | undefined {
  try {
    const names = readdirSync(folder).filter((name) => name.endsWith(".backup"));
    const times = names.map((name) => statSync(join(folder, name)).mtimeMs);
    return times.length === 0 ? undefined : Math.max(...times);
  } catch {
    return undefined;
  }
}
