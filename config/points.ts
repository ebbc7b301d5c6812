import type { Driver, PointDescription, PointKey } from "../drivers/contract.ts";
import { drivers as registry } from "../drivers/index.ts";
import { type PointSettings, pointSettings } from "../drivers/point-settings.ts";
import type { Config } from "./schema/config.ts";

type Channels = Pick<Config, "channels">;

/** What each point of the configuration is, channel by channel. */
export function describePoints(
  config: Channels,
  drivers: readonly Driver[] = registry,
): readonly PointDescription[] {
  return Object.values(config.channels).flatMap((channel) => {
    const driver = drivers.find(({ name }) => name === channel.driver);
    return driver?.describe(channel) ?? [];
  });
}

/** What the pipeline is to do with the samples of each point that the configuration spells out. */
export function pointSettingsOf(config: Channels): ReadonlyMap<PointKey, PointSettings> {
  const found = new Map<PointKey, PointSettings>();
  for (const channel of Object.values(config.channels)) {
    for (const [device, settings] of Object.entries(channel.devices)) {
      for (const [point, values] of Object.entries(recordOf(recordOf(settings)["points"]))) {
        found.set(`${device}/${point}`, pick(recordOf(values)));
      }
    }
  }
  return found;
}

function pick(values: Readonly<Record<string, unknown>>): PointSettings {
  const entries = Object.keys(pointSettings).flatMap((key) =>
    values[key] === undefined ? [] : [[key, values[key]]],
  );
  // Every driver's point schema spreads `pointSettings`, and has checked these values.
  return Object.fromEntries(entries) as PointSettings;
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
