import type { Clock } from "../contract.ts";
import type { RackwatchError } from "../errors.ts";
import type { Level, LineLevel } from "./plan.ts";
import type { Bias } from "./schema.ts";

export interface InputLine {
  readonly line: number;
  readonly bias: Bias;
}

/** Told a line's level: at first, then whenever it may have changed. Twice the same level is no harm. */
export type TellLevel = (line: number, level: Level) => void;

/** One way to drive the lines of one chip. */
export interface GpioBackend {
  /** For the log and for messages, for example `gpiod 1.6.3 on /dev/gpiochip0 (pinctrl-bcm2835)`. */
  readonly name: string;
  /** Makes the lines outputs at these levels, without passing through another level on the way. */
  request(lines: readonly LineLevel[]): Promise<void>;
  /** Resolves when the line has the level. One call at a time for a line. */
  write(line: number, level: Level): Promise<void>;
  /** Makes the lines inputs. Resolves when the first level of each was told. */
  watch(lines: readonly InputLine[], tell: TellLevel): Promise<void>;
  /** Lets go of the lines and leaves them, as far as the kernel allows, at their last level. */
  release(): Promise<void>;
}

/** What the backends touch of the machine; tests name other places. */
export interface GpioHost {
  readonly clock: Clock;
  /** Folders to look for programs in, as in PATH. */
  readonly programs: string;
  readonly sysfsFolder: string;
}

/** Told when a line is lost without anybody having asked for it. */
export type OnLost = (error: RackwatchError) => void;

/** Where Debian puts the tools; the driver reads no environment. */
export const programFolders = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

export const sysfsFolder = "/sys/class/gpio";
