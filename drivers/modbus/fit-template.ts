import { z } from "zod";
import type { Sample } from "../contract.ts";
import { plan, type ReadRequest } from "./plan.ts";
import { channelSchema } from "./schema.ts";
import { templateSchema } from "./template.ts";

/** A template file as it was read. */
export interface TemplateCandidate {
  readonly id: string;
  readonly template: unknown;
}

const shapeSchema = z.object({
  device: z.record(z.string(), z.unknown()).default({}),
  points: z.record(z.string(), z.unknown()),
});

/** What must be read of a device to see whether it is of that model. */
export interface TemplateTrial {
  readonly id: string;
  readonly requests: readonly ReadRequest[];
  /** By point. */
  readonly units: ReadonlyMap<string, string | undefined>;
}

/** Values that a sensor in a store may give, by unit. Outside of it the registers mean something else. */
const plausible: Readonly<Record<string, readonly [number, number]>> = {
  Cel: [-90, 200],
  "%": [0, 100],
  hPa: [300, 1_200],
  kPa: [30, 120],
};

/** Reads of one trial: a model with more says itself in these, too. */
const requestsMax = 6;

/** Undefined for templates of another driver, or without anything to read. */
export function trialOf(
  { id, template }: TemplateCandidate,
  port: string,
  unitId: number,
): TemplateTrial | undefined {
  if (!templateSchema.safeParse(template).success) return undefined;
  // As it was read: what a schema has made of durations it does not take again.
  const { device, points } = shapeSchema.parse(template);
  const given = { driver: "modbus", port, devices: { it: { ...device, unitId, points } } };
  const channel = channelSchema.safeParse(given);
  if (!channel.success) return undefined;
  const requests = plan(channel.data).map(({ request }) => request);
  if (requests.length === 0) return undefined;
  const units = Object.entries(channel.data.devices["it"]?.points ?? {}).map(
    ([name, point]) => [`it/${name}`, point.unit] as const,
  );
  return { id, requests: requests.slice(0, requestsMax), units: new Map(units) };
}

/** How well values fit a model; undefined when one of them speaks against it, or none for it. */
export function scoreOf(samples: readonly Sample[], { units }: TemplateTrial): number | undefined {
  let score = 0;
  let hasValue = false;
  for (const sample of samples) {
    if (sample.quality === "bad") return undefined;
    if (typeof sample.value !== "number") continue;
    const range = plausible[units.get(sample.point) ?? ""];
    if (range === undefined) continue;
    const [low, high] = range;
    if (sample.value < low || sample.value > high) return undefined;
    score += 1;
    // Registers that are not there read as 0 in many devices.
    hasValue ||= sample.value !== 0;
  }
  return hasValue ? score : undefined;
}
