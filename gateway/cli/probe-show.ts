import type { Language } from "../../config/language/language.ts";
import type { DriverContext, Log } from "../../drivers/contract.ts";
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
    log: quiet,
    dataDir,
    tap: (direction, bytes) => {
      record.pass(direction, bytes.length, clock.monotonicMs());
      if (!isRaw) return;
      const hex = Buffer.from(bytes).toString("hex").toUpperCase();
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

/** What drivers say to the log would stand among the values. */
const quiet: Log = {
  child: () => quiet,
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
