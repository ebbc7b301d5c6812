import { loadText } from "../../config/load.ts";
import type { Brain } from "../brain.ts";
import type { Channels } from "../channels.ts";
import { loadOptions } from "../configuration.ts";
import type { HealthBook } from "../health/health-book.ts";
import type { LatestSamples } from "../latest.ts";
import type { Point } from "../point-book.ts";
import { deliveryOf, fallsMax, type Vitals } from "../revisions/vitals.ts";
import { DownDesk, type DownDeskParts } from "./down-desk.ts";

/** Milliseconds of a trial in place of a minute: for tests, and for whoever stands beside the machine. */
const trialVariable = "RACKWATCH_TRIAL_MS";

export interface OpenDownParts
  extends Omit<DownDeskParts, "check" | "vitals" | "heard" | "trialMs" | "now"> {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly health: Pick<HealthBook, "notices" | "falls">;
  readonly latest: Pick<LatestSamples, "get">;
  readonly channels: Pick<Channels, "restart" | "isOpen" | "heard">;
  readonly now: () => Pick<Brain, "config" | "intake" | "outputs" | "points">;
}

/** The desk for what central says, joined with what it watches. */
export function openDown(parts: OpenDownParts): DownDesk {
  const { env, configFile, channels } = parts;
  const trialMs = Number(env[trialVariable]);
  return new DownDesk({
    ...parts,
    check: (text) => loadText(text, configFile, loadOptions(env)),
    vitals: () => vitalsOf(parts),
    heard: channels.heard(),
    trialMs: trialMs > 0 ? trialMs : undefined,
  });
}

function vitalsOf({ health, latest, now, channels, clock }: OpenDownParts): Vitals {
  const { config, points } = now();
  const at = clock.monotonicMs();
  const deviceOf = ({ key }: Point) => key.slice(0, key.indexOf("/"));
  const byDevice = Map.groupBy(points.values(), deviceOf);
  return {
    at,
    problems: new Map(health.notices().map(({ part, message }) => [part, message])),
    channels: new Map(
      Object.entries(config.channels).map(([id, { devices }]) => {
        const own = Object.keys(devices).flatMap((device) => byDevice.get(device) ?? []);
        const delivery = deliveryOf(own, (key) => latest.get(key), at);
        const fellThriceSince = health.falls(`channel-${id}`).at(-fallsMax);
        return [id, { isOpen: channels.isOpen(id), ...delivery, fellThriceSince }];
      }),
    ),
  };
}
