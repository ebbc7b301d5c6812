import type { AnnunciatorConfig } from "../../config/schema/annunciator.ts";
import type { Priority } from "../../config/schema/rule.ts";
import type { PointKey } from "../../drivers/contract.ts";
import type { Alarm, AlarmState } from "./alarm.ts";

export type Colour = "red" | "amber" | "blue";

/** One output of one annunciator, and what it shows there. */
export interface Slot {
  readonly annunciator: string;
  readonly place: AnnunciatorConfig["place"];
  readonly output: PointKey;
  readonly is: Colour | "green" | "lamp" | "buzzer" | "siren" | "heartbeat";
  /** Colours that this lamp stands for: its own, and those that the annunciator has no lamp for. */
  readonly colours: readonly Colour[];
}

/** Where a colour is shown that an annunciator has not: the nearest that is more urgent, then any. */
const insteadOf: Readonly<Record<Colour, readonly Colour[]>> = {
  red: ["red", "amber", "blue"],
  amber: ["amber", "red", "blue"],
  blue: ["blue", "amber", "red"],
};

const colours = ["red", "amber", "blue"] as const;
const others = ["green", "lamp", "buzzer", "siren", "heartbeat"] as const;

/** Every output of the annunciators. A point that two of them name stands twice. */
export function slotsOf(
  annunciators: Readonly<Record<string, AnnunciatorConfig>>,
): readonly Slot[] {
  return Object.entries(annunciators).flatMap(([annunciator, config]) => {
    const { place } = config;
    const shownBy = new Map(colours.map((colour) => [colour, lampFor(colour, config)]));
    const lamps = colours.flatMap((is): Slot[] => {
      const output = config[is];
      if (output === undefined) return [];
      const own = colours.filter((colour) => shownBy.get(colour) === is);
      return [{ annunciator, place, output, is, colours: own }];
    });
    const rest = others.flatMap((is): Slot[] => {
      const output = config[is];
      return output === undefined ? [] : [{ annunciator, place, output, is, colours: [] }];
    });
    return [...lamps, ...rest];
  });
}

/** A lamp for all shows what has no colour of its own; only low alarms go to amber beside it. */
function lampFor(colour: Colour, config: AnnunciatorConfig): Colour | undefined {
  const found = insteadOf[colour].find((candidate) => config[candidate] !== undefined);
  if (config.lamp === undefined || found === colour) return found;
  return colour === "blue" && found === "amber" ? found : undefined;
}

const priorityColours: Readonly<Record<Priority, Colour>> = {
  critical: "red",
  high: "red",
  medium: "amber",
  low: "blue",
};

type Display = "calls" | "active" | "waits" | "nothing";

/** How each state is shown: it calls for a person, is still active, waits for a person, or not at all. */
const displays: Readonly<Record<AlarmState, Display>> = {
  normal: "nothing",
  unacknowledged: "calls",
  acknowledged: "active",
  "returned-unacknowledged": "waits",
  "latched-unacknowledged": "waits",
  "latched-acknowledged": "waits",
  shelved: "nothing",
  suppressed: "nothing",
  "out-of-service": "nothing",
};

export function isShown({ state }: Pick<Alarm, "state">): boolean {
  return displays[state] !== "nothing";
}

/** Flashes and sounds. */
export function calls({ state }: Pick<Alarm, "state">): boolean {
  return displays[state] === "calls";
}

/** Whether a slot has to do with an alarm that is shown. Green has: it goes out. */
export function concerns(slot: Slot, alarm: Alarm): boolean {
  if (slot.is === "heartbeat") return false;
  if (slot.is === "siren") return alarm.priority === "critical";
  if (slot.is === "green" || slot.is === "lamp" || slot.is === "buzzer") return true;
  const waits = displays[alarm.state] === "waits";
  return slot.colours.includes(waits ? "amber" : priorityColours[alarm.priority]);
}
