import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import type { Clock, EpochMs } from "../../drivers/contract.ts";
import type { ClockQuality } from "../store/store.ts";
import { type ClockAnswer, timedatectlAnswer, trackingAnswer } from "./clock-answers.ts";
import { clockFloor } from "./machine.ts";

/** A clock that shows this or more was set by something that was wrong. */
export const clockCeiling: EpochMs = Date.UTC(2100, 0, 1);

/** systemd-timesyncd keeps this file while the clock is synchronised (systemd-timesyncd.service(8)). */
const timesyncFile = "/run/systemd/timesync/synchronized";

/** How often the machine is asked; a clock that was set is asked about at once. */
export const askEveryMs = 60_000;

/** After a step the machine may need a moment to know; more often than this it is not asked. */
const askAgainMs = 5_000;

/** A program that does not answer by then is ended: D-Bus waits 25 s for a service that hangs. */
const answerDeadlineMs = 5_000;

/** An answer is a line. */
const answerBytesMax = 4_096;

/** A wall clock that moved further than this against the monotonic one was set, not slewed. */
const stepMs = 1_000;

export interface ClockWatchParts {
  readonly clock: Pick<Clock, "now" | "monotonicMs">;
  /**
   * `RACKWATCH_CLOCK_MARK`: a file that is there while the clock is right, in place of all others: for a machine whose clock
   * is kept by something that none of the programs knows (GPS, PTP), and for tests.
   */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Asks a program; undefined: it is missing, fails or says nothing. A test puts its own here. */
  readonly run?: (program: string, args: readonly string[]) => Promise<string | undefined>;
}

/**
 * How far the wall clock can be believed. The first of these that says it is synchronized is believed: the kernel by
 * `timedatectl`, `chronyc`, and where neither answers the file of systemd-timesyncd. Nobody waits for them.
 */
export class ClockWatch {
  readonly #parts: ClockWatchParts;
  readonly #mark: string | undefined;
  readonly #run: NonNullable<ClockWatchParts["run"]>;
  #answer: ClockAnswer;
  /** Between the clocks when it was asked. */
  #offsetMs: number;
  #askedAt = Number.NEGATIVE_INFINITY;
  #isAsking = false;

  constructor(parts: ClockWatchParts) {
    this.#parts = parts;
    const mark = parts.env["RACKWATCH_CLOCK_MARK"];
    this.#mark = mark === "" ? undefined : mark;
    this.#run = parts.run ?? ((program, args) => runProgram(program, args, parts.env));
    this.#answer = { isSynchronized: existsSync(timesyncFile) };
    this.#offsetMs = this.#offset();
  }

  /** As of the last answer; asks again when that is due. */
  quality(): ClockQuality {
    const isSynchronized = this.#mark === undefined ? this.#heard() : existsSync(this.#mark);
    return qualityOf(this.#parts.clock.now(), isSynchronized);
  }

  /** How far the clock may be off, as the machine estimates it. */
  get errorMs(): number | undefined {
    return this.#answer.errorMs;
  }

  #heard(): boolean {
    const stepped = Math.abs(this.#offset() - this.#offsetMs) > stepMs;
    const waitMs = stepped ? askAgainMs : askEveryMs;
    if (!this.#isAsking && this.#parts.clock.monotonicMs() - this.#askedAt >= waitMs) {
      void this.#ask();
    }
    return !stepped && this.#answer.isSynchronized;
  }

  async #ask(): Promise<void> {
    this.#isAsking = true;
    this.#askedAt = this.#parts.clock.monotonicMs();
    const offsetMs = this.#offset();
    this.#answer = await askMachine(this.#run);
    this.#offsetMs = offsetMs;
    this.#isAsking = false;
  }

  #offset(): number {
    const { clock } = this.#parts;
    return clock.now() - clock.monotonicMs();
  }
}

/** For whoever only wants to know. */
export function watchClock(parts: ClockWatchParts): () => ClockQuality {
  const watch = new ClockWatch(parts);
  return () => watch.quality();
}

/** Asks the machine and waits for what it says: for a program that looks once. Takes 10 s at most. */
export async function clockQualityNow(
  now: EpochMs,
  env: ClockWatchParts["env"],
  run: NonNullable<ClockWatchParts["run"]> = (program, args) => runProgram(program, args, env),
): Promise<ClockQuality> {
  const mark = env["RACKWATCH_CLOCK_MARK"];
  const isMarked = mark !== undefined && mark !== "";
  return qualityOf(now, isMarked ? existsSync(mark) : (await askMachine(run)).isSynchronized);
}

function qualityOf(now: EpochMs, isSynchronized: boolean): ClockQuality {
  if (now < clockFloor || now >= clockCeiling) return "unset";
  return isSynchronized ? "synchronized" : "unsynchronized";
}

async function askMachine(run: NonNullable<ClockWatchParts["run"]>): Promise<ClockAnswer> {
  const kernel = await run("timedatectl", ["show", "-p", "NTPSynchronized"]);
  const byKernel = kernel === undefined ? undefined : timedatectlAnswer(kernel);
  if (byKernel?.isSynchronized === true) return byKernel;
  // chrony without `rtcsync` leaves the kernel in the belief that nobody keeps its clock.
  const tracking = await run("chronyc", ["-c", "tracking"]);
  const byChrony = tracking === undefined ? undefined : trackingAnswer(tracking);
  return byChrony ?? byKernel ?? { isSynchronized: existsSync(timesyncFile) };
}

function runProgram(
  program: string,
  args: readonly string[],
  env: ClockWatchParts["env"],
): Promise<string | undefined> {
  return new Promise((answer) => {
    execFile(
      program,
      args,
      {
        env: { ...env, LC_ALL: "C" },
        timeout: answerDeadlineMs,
        killSignal: "SIGKILL",
        maxBuffer: answerBytesMax,
      },
      (error, stdout) => answer(error === null ? stdout : undefined),
    );
  });
}
