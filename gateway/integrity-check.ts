import { z } from "zod";
import type { Clock, Log } from "../drivers/contract.ts";
import type { RunEnd } from "./background-run.ts";

/** A start has better things to do. */
const settledMs = 60_000;

/** A card that ages is looked at again, also under a gateway that never restarts. */
const periodMs = 7 * 86_400_000;

/** One that takes longer hangs: two gigabytes on a slow card are read in some minutes. */
const checkMsMax = 4 * 3_600_000;

const verdictSchema = z.object({
  ok: z.boolean(),
  found: z.number(),
  findings: z.array(z.object({ is: z.string(), where: z.string() })),
});

/** Key of the state that keeps what the last check found. */
export const checkedKey = "store/checked";

const checkedSchema = z.object({ at: z.number(), ok: z.boolean(), found: z.number() });
export type Checked = z.infer<typeof checkedSchema>;

/** Anything else than what a check leaves counts as nothing. */
export function readChecked(saved: unknown): Checked | undefined {
  return checkedSchema.safeParse(saved).data;
}

export interface IntegrityCheckParts {
  readonly dataDir: string;
  readonly clock: Clock;
  readonly log: Log;
  /** What becomes of a database whose structure is damaged. */
  readonly distrust: (why: string) => void;
  /** Keeps what was found, for whoever asks later. */
  readonly keep: (checked: Checked) => void;
  /** `runBeside`, or what a test has in its place. */
  readonly run: (args: readonly string[], msMax: number) => Promise<RunEnd>;
}

/**
 * Reads the whole database beside the gateway, by a process of its own: what a start has no time for. Damage of the
 * structure ends the database; of a chunk's content the upkeep finds it too, drops it and says so.
 */
export class IntegrityCheck {
  readonly #parts: IntegrityCheckParts;
  #due: number;
  #runs = false;

  constructor(parts: IntegrityCheckParts) {
    this.#parts = parts;
    this.#due = parts.clock.monotonicMs() + settledMs;
  }

  step(): void {
    const now = this.#parts.clock.monotonicMs();
    if (this.#runs || now < this.#due) return;
    this.#due = now + periodMs;
    void this.#check();
  }

  async #check(): Promise<void> {
    const { dataDir, clock, log, distrust, keep, run } = this.#parts;
    this.#runs = true;
    const { code, out, err } = await run(
      ["verify", "--data", dataDir, "--gently", "--json"],
      checkMsMax,
    );
    this.#runs = false;
    const { data } = verdictSchema.safeParse(parsed(out));
    if (data === undefined) {
      log.warn("store.not-checked", { code, err });
      return;
    }
    keep({ at: clock.now(), ok: data.ok, found: data.found });
    if (data.ok) log.info("store.checked");
    else log.error("store.damaged", { found: data.found, findings: data.findings });
    const structure = data.findings.find(({ is }) => is === "structure");
    if (structure !== undefined) distrust(structure.where);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
