import type { Priority } from "../../config/schema/rule.ts";
import type { EpochMs, PointKey, Value } from "../../drivers/contract.ts";

/** The four basic states of ISA-18.2 (NORM, UNACK, ACKED, RTNUN). */
export type AlarmState = "normal" | "unacknowledged" | "acknowledged" | "returned-unacknowledged";

/** The lifecycle of one rule's violation. */
export interface Alarm {
  /** `rule#occurrence`; a new activation is a new occurrence. */
  readonly id: string;
  readonly rule: string;
  readonly state: AlarmState;
  readonly priority: Priority;
  readonly message: string;
  readonly advise?: string;
  readonly location?: string;
  readonly outputs: readonly PointKey[];
  readonly point?: PointKey;
  /** The value that violated the rule when the alarm was raised. */
  readonly value?: Value;
  readonly raisedAt: EpochMs;
  /** When the present state began. */
  readonly since: EpochMs;
  readonly acknowledgedBy?: string;
  readonly comment?: string;
}

export interface AlarmTransition {
  readonly alarm: string;
  readonly rule: string;
  readonly from: AlarmState;
  readonly to: AlarmState;
  readonly at: EpochMs;
  readonly cause: "violated" | "returned" | "acknowledged" | "rule-removed";
  readonly by?: string;
  readonly comment?: string;
  readonly point?: PointKey;
  readonly value?: Value;
  readonly priority: Priority;
  readonly message: string;
}
