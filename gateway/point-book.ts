import { describePoints, pointSettingsOf } from "../config/points.ts";
import type { Config } from "../config/schema/config.ts";
import type { PointDescription, PointKey } from "../drivers/contract.ts";
import { type PipelineSettings, staleAfterMs } from "./pipeline/stale.ts";

/** All that the configuration says of one point, with the unit in which it is stored and shown. */
export interface Point extends PointDescription {
  readonly name?: string;
  readonly location?: string;
  readonly settings: PipelineSettings;
  /** Undefined where the device decides when to speak. */
  readonly staleAfterMs: number | undefined;
}

/** Every point of the configuration, in its order. */
export function pointBook(config: Config): ReadonlyMap<PointKey, Point> {
  const settings = pointSettingsOf(config);
  const locations = locationOf(config);
  return new Map(
    describePoints(config).map((description) => {
      const { key, everyMs } = description;
      const told = description.unit === undefined ? {} : { unit: description.unit };
      const own: PipelineSettings = { ...told, ...settings.get(key), everyMs };
      const unit = own.convertTo ?? own.unit;
      const location = locations.get(key);
      const point: Point = {
        ...description,
        ...(unit === undefined ? {} : { unit }),
        ...(own.name === undefined ? {} : { name: own.name }),
        ...(location === undefined ? {} : { location }),
        settings: own,
        staleAfterMs: description.access === "write" ? undefined : staleAfterMs(own),
      };
      return [key, point];
    }),
  );
}

/** What the pipeline is to do with each point. */
export function settingsOf(
  points: ReadonlyMap<PointKey, Point>,
): ReadonlyMap<PointKey, PipelineSettings> {
  return new Map([...points].map(([key, { settings }]) => [key, settings]));
}

function locationOf(config: Config): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(config.locations).flatMap(([id, { points }]) =>
      points.map((point): [string, string] => [point, id]),
    ),
  );
}
