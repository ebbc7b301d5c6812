import type { ChannelConfig, Config } from "../config/schema/config.ts";
import type { Driver, PointDescription, PointKey } from "../drivers/contract.ts";
import { isSameSetting } from "./same-settings.ts";

/** One channel of the configuration with its driver. */
export interface PlannedChannel {
  readonly id: string;
  readonly settings: ChannelConfig;
  readonly driver: Driver;
  readonly points: readonly PointDescription[];
}

export type ChannelPlan = ReadonlyMap<string, PlannedChannel>;

/** @throws Error when there is no such driver: the check of the configuration refuses that first. */
export function channelPlan(
  { channels }: Pick<Config, "channels">,
  drivers: readonly Driver[],
): ChannelPlan {
  return new Map(
    Object.entries(channels).map(([id, settings]) => {
      const driver = drivers.find(({ name }) => name === settings.driver);
      if (driver === undefined)
        throw new Error(`no driver ${settings.driver}: the check let it pass`);
      return [id, { id, settings, driver, points: driver.describe(settings) }];
    }),
  );
}

/** What a switch does to the channels; all others go on as they are. */
export interface ChannelMove {
  /** Ids of channels that are gone or have other settings. */
  readonly closes: readonly string[];
  /** Ids of channels that are new or have other settings. */
  readonly opens: readonly string[];
  /** Outputs that a closing channel turns off first: nobody drives them any more where they are. */
  readonly turnsOff: ReadonlySet<PointKey>;
  /** Points of channels that close. */
  readonly lost: ReadonlySet<PointKey>;
}

/** @param outputs of the old plan. @param staying outputs of the new one. */
export function channelMove(
  before: ChannelPlan,
  after: ChannelPlan,
  outputs: Iterable<PointKey>,
  staying: ReadonlySet<PointKey>,
): ChannelMove {
  const isSame = (id: string) => isSameSetting(before.get(id)?.settings, after.get(id)?.settings);
  const closes = [...before.keys()].filter((id) => !isSame(id));
  const opens = [...after.keys()].filter((id) => !isSame(id));
  const lost = new Map(
    closes.flatMap((id) => (before.get(id)?.points ?? []).map(({ key }) => [key, id])),
  );
  const turnsOff = [...outputs].filter((output) => {
    const id = lost.get(output);
    if (id === undefined) return false;
    const there = placeOf(before.get(id), output);
    return !staying.has(output) || !isSameSetting(there, placeOf(after.get(id), output));
  });
  return { closes, opens, turnsOff: new Set(turnsOff), lost: new Set(lost.keys()) };
}

/** Settings that say how often and how patiently, or what people call it: an output is the same one without them. */
const manners = new Set([
  "name",
  "every",
  "timeout",
  "turnaround",
  "gap",
  "registersMax",
  "devices",
  "points",
]);

/** Where an output is: what its channel, its device and itself say of that. */
function placeOf(channel: PlannedChannel | undefined, output: PointKey): unknown {
  if (channel === undefined) return undefined;
  const [device = "", point = ""] = output.split("/");
  const settings = channel.settings.devices[device];
  const own = Object(Object(settings)["points"])[point];
  return [channel.settings, settings, own].map((part) =>
    Object.entries(Object(part)).filter(([key]) => !manners.has(key)),
  );
}
