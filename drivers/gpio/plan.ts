import type { Claim, PointDescription, PointKey } from "../contract.ts";
import type { GpioChannel, GpioPoint } from "./schema.ts";

/** Physical level of a line: 1 is the supply voltage. What "on" means is for `activeLow` to say. */
export type Level = 0 | 1;

export interface LineLevel {
  readonly line: number;
  readonly level: Level;
}

export interface PlannedPoint {
  readonly key: PointKey;
  readonly device: string;
  readonly point: string;
  readonly settings: GpioPoint;
}

/** Every point of a channel in the order of the file. */
function plannedPoints(channel: GpioChannel): readonly PlannedPoint[] {
  return Object.entries(channel.devices).flatMap(([device, { points }]) =>
    Object.entries(points).map(([point, settings]) => ({
      key: `${device}/${point}` as const,
      device,
      point,
      settings,
    })),
  );
}

export function plannedOutputs(channel: GpioChannel): readonly PlannedPoint[] {
  return plannedPoints(channel).filter(({ settings }) => settings.access === "write");
}

export function plannedInputs(channel: GpioChannel): readonly PlannedPoint[] {
  return plannedPoints(channel).filter(({ settings }) => settings.access === "read");
}

const soundingNames = /buzzer|siren|horn/i;

export function describeGpio(channel: GpioChannel): readonly PointDescription[] {
  return plannedPoints(channel).map(({ key, point, settings }) => ({
    key,
    kind: "boolean",
    access: settings.access,
    ...(settings.access === "read"
      ? {}
      : { role: settings.role ?? (soundingNames.test(point) ? "buzzer" : "lamp") }),
  }));
}

/** A line belongs to one channel: two would overwrite each other's level. The simulation occupies nothing. */
export function claimGpio(channel: GpioChannel): readonly Claim[] {
  if (channel.backend === "sim") return [];
  return plannedPoints(channel).map(({ device, point, settings }) => ({
    resource: `gpio:${channel.chip ?? "default"}:${settings.line}`,
    exclusive: true,
    path: ["devices", device, "points", point, "line"],
  }));
}

export function levelOf(on: boolean, activeLow: boolean): Level {
  return on === activeLow ? 0 : 1;
}

/** What a line is left at when the gateway ends; lines with `keep` are not named. */
export function failSafeLevels(channel: GpioChannel): readonly LineLevel[] {
  return plannedOutputs(channel).flatMap(({ settings: { line, failSafe, activeLow } }) =>
    failSafe === "keep" ? [] : [{ line, level: levelOf(failSafe === "on", activeLow) }],
  );
}

/** A channel starts dark and silent: no alarm is known yet. */
export function startLevels(channel: GpioChannel): readonly LineLevel[] {
  return plannedOutputs(channel).map(({ settings: { line, activeLow } }) => ({
    line,
    level: levelOf(false, activeLow),
  }));
}
