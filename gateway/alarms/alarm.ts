import type { Priority } from "../../config/schema/rule.ts";
import type { EpochMs, PointKey, Value } from "../../drivers/contract.ts";

/**
 * The states of ISA-18.2 in words, derived from the flags: NORM, UNACK, ACKED, RTNUN, LATCH_UNACK, LATCH_ACK, SHLVD,
 * DSUPR, OOSRV (`isaState`).
 */
export const alarmStates = [
  "normal",
  "unacknowledged",
  "acknowledged",
  "returned-unacknowledged",
  "latched-unacknowledged",
  "latched-acknowledged",
  "shelved",
  "suppressed",
  "out-of-service",
] as const;
export type AlarmState = (typeof alarmStates)[number];

/** Put aside by a person for a time, or until it returns (`oneShot`; `until` is the limit of that too). */
export interface Shelf {
  readonly by: string;
  readonly reason?: string;
  readonly since: EpochMs;
  readonly until: EpochMs;
  readonly oneShot: boolean;
}

/** Suppressed by design: by the rule's own condition, or by hand of a person with that right. */
export interface Suppression {
  readonly since: EpochMs;
  readonly by?: string;
  readonly reason?: string;
}

/** Out of service: maintenance or calibration. */
export interface OutOfService {
  readonly by: string;
  readonly reason: string;
  readonly since: EpochMs;
  /** Expected return; it does not end by itself. */
  readonly until?: EpochMs;
}

/** What an alarm was raised by where no single value says it. */
export type Figures = Readonly<Record<string, number | string>>;

/** The lifecycle of one rule's violation. Flags are orthogonal (OPC UA Part 9); `state` follows from them. */
export interface Alarm {
  /** `rule#occurrence`; a new activation is a new occurrence. `rule#0`: never raised, but shelved or out of service. */
  readonly id: string;
  readonly rule: string;
  readonly state: AlarmState;
  /** The rule is violated, delays included. */
  readonly active: boolean;
  readonly acknowledged: boolean;
  /** Returned, and waits for a reset. */
  readonly latched: boolean;
  readonly shelved?: Shelf;
  readonly suppressed?: Suppression;
  readonly outOfService?: OutOfService;
  /** Not told to anybody because one of `inhibitedBy` is active. */
  readonly inhibited?: boolean;
  /** It is active because nothing better is known: its point has no good value at present. */
  readonly held?: boolean;
  readonly priority: Priority;
  readonly message: string;
  readonly advise?: string;
  readonly location?: string;
  /** The item, and the lot of it, that it is about. */
  readonly item?: string;
  readonly lot?: string;
  readonly outputs: readonly PointKey[];
  readonly annunciate?: readonly string[];
  readonly point?: PointKey;
  /** The value that violated the rule when the alarm was raised. */
  readonly value?: Value;
  /** Numbers and words by which it was raised, under their names. */
  readonly figures?: Figures;
  readonly raisedAt: EpochMs;
  /** When the present state began. */
  readonly since: EpochMs;
  /** How often it called again, by `reAlarm` or a higher priority. */
  readonly reAlarms?: number;
  readonly acknowledgedBy?: string;
  readonly acknowledgedAt?: EpochMs;
  readonly comment?: string;
}

/** What made a transition; also the events of the lifecycle table. */
export type AlarmCause =
  | "violated"
  | "returned"
  | "acknowledged"
  | "auto-acknowledged"
  | "reset"
  | "shelved"
  | "unshelved"
  | "shelf-expired"
  | "one-shot-over"
  | "re-alarm"
  | "priority-raised"
  | "suppressed"
  | "unsuppressed"
  | "suppression-expired"
  | "out-of-service"
  | "return-to-service"
  | "rule-removed";

export interface AlarmTransition {
  readonly alarm: string;
  readonly rule: string;
  readonly from: AlarmState;
  /** The same as `from` where something happened behind a shelf, a suppression or out of service. */
  readonly to: AlarmState;
  readonly at: EpochMs;
  readonly cause: AlarmCause;
  readonly by?: string;
  readonly comment?: string;
  readonly point?: PointKey;
  readonly value?: Value;
  readonly figures?: Figures;
  readonly priority: Priority;
  readonly message: string;
}

/** What a person does with an alarm. */
export type AlarmAction =
  | { readonly do: "acknowledge"; readonly by: string; readonly comment?: string | undefined }
  | { readonly do: "reset"; readonly by: string; readonly comment?: string | undefined }
  | {
      readonly do: "shelve";
      readonly by: string;
      readonly reason?: string | undefined;
      /** Absent: one-shot, until it returns. */
      readonly forMs?: number | undefined;
    }
  | { readonly do: "unshelve"; readonly by: string }
  | { readonly do: "suppress"; readonly by: string; readonly reason?: string | undefined }
  | { readonly do: "unsuppress"; readonly by: string }
  | {
      readonly do: "out-of-service";
      readonly by: string;
      readonly reason: string;
      readonly until?: EpochMs | undefined;
    }
  | { readonly do: "return-to-service"; readonly by: string };
