import type { Language } from "../../config/language/language.ts";
import type { DriverContext } from "../../drivers/contract.ts";
import { toHex } from "../../drivers/hex.ts";
import { quietLog } from "../../drivers/quiet-log.ts";
import { systemClock as clock } from "../runtime/clock.ts";
import type { CommandIo } from "./command.ts";
import type { ProbeRecord } from "./probe-record.ts";

/** Where and how a probe shows what it sees. */
export interface Show {
  readonly io: CommandIo;
  readonly language: Language;
  readonly isJson: boolean;
  readonly isRaw: boolean;
  readonly dataDir: string;
  /** Aborted when the time is over or somebody has seen enough. */
  readonly ended: AbortSignal;
}

/** The driver sees what the gateway would give it, and its bytes are shown and counted. */
export function contextOf(
  { io, isJson, isRaw, dataDir }: Show,
  record: ProbeRecord,
): DriverContext {
  return {
    clock,
    log: quietLog,
    dataDir,
    tap: (direction, bytes) => {
      record.pass(direction, bytes.length, clock.monotonicMs());
      if (!isRaw) return;
      const hex = toHex(bytes);
      const at = new Date(clock.now()).toISOString();
      const pairs = hex.match(/../g)?.join(" ") ?? "";
      io.stdout.write(
        isJson
          ? `${JSON.stringify({ event: direction, at, hex })}\n`
          : `${timeOf(at)} ${direction === "in" ? "<" : ">"} ${pairs}\n`,
      );
    },
  };
}

/** `12:03:04.123` of an ISO time. */
export function timeOf(iso: string): string {
  return iso.slice(11, 23);
}
