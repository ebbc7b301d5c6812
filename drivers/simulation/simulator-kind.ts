import { RackwatchError } from "../errors.ts";
import type { Faults } from "./listen.ts";

/** A simulated device while it runs, as the tool `sim` handles it. */
export interface RunningSimulator extends AsyncDisposable {
  /** As it stands in `port:`, `endpoint:` or `broker:` of a channel; for a serial line the simulator's own end. */
  readonly address: string;
  /** A channel that reads it, as it would stand in YAML. */
  readonly channel: Readonly<Record<string, unknown>>;
  /** Changes what it measures or how it behaves. @throws RackwatchError `config/invalid`. */
  set(name: string, value: string): Promise<void>;
  /** In place of the faults before. @throws RackwatchError `config/invalid` for one that it cannot have. */
  setFaults(faults: Faults): void;
  /** Drops every connection; new ones are taken. */
  cut(): Promise<void>;
}

export interface SimulatorStart {
  /** `tcp://host:port`, port 0 for a free one, or `serial:/path`; for devices that publish, the broker. */
  readonly listen: string;
  /** By name, in the order in which they were given; those that are left out have sensible values. */
  readonly settings: readonly (readonly [name: string, value: string])[];
  /** Folder that it may fill and that is thrown away behind it. */
  readonly folder: string;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
}

/** One language, and the device that speaks it on the far end of a wire. */
export interface SimulatorKind {
  /** The word on the command line. */
  readonly name: string;
  readonly driver: string;
  /** Names that `set` knows. */
  readonly settings: readonly string[];
  /** True where it connects to a broker in place of listening. */
  readonly isPublisher: boolean;
  /** @throws RackwatchError `driver/...` as `listen`, `config/invalid` for a setting. */
  start(options: SimulatorStart): Promise<RunningSimulator>;
}

/** @throws RackwatchError `config/invalid`. */
export function numberSetting(name: string, text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value))
    throw wrongSetting(name, text, "Write a number, for example 3.2");
  return value;
}

/** @throws RackwatchError `config/invalid`. */
export function switchSetting(name: string, text: string): boolean {
  if (/^(true|on|yes|1)$/i.test(text)) return true;
  if (/^(false|off|no|0)$/i.test(text)) return false;
  throw wrongSetting(name, text, "Write true or false");
}

export function wrongSetting(name: string, text: string, todo: string): RackwatchError {
  return new RackwatchError("config/invalid", `"${text}" is no value for ${name}`, { todo });
}

export function unknownSetting(name: string, known: readonly string[]): RackwatchError {
  return new RackwatchError("config/invalid", `This simulator has no setting ${name}`, {
    todo: `It has: ${known.join(", ")}`,
  });
}
