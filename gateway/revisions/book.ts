import { createHash } from "node:crypto";
import { readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { makeFolder, readText, removeFile, replaceFile } from "../../config/durable-file.ts";
import { revisionSources } from "../down/outcome.ts";

/** Below the data folder. */
export const revisionsFolder = "revisions";

/** Configurations that are kept, the one that runs among them. */
export const revisionsMax = 50;

/** Bytes of all of them: large ones go sooner, but never the newest two. */
export const revisionsBytesMax = 16 * 1_048_576;

const entrySchema = z.object({
  serial: z.int().min(1),
  at: z.number(),
  source: z.enum(revisionSources),
  author: z.string(),
  /** `trial`: it runs, and is watched. */
  outcome: z.enum(["trial", "confirmed", "refused", "rolled-back"]),
  reason: z.string().optional(),
  comment: z.string().optional(),
  /** Central's number. */
  revision: z.int().min(1).optional(),
  digest: z.string(),
  sha256: z.string(),
  /** Lines that went and came since the configuration that ran before. */
  difference: z.array(z.string()),
});
export type Entry = z.infer<typeof entrySchema>;

const trialSchema = z.object({
  serial: z.int().min(1),
  /** The one to go back to. */
  previous: z.int().min(1),
  /** Number of central's message. */
  number: z.int().min(1).optional(),
  /** It was gone back to: what is left is to tell. */
  isOver: z.boolean().default(false),
});
export type Trial = z.infer<typeof trialSchema>;

const noteSchema = z.object({
  /** Of the text that it is about. */
  sha256: z.string(),
  author: z.string().max(200),
  /** Default: by command. */
  source: z.enum(["command", "panel"]).optional(),
  comment: z.string().max(2_000).optional(),
});
export type Note = z.infer<typeof noteSchema>;

export function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** The configurations of a gateway that ran lately, with author and difference: two files each, whole or not there. */
export class RevisionBook {
  readonly #folder: string;

  constructor(dataDir: string) {
    this.#folder = join(dataDir, revisionsFolder);
  }

  /** Oldest first; those whose files are damaged are not among them. */
  entries(): readonly Entry[] {
    return this.#serials().flatMap((serial) => this.entry(serial) ?? []);
  }

  entry(serial: number): Entry | undefined {
    const found = parsed(entrySchema, readText(this.#file(serial, "json")));
    return found?.serial === serial ? found : undefined;
  }

  /** The text, if it is as it was written. */
  text(serial: number): string | undefined {
    const text = readText(this.#file(serial, "yaml"));
    const isWhole = text !== undefined && this.entry(serial)?.sha256 === hashOf(text);
    return isWhole ? text : undefined;
  }

  /** Never given before, also when files are gone that had higher ones. */
  nextSerial(atLeast: number): number {
    return Math.max(atLeast, this.#serials().at(-1) ?? 0) + 1;
  }

  /** @throws the system's error: the entry is not there then. */
  write(entry: Entry, text?: string): void {
    makeFolder(this.#folder);
    if (text !== undefined) replaceFile(this.#file(entry.serial, "yaml"), text);
    replaceFile(this.#file(entry.serial, "json"), JSON.stringify(entry));
  }

  remove(serial: number): void {
    for (const kind of ["json", "yaml"] as const) {
      rmSync(this.#file(serial, kind), { force: true });
    }
  }

  /** Forgets what is too old or too much. */
  prune(): void {
    const serials = this.#serials().toReversed();
    let bytes = 0;
    for (const [index, serial] of serials.entries()) {
      const size = (kind: "yaml" | "json") =>
        statSync(this.#file(serial, kind), { throwIfNoEntry: false })?.size ?? 0;
      bytes += size("yaml") + size("json");
      const isTooMuch = index >= revisionsMax || bytes > revisionsBytesMax;
      if (index >= 2 && isTooMuch) this.remove(serial);
    }
  }

  trial(): Trial | undefined {
    return parsed(trialSchema, readText(this.#trialFile()));
  }

  /** @throws the system's error. */
  beginTrial(trial: Trial): void {
    replaceFile(this.#trialFile(), JSON.stringify(trial));
  }

  endTrial(): void {
    removeFile(this.#trialFile());
  }

  /** Left by whoever wrote the file by command or at the panel. */
  note(): Note | undefined {
    return parsed(noteSchema, readText(join(this.#folder, "note.json")));
  }

  /** @throws the system's error. */
  leaveNote(note: Note): void {
    makeFolder(this.#folder);
    replaceFile(join(this.#folder, "note.json"), JSON.stringify(note));
  }

  #trialFile(): string {
    return join(this.#folder, "trial.json");
  }

  #file(serial: number, kind: "yaml" | "json"): string {
    return join(this.#folder, `${serial}.${kind}`);
  }

  #serials(): readonly number[] {
    try {
      return readdirSync(this.#folder)
        .flatMap((name) => /^([1-9]\d{0,14})\.json$/.exec(name)?.[1] ?? [])
        .map(Number)
        .sort((a, b) => a - b);
    } catch {
      // No folder: nothing was ever kept.
      return [];
    }
  }
}

function parsed<T>(schema: z.ZodType<T>, text: string | undefined): T | undefined {
  if (text === undefined) return undefined;
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    // Cut or damaged: as if it were not there.
    return undefined;
  }
}
