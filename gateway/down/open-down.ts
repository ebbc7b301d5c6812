import { loadText } from "../../config/load.ts";
import type { Brain } from "../brain.ts";
import { loadOptions } from "../configuration.ts";
import type { HealthBook } from "../health/health-book.ts";
import type { LatestSamples } from "../latest.ts";
import type { Vitals } from "../revisions/vitals.ts";
import { DownDesk, type DownDeskParts } from "./down-desk.ts";

/** Milliseconds of a trial in place of a minute: for tests, and for whoever stands beside the machine. */
const trialVariable = "RACKWATCH_TRIAL_MS";

export interface OpenDownParts extends Omit<DownDeskParts, "check" | "vitals" | "trialMs" | "now"> {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly health: Pick<HealthBook, "notices">;
  readonly latest: Pick<LatestSamples, "get">;
  readonly now: () => Pick<Brain, "config" | "intake" | "outputs" | "points">;
}

/** The desk for what central says, joined with what it watches. */
export function openDown(parts: OpenDownParts): DownDesk {
  const { env, configFile } = parts;
  const trialMs = Number(env[trialVariable]);
  return new DownDesk({
    ...parts,
    check: (text) => loadText(text, configFile, loadOptions(env)),
    vitals: () => vitalsOf(parts),
    trialMs: trialMs > 0 ? trialMs : undefined,
  });
}

function vitalsOf({ health, latest, now }: OpenDownParts): Vitals {
  const { config, points } = now();
  const delivers = (devices: ReadonlySet<string>) =>
    [...points.values()].some(
      ({ key }) => devices.has(key.split("/")[0] ?? "") && isGood(latest.get(key)?.sample.quality),
    );
  return {
    problems: new Map(health.notices().map(({ part, message }) => [part, message])),
    channels: new Map(
      Object.entries(config.channels).map(([id, { devices }]) => [
        id,
        delivers(new Set(Object.keys(devices))),
      ]),
    ),
  };
}

function isGood(quality: string | undefined): boolean {
  return quality !== undefined && quality !== "bad";
}
