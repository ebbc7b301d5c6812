import { readFile, rename, writeFile } from "node:fs/promises";
import { z } from "zod";
import type { Clock } from "../contract.ts";
import { RackwatchError } from "../errors.ts";
import type { GpioBackend, InputLine, TellLevel } from "./backend.ts";
import type { Level, LineLevel } from "./plan.ts";

/** Fast enough for a hand that edits the file. */
const inputsLookMs = 100;

export interface SimulationPlaces {
  /** Where outputs are shown; undefined: nowhere. */
  readonly file?: string | undefined;
  /** Where inputs come from; undefined: all are 0. */
  readonly inputsFile?: string | undefined;
  /** Needed to look at `inputsFile` again. */
  readonly clock?: Clock;
}

/** Lines that exist only in memory. With a file, whoever shows the lamps reads `{"17": 1, ...}` from it. */
export class SimulatedLines implements GpioBackend {
  readonly name: string;
  readonly #file: string | undefined;
  readonly #levels = new Map<number, Level>();
  readonly #places: SimulationPlaces;
  readonly #released = new AbortController();
  #writing: Promise<void> = Promise.resolve();
  #watching: Promise<void> = Promise.resolve();

  constructor(places: SimulationPlaces) {
    const { file } = places;
    this.name = file === undefined ? "sim" : `sim in ${file}`;
    this.#file = file;
    this.#places = places;
  }

  get levels(): ReadonlyMap<number, Level> {
    return this.#levels;
  }

  async request(lines: readonly LineLevel[]): Promise<void> {
    for (const { line, level } of lines) this.#levels.set(line, level);
    await this.#show();
  }

  async write(line: number, level: Level): Promise<void> {
    this.#levels.set(line, level);
    await this.#show();
  }

  /** Lines that the file does not name have the level 0, and so has every line without a file. */
  async watch(lines: readonly InputLine[], tell: TellLevel): Promise<void> {
    const { inputsFile, clock } = this.#places;
    const look = async (otherwise: Levels | undefined) => {
      const levels = inputsFile === undefined ? {} : await readLevels(inputsFile);
      const seen = levels ?? otherwise;
      if (seen !== undefined) for (const { line } of lines) tell(line, seen[line] ?? 0);
    };
    await look({});
    if (inputsFile === undefined || clock === undefined) return;
    const { signal } = this.#released;
    const loop = async () => {
      while (!signal.aborted) {
        await clock.sleep(inputsLookMs, signal).catch(() => undefined);
        if (!signal.aborted) await look(undefined);
      }
    };
    this.#watching = loop();
  }

  async release(): Promise<void> {
    this.#released.abort();
    await Promise.all([this.#writing, this.#watching]);
  }

  /** One write at a time, each by rename: a reader never sees half a file, nor an older state after a newer one. */
  #show(): Promise<void> {
    const file = this.#file;
    if (file === undefined) return Promise.resolve();
    const mine = this.#writing.then(() => replaceFile(file, this.#levels));
    this.#writing = mine.catch(() => undefined);
    return mine;
  }
}

const levelsSchema = z.record(z.string(), z.union([z.literal(0), z.literal(1)]));

type Levels = Readonly<Record<string, Level>>;

/** Undefined: the file is not there, or somebody is just writing it. */
async function readLevels(file: string): Promise<Levels | undefined> {
  try {
    return levelsSchema.safeParse(JSON.parse(await readFile(file, "utf8"))).data;
  } catch {
    return undefined;
  }
}

async function replaceFile(file: string, levels: ReadonlyMap<number, Level>): Promise<void> {
  const fresh = `${file}.new`;
  try {
    await writeFile(fresh, `${JSON.stringify(Object.fromEntries(levels))}\n`);
    await rename(fresh, file);
  } catch (cause) {
    throw new RackwatchError("driver/refused", `${file} cannot be written`, {
      cause,
      where: file,
      todo: "check the folder that `file:` names and its owner",
    });
  }
}
