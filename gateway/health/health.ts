import type { ErrorCode } from "../../drivers/errors.ts";

/** One part of the gateway that can be unwell: it is a point `gateway/<part>` and has a rule of its own. */
export type Part =
  | "config"
  | "store"
  | "clock"
  | "broker"
  | "panel"
  | "sync"
  | "sms"
  | "annunciators"
  | "push"
  | "audit"
  | "records"
  | "backup"
  | "disk"
  | `channel-${string}`;

/** What is wrong, where, and what to do: shown in the log, on the panel and in the alarm. */
export interface Problem {
  readonly code: ErrorCode | "clock/unset";
  readonly message: string;
  readonly where?: string;
  readonly todo?: string;
}

/** Where the parts report to. Reporting the same problem again changes nothing; undefined means well again. */
export interface Health {
  report(part: Part, problem: Problem | undefined): void;
}
