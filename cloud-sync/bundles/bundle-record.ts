import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import { cursorFileName } from "../../gateway/store/cursor-file.ts";
import { lanes } from "../../gateway/store/store.ts";
import { jsonOf } from "./bundle-format.ts";

/** Bundles that are remembered: of the older ones the cursor tells enough. */
const bundlesMax = 64;

const seq = z.int().min(0);
const places = z.object({ events: seq, samples: seq });

const madeSchema = z.object({
  name: z.string(),
  number: z.int().min(1),
  after: z.string().optional(),
  from: places,
  to: places,
  bytes: z.int(),
  sha256: z.string(),
  /** Names of the files for central that it holds. */
  files: z.array(z.string()).default([]),
});
export type MadeBundle = z.infer<typeof madeSchema>;

const recordSchema = z.object({
  epoch: z.string(),
  /** Oldest first. */
  bundles: z.array(madeSchema),
  /** The answer that was taken last, and when that was by this machine's clock. */
  answer: z.object({ generation: z.string(), madeAt: z.number(), takenAt: z.number() }).optional(),
  refused: z.array(z.object({ lane: z.enum(lanes), firstSeq: seq.min(1), lastSeq: seq.min(1) })),
});
export type Recorded = z.infer<typeof recordSchema>;

const nothing: Recorded = { epoch: "", bundles: [], refused: [] };

/**
 * What a road of bundles remembers. Nobody needs it to be right: without it rows are exported once more, and an answer that was
 * taken is taken again, which changes nothing.
 */
export class BundleRecord {
  readonly #file: string;

  constructor(dataDir: string, road: string) {
    this.#file = join(dirname(join(dataDir, cursorFileName)), `bundles-${road}.json`);
  }

  /** As far as it is of this epoch; answers are central's and outlive it. */
  read(epoch: string): Recorded {
    const known = recordSchema.safeParse(this.#json()).data ?? nothing;
    return known.epoch === epoch ? known : { ...known, epoch, bundles: [], refused: [] };
  }

  /** @throws as the disk says. */
  write(recorded: Recorded): void {
    mkdirSync(dirname(this.#file), { recursive: true, mode: 0o750 });
    const bundles = recorded.bundles.slice(-bundlesMax);
    writeFileSync(`${this.#file}.part`, JSON.stringify({ ...recorded, bundles }), { mode: 0o640 });
    renameSync(`${this.#file}.part`, this.#file);
  }

  #json(): unknown {
    try {
      return jsonOf(readFileSync(this.#file, "utf8"));
    } catch {
      return undefined;
    }
  }
}
