import { isDeepStrictEqual } from "node:util";
import type { Finding, SuggestedChannel } from "../../drivers/scan.ts";

/** What some findings are as YAML: channels that differ in their devices only are one. */
export interface NamedChannel {
  readonly id: string;
  readonly channel: SuggestedChannel;
  /** Of those in it. */
  readonly titles: readonly string[];
  readonly needs: readonly string[];
}

/** Ids that a configuration has already. */
export interface TakenIds {
  readonly channels: ReadonlySet<string>;
  readonly devices: ReadonlySet<string>;
}

export const nothingTaken: TakenIds = { channels: new Set(), devices: new Set() };

/** Channels with ids of their own, in the order in which they were found. Findings without a channel are left out. */
export function channelsOf(
  findings: readonly Finding[],
  taken: TakenIds = nothingTaken,
): readonly NamedChannel[] {
  const groups: { settings: object; parts: (Finding & { channel: SuggestedChannel })[] }[] = [];
  for (const finding of findings) {
    const { channel } = finding;
    if (channel === undefined) continue;
    const { devices: _, ...others } = channel;
    // A channel of which something is missing is not mixed with one that is whole.
    const settings = { ...others, needs: finding.needs };
    const known = groups.find((group) => isDeepStrictEqual(group.settings, settings));
    if (known === undefined) groups.push({ settings, parts: [{ ...finding, channel }] });
    else known.parts.push({ ...finding, channel });
  }
  const channelIds = new Set(taken.channels);
  const deviceIds = new Set(taken.devices);
  return groups.flatMap(({ parts }) => {
    const [first] = parts;
    if (first === undefined) return [];
    const devices = parts.flatMap(({ channel }) =>
      Object.entries(channel.devices).map(([id, device]) => [free(id, deviceIds), device] as const),
    );
    const channel = { ...first.channel, devices: Object.fromEntries(devices) };
    return [
      {
        id: free(stemOf(first.channel), channelIds),
        channel,
        titles: parts.map(({ title }) => title),
        needs: [...new Set(parts.flatMap(({ needs }) => needs ?? []))],
      },
    ];
  });
}

/** Takes `id`, or `id-2`, `id-3`, ... when it is not free. */
export function free(id: string, taken: Set<string>): string {
  let name = id;
  for (let number = 2; taken.has(name); number += 1) name = `${id.slice(0, 58)}-${number}`;
  taken.add(name);
  return name;
}

function stemOf({ driver, protocol }: SuggestedChannel): string {
  return typeof protocol === "string" ? protocol : driver;
}
