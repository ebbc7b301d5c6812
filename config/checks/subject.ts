import type { Claim, EpochMs, PointDescription, PointKey } from "../../drivers/contract.ts";
import type { PointSettings } from "../../drivers/point-settings.ts";
import type { NamedKind } from "../language/check-alarm.ts";
import type { Path } from "../problem.ts";
import type { PlacedRule } from "../rules-of.ts";
import type { Config } from "../schema/config.ts";

/**
 * What the checks of a whole configuration look at: all parts that are valid in themselves. Names of parts that
 * are not are known too, so that one mistake is reported once and not again wherever its name is used.
 */
export interface Subject {
  readonly config: Config;
  /** What the configuration's rules amount to: levels and profiles are rules of their own. */
  readonly rules: readonly PlacedRule[];
  /** Against which calibration dates are checked. */
  readonly now: EpochMs;
  readonly points: ReadonlyMap<PointKey, PointDescription>;
  readonly settings: ReadonlyMap<PointKey, PointSettings>;
  readonly claims: readonly { readonly channel: string; readonly claim: Claim }[];
  /** Every channel that the file names. */
  readonly channels: readonly string[];
  /** Every device that the file names: where it stands. */
  readonly devices: readonly { readonly id: string; readonly path: Path }[];
  /** Every location that the file names. */
  readonly locations: readonly string[];
  /** Every section that the file names. */
  readonly sections: readonly string[];
  /** Every schedule, receiver, ladder, annunciator and rule that the file names. */
  readonly names: Readonly<Record<NamedKind, readonly string[]>>;
  /** The 1-based line on which an entry stands. */
  readonly lineOf: (path: Path) => number;
  /** Whether one unit can be turned into the other; absent: not checked. */
  readonly canConvert?: ((from: string, to: string) => boolean) | undefined;
}

/** Device id of the gateway's own health: `gateway/<part>` points exist without a driver. */
export const gatewayDevice = "gateway";

const healthParts = [
  ...["config", "store", "clock", "broker", "panel", "sync"],
  ...["sms", "annunciators", "push", "audit", "records", "backup", "disk"],
];

/** Points that the gateway itself delivers: one for each of its parts that can be unwell. */
export function healthPoints({ channels }: Pick<Subject, "channels">): readonly string[] {
  return [...healthParts, ...channels.map((id) => `channel-${id}`)];
}
