import { join } from "node:path";
import { keepLastGood, loadOrLastGood } from "../config/last-good.ts";
import { loadConfig } from "../config/load.ts";
import { canConvert } from "./pipeline/unit.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Credentials of central and of receivers are the agent's: the unit does not give them to the gateway. */
const foreignSections = ["sync", "notify", "mail"];

/** The configuration of a gateway as its file stands now, and nothing in its place. */
export function loadChanged(file: string, env: Environment) {
  return loadConfig(file, loadOptions(env));
}

/** How a gateway reads its configuration. */
export function loadOptions(env: Environment) {
  return { env, canConvert, foreignSections };
}

/** For the next start: it runs. */
export function keepConfiguration(dataDir: string, sources: Parameters<typeof keepLastGood>[1]) {
  return keepLastGood(folderOf(dataDir), sources);
}

/** The configuration of a gateway, or the last good one. */
export function loadConfiguration(file: string, dataDir: string, env: Environment) {
  return loadOrLastGood(file, folderOf(dataDir), loadOptions(env));
}

function folderOf(dataDir: string): string {
  return join(dataDir, "config");
}
