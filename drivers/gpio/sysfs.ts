import { close } from "node:fs";
import { promisify } from "node:util";
import type { Gpio } from "onoff";
import { RackwatchError } from "../errors.ts";
import type { GpioBackend, GpioHost, InputLine, OnLost, TellLevel } from "./backend.ts";
import type { Level, LineLevel } from "./plan.ts";
import { type SysfsChip, sysfsNumber } from "./sysfs-chips.ts";
import { exportLine, sysfsError } from "./sysfs-line.ts";

type GpioClass = typeof Gpio;

/**
 * onoff needs a native part (epoll) as soon as it is loaded, even for outputs, so it is loaded here and only here.
 * Where it is missing or was built for another Node, the answer is a reason, not a crash.
 */
export async function loadOnoff(): Promise<GpioClass | { readonly reason: string }> {
  try {
    const { Gpio: loaded } = await import("onoff");
    return loaded;
  } catch (error) {
    const detail = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
    return {
      reason: `onoff cannot be loaded for Node ${process.versions.node} (${detail}); run \`npm run postinstall\` with a C++ compiler installed`,
    };
  }
}

/**
 * /sys/class/gpio through onoff. Lines stay exported and driven when they are released: unexporting would make an
 * input of them, and an output must keep its fail-safe level after the end.
 */
export class SysfsLines implements GpioBackend {
  readonly name: string;
  readonly #host: GpioHost;
  readonly #chip: SysfsChip;
  readonly #onoff: GpioClass;
  readonly #onLost: OnLost;
  readonly #lines = new Map<number, Gpio>();

  constructor(chip: SysfsChip, onoff: GpioClass, host: GpioHost, onLost: OnLost) {
    this.name = `sysfs on ${chip.label} (lines from ${chip.base})`;
    this.#chip = chip;
    this.#onoff = onoff;
    this.#host = host;
    this.#onLost = onLost;
  }

  async request(lines: readonly LineLevel[]): Promise<void> {
    try {
      for (const { line, level } of lines) this.#lines.set(line, await this.#open(line, level));
    } catch (error) {
      await this.release();
      throw error;
    }
  }

  async watch(lines: readonly InputLine[], tell: TellLevel): Promise<void> {
    for (const { line, bias } of lines) {
      const where = this.#where(line);
      if (bias !== "as-is")
        throw new RackwatchError("driver/refused", `sysfs cannot set bias: ${bias} for ${where}`, {
          where,
          todo: "install gpiod (apt install gpiod), or leave bias out and fit a resistor",
        });
      const gpio = await this.#openInput(line, tell);
      this.#lines.set(line, gpio);
      tell(line, gpio.readSync());
    }
  }

  async write(line: number, level: Level): Promise<void> {
    const where = this.#where(line);
    try {
      await this.#lines.get(line)?.write(level);
    } catch (cause) {
      const error = sysfsError(cause, where);
      // The line was unexported by somebody: only opening it again helps, which the supervisor does.
      if (error.code === "driver/connection-lost") this.#onLost(error);
      throw error;
    }
  }

  async release(): Promise<void> {
    const lines = [...this.#lines.values()];
    this.#lines.clear();
    for (const gpio of lines) gpio.unwatchAll();
    await Promise.all(lines.map((gpio) => closeValue(gpio)));
  }

  async #openInput(line: number, tell: TellLevel): Promise<Gpio> {
    const number = sysfsNumber(this.#chip, line);
    const where = this.#where(line);
    await exportLine(this.#host.sysfsFolder, number, this.#host.clock);
    try {
      const gpio = new this.#onoff(number, "in", "both", { activeLow: false });
      const seen = { direction: gpio.direction(), edge: gpio.edge(), activeLow: gpio.activeLow() };
      if (seen.direction === "in" && seen.edge === "both" && !seen.activeLow) {
        this.#watchLine(gpio, where, (level) => tell(line, level));
        return gpio;
      }
      await closeValue(gpio);
      throw new RackwatchError("driver/refused", `${where} did not become an input`, {
        where,
        todo: `see what ${this.#host.sysfsFolder}/gpio${number} says; a line without interrupts cannot be watched`,
        cause: seen,
      });
    } catch (cause) {
      if (cause instanceof RackwatchError) throw cause;
      throw sysfsError(cause, where);
    }
  }

  async #open(line: number, level: Level): Promise<Gpio> {
    const number = sysfsNumber(this.#chip, line);
    // Exported and granted beforehand: onoff would try 10,000 opens in a row, with the whole process standing still.
    await exportLine(this.#host.sysfsFolder, number, this.#host.clock);
    const direction = level === 1 ? "high" : "low";
    let gpio: Gpio;
    try {
      gpio = new this.#onoff(number, direction, "none", { activeLow: false });
    } catch (cause) {
      throw sysfsError(cause, this.#where(line));
    }
    // On a line that was exported before, onoff swallows every error of its own settings.
    const seen = {
      direction: gpio.direction(),
      activeLow: gpio.activeLow(),
      level: gpio.readSync(),
    };
    if (seen.direction === "out" && !seen.activeLow && seen.level === level) return gpio;
    await closeValue(gpio);
    const where = this.#where(line);
    throw new RackwatchError("driver/refused", `${where} did not become an output at ${level}`, {
      where,
      todo: `see what ${this.#host.sysfsFolder}/gpio${number} says; another program may drive it`,
      cause: seen,
    });
  }

  #watchLine(gpio: Gpio, where: string, tell: (level: Level) => void): void {
    const readSync = gpio.readSync.bind(gpio);
    // onoff reads in the callback of its native part, where an error, for example of a line that somebody
    // unexported, would end the process.
    gpio.readSync = () => {
      try {
        return readSync();
      } catch (cause) {
        gpio.unwatchAll();
        this.#onLost(sysfsError(cause, where));
        return 0;
      }
    };
    gpio.watch((error, level) => {
      if (error) this.#onLost(sysfsError(error, where));
      else tell(level);
    });
  }

  #where(line: number): string {
    return `line ${line} of ${this.#chip.label} (gpio${this.#chip.base + line})`;
  }
}

const closeDescriptor = promisify(close);

/** onoff closes its descriptor only in unexport(), which would let go of the line; it has no other name for it. */
async function closeValue(gpio: Gpio): Promise<void> {
  const descriptor: unknown = Reflect.get(gpio, "_valueFd");
  if (typeof descriptor === "number") await closeDescriptor(descriptor);
}
