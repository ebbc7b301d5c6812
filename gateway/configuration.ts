import { join } from "node:path";
import { loadOrLastGood } from "../config/last-good.ts";
import { canConvert } from "./pipeline/unit.ts";

/** Credentials of central and of receivers are the agent's: the unit does not give them to the gateway. */
const foreignSections = ["sync", "notify", "mail"];

/** The configuration of a gateway, or the last good one. */
export function loadConfiguration(
  file: string,
  dataDir: string,
  env: Readonly<Record<string, string | undefined>>,
) {
  return loadOrLastGood(file, join(dataDir, "config"), { env, canConvert, foreignSections });
}
