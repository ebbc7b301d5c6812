import { rename, writeFile } from "node:fs/promises";
import { RackwatchError } from "../errors.ts";
import type { GpioBackend } from "./backend.ts";
import type { Level, LineLevel } from "./plan.ts";

/** Lines that exist only in memory. With a file, whoever shows the lamps reads `{"17": 1, ...}` from it. */
export class SimulatedLines implements GpioBackend {
  readonly name: string;
  readonly #file: string | undefined;
  readonly #levels = new Map<number, Level>();
  #writing: Promise<void> = Promise.resolve();

  constructor(file: string | undefined) {
    this.name = file === undefined ? "sim" : `sim in ${file}`;
    this.#file = file;
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

  async release(): Promise<void> {
    await this.#writing;
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
