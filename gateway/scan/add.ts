import { isDeepStrictEqual } from "node:util";
import { parse } from "yaml";
import type { Finding, SuggestedChannel } from "../../drivers/scan.ts";
import { insertEntry, keysAt } from "./insert.ts";
import { channelsOf, free } from "./merge.ts";

/** What was not added, and why. */
export type Omitted =
  /** The same device stands there. */
  | { readonly why: "known"; readonly title: string }
  /** Another driver, or other settings, have the port. */
  | { readonly why: "taken"; readonly title: string; readonly channel: string }
  | { readonly why: "incomplete"; readonly title: string; readonly needs: string };

export interface Addition {
  readonly text: string;
  /** Keys of what was added: `channels.modbus`, `channels.rs485-a.devices.unit-3`. */
  readonly added: readonly string[];
  readonly omitted: readonly Omitted[];
}

type Settings = Readonly<Record<string, unknown>>;

/**
 * Adds channels, or devices to channels that are on the same port, to the text of a configuration. Pure.
 * @throws NoPlaceError
 */
export function addFindings(text: string, findings: readonly Finding[]): Addition {
  const omitted: Omitted[] = [];
  const added: string[] = [];
  const fresh: Finding[] = [];
  let grown = text;
  const channels = Object.entries(recordOf(recordOf(parse(text))["channels"]));
  const devices = new Set(
    channels.flatMap(([, channel]) => Object.keys(recordOf(recordOf(channel)["devices"]))),
  );
  for (const finding of findings) {
    const { channel, title, needs } = finding;
    if (channel === undefined) continue;
    if (needs !== undefined) {
      omitted.push({ why: "incomplete", title, needs });
      continue;
    }
    const owner = channels.find(([, known]) => placeOf(recordOf(known)) === placeOf(channel));
    if (owner === undefined) {
      fresh.push(finding);
      continue;
    }
    const [id, known] = owner;
    for (const [name, device] of Object.entries(channel.devices)) {
      const fit = fitOf(recordOf(known), channel, device);
      if (fit !== "adds") {
        omitted.push(fit === "known" ? { why: fit, title } : { why: fit, title, channel: id });
        continue;
      }
      const key = free(name, devices);
      grown = insertEntry(grown, ["channels", id, "devices"], key, device);
      added.push(`channels.${id}.devices.${key}`);
    }
  }
  const taken = { channels: new Set(keysAt(text, ["channels"])), devices };
  for (const { id, channel } of channelsOf(fresh, taken)) {
    grown = insertEntry(grown, ["channels"], id, channel);
    added.push(`channels.${id}`);
  }
  return { text: grown, added, omitted };
}

/** What a channel owns alone: a port, a server. Two channels may log in to one broker, but not here. */
function placeOf({ port, endpoint, broker }: Settings): unknown {
  return port ?? endpoint ?? broker;
}

/** Addresses by which devices of one channel differ. */
const addressKeys = ["unitId", "topic", "sparkplug", "antennas"] as const;

function fitOf(
  known: Settings,
  channel: SuggestedChannel,
  device: Settings,
): "adds" | "known" | "taken" {
  if (known["driver"] !== channel.driver) return "taken";
  const others = Object.values(recordOf(known["devices"])).map(recordOf);
  const address = addressKeys.filter((key) => device[key] !== undefined);
  // A device without an address is alone on its channel.
  if (address.length === 0) return "known";
  const isSame = (other: Settings) =>
    address.every((key) => isDeepStrictEqual(other[key], device[key]));
  return others.some(isSame) ? "known" : "adds";
}

function recordOf(value: unknown): Settings {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : {};
}
