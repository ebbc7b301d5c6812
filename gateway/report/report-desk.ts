import { type ChildProcessByStdio, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { setPriority } from "node:os";
import { Readable, type Writable } from "node:stream";
import type { Clock, Log } from "../../drivers/contract.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import { type PeriodText, periodOf } from "./period.ts";
import { type PlanParts, planOf } from "./plan-of.ts";
import type { ReportForm } from "./write-report.ts";

/** A year of a room with ten points takes some ten seconds on a Raspberry Pi; what takes longer hangs. */
const reportMsMax = 180_000;

/** Nice value of the writer: alarms come first on one core too. */
const writerNice = 10;

/** Heap of the writer, MB: with the gateway's own it stays below what the unit allows. */
const writerHeapMb = 128;

/** Semi-space of the writer, MB: with the default a month of ten points took 356 MB, with this 157 MB. */
const writerYoungMb = 2;

/** Characters of what the writer complains about. */
const complaintCharsMax = 2_000;

export interface ReportAsked extends PeriodText {
  readonly location: string;
  readonly form: ReportForm;
  readonly by: string;
}

export interface ReportDeskParts extends Pick<PlanParts, "config" | "points" | "rules"> {
  readonly dataDir: string;
  readonly clock: Clock;
  readonly log: Log;
  /** The program and its first arguments; absent: the one that runs. */
  readonly program?: readonly [file: string, ...args: string[]];
  /** Told of each report that went out whole. */
  readonly written: (by: string, fields: Readonly<Record<string, unknown>>) => void;
}

type Writer = ChildProcessByStdio<Writable, Readable, Readable>;

/**
 * Has reports written by a process of their own: a month of ten points is seconds of work and 100 MB, of which nothing
 * may stay in the gateway (docs/decisions/0067-report-process.md). One at a time; a second one is turned away.
 */
export class ReportDesk {
  readonly #parts: ReportDeskParts;
  #busy = false;

  constructor(parts: ReportDeskParts) {
    this.#parts = parts;
  }

  /**
   * Resolves when the first bytes are there; the stream breaks where the writer fails later.
   * @returns undefined while another report is being written.
   * @throws RackwatchError `config/invalid` for an unknown location or no period, `store/io` when the writer fails.
   */
  async write(asked: ReportAsked): Promise<Readable | undefined> {
    const { config, clock } = this.#parts;
    const now = clock.now();
    const { timezone, language } = config.gateway;
    const period = periodOf(asked, { timezone, now, language });
    const plan = planOf(asked.location, period, { ...this.#parts, now, language, by: asked.by });
    if (this.#busy) return undefined;
    this.#busy = true;
    const writer = this.#start(asked.form);
    const limit = setTimeout(() => writer.kill("SIGKILL"), reportMsMax);
    const closed = new Promise<number | undefined>((resolve) => {
      writer.once("close", (code) => {
        clearTimeout(limit);
        this.#busy = false;
        resolve(code ?? undefined);
      });
    });
    let complaint = "";
    writer.stderr.setEncoding("utf8").on("data", (text: string) => {
      complaint = (complaint + text).slice(0, complaintCharsMax);
    });
    // A writer that could not start, or ended, reads no plan; how it closed says why.
    writer.on("error", (error) => {
      complaint = error.message;
    });
    writer.stdin.on("error", () => {});
    writer.stdin.end(JSON.stringify(plan));
    await Promise.race([once(writer.stdout, "readable"), closed]);
    if (writer.stdout.readableLength === 0) {
      await closed;
      throw this.#failed(complaint);
    }
    const { form, location, by } = asked;
    const { from, to } = plan;
    return Readable.from(
      this.#follow(writer, closed, {
        failed: () => this.#failed(complaint),
        done: (sha256) => this.#parts.written(by, { location, form, from, to, sha256 }),
      }),
      { objectMode: false },
    );
  }

  #start(form: ReportForm): Writer {
    const { dataDir, program } = this.#parts;
    const [file, ...args] = program ?? [process.execPath, process.argv[1] ?? ""];
    const given = ["report", "--plan", "--data", dataDir, "--out", "-", "--as", form];
    const options = `--max-old-space-size=${writerHeapMb} --max-semi-space-size=${writerYoungMb}`;
    const writer = spawn(file, [...args, ...given], {
      stdio: ["pipe", "pipe", "pipe"],
      env: { ...process.env, NODE_OPTIONS: options, MALLOC_ARENA_MAX: "1" },
    });
    try {
      if (writer.pid !== undefined) setPriority(writer.pid, writerNice);
    } catch (error) {
      this.#parts.log.warn("report writer keeps its priority", { err: error });
    }
    return writer;
  }

  async *#follow(
    writer: Writer,
    closed: Promise<number | undefined>,
    ends: { readonly failed: () => Error; readonly done: (sha256: string) => void },
  ): AsyncGenerator<Uint8Array> {
    const hash = createHash("sha256");
    try {
      for await (const part of writer.stdout) {
        const bytes = Buffer.from(part);
        hash.update(bytes);
        yield bytes;
      }
      if ((await closed) !== 0) throw ends.failed();
      ends.done(hash.digest("hex"));
    } finally {
      // Nobody reads on.
      writer.kill("SIGKILL");
    }
  }

  #failed(complaint: string): RackwatchError {
    const [first = ""] = complaint.split("\n");
    const message = first === "" ? "the report was not written" : first;
    this.#parts.log.error("report.failed", { complaint });
    return new RackwatchError("store/io", message, { where: this.#parts.dataDir });
  }
}
