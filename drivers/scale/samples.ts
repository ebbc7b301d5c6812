import type { EpochMs, Sample, Value } from "../contract.ts";
import type { ScalePoint } from "./abilities.ts";
import type { ScaleReading } from "./protocol.ts";
import { toKg } from "./units.ts";

/** One weighing with its time; `stable` is decided. */
export interface Weighing {
  readonly reading: ScaleReading;
  readonly stable: boolean;
  readonly sampledAt: EpochMs;
}

type Finding =
  | { readonly quality: "good" | "uncertain"; readonly value: Value; readonly reason?: string }
  | { readonly quality: "bad"; readonly reason: string };

const readPoints = ["weight", "stable", "net", "tare-weight", "unit", "status"] as const;
type ReadPoint = (typeof readPoints)[number];

/** A weighing as samples of the device's points. Only `ok` and `unstable` weigh: no code becomes a number. */
export function samplesOf(
  device: string,
  points: readonly ScalePoint[],
  { reading, stable, sampledAt }: Weighing,
): readonly Sample[] {
  return readPoints
    .filter((point) => points.includes(point))
    .map((point) => ({
      point: `${device}/${point}` as const,
      sampledAt,
      ...rawOf(point, reading),
      ...findingOf(point, reading, stable),
    }));
}

/** Nothing that could be believed came: every point is bad. */
export function badSamples(
  device: string,
  points: readonly ScalePoint[],
  reason: string,
  sampledAt: EpochMs,
): readonly Sample[] {
  return readPoints
    .filter((point) => points.includes(point))
    .map((point) => ({ point: `${device}/${point}`, sampledAt, quality: "bad", reason }));
}

/** The weight in kg; undefined where it is no true mass. */
export function weightKg({ status, weight, unit }: ScaleReading): number | undefined {
  const isWeight = status === "ok" || status === "unstable";
  return isWeight && weight !== undefined && unit !== undefined ? toKg(weight, unit) : undefined;
}

function rawOf(point: ReadPoint, reading: ScaleReading): { readonly raw?: number } {
  const raw =
    point === "weight" ? reading.weight : point === "tare-weight" ? reading.tare : undefined;
  return raw === undefined ? {} : { raw };
}

function findingOf(point: ReadPoint, reading: ScaleReading, stable: boolean): Finding {
  const { status, unit, net, tare } = reading;
  switch (point) {
    case "weight":
      return weightOf(reading, stable);
    case "stable":
      return whyNot(reading) ?? { quality: "good", value: stable };
    case "net":
      return net === undefined ? bad(whyNot(reading)?.reason ?? "not-sent") : good(net);
    case "tare-weight":
      return tareOf(tare, unit, whyNot(reading)?.reason ?? "not-sent");
    case "unit":
      return unit === undefined ? bad(whyNot(reading)?.reason ?? "unit-blank") : good(unit);
    case "status":
      return good(status);
  }
}

function weightOf(reading: ScaleReading, stable: boolean): Finding {
  const refused = whyNot(reading);
  if (refused !== undefined) return refused;
  const { weight, unit } = reading;
  if (weight === undefined) return bad("not-understood");
  if (unit === undefined) return bad(stable ? "unit-blank" : "unstable");
  const kg = toKg(weight, unit);
  if (kg === undefined || !Number.isFinite(kg)) return bad(`unit ${unit}`);
  return stable
    ? { quality: "good", value: kg }
    : { quality: "uncertain", value: kg, reason: "unstable" };
}

function tareOf(tare: number | undefined, unit: string | undefined, reason: string): Finding {
  if (tare === undefined) return bad(reason);
  if (unit === undefined) return bad("unit-blank");
  const kg = toKg(tare, unit);
  return kg === undefined || !Number.isFinite(kg) ? bad(`unit ${unit}`) : good(kg);
}

/** Why the scale does not weigh now; undefined when it does. */
function whyNot({ status, code }: ScaleReading): (Finding & { quality: "bad" }) | undefined {
  if (status === "ok" || status === "unstable") return undefined;
  return bad(status === "error" && code !== undefined ? `error ${code}` : status);
}

function good(value: Value): Finding {
  return { quality: "good", value };
}

function bad(reason: string) {
  return { quality: "bad", reason } as const;
}
