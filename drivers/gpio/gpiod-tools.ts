import { type ChildProcess, execFile } from "node:child_process";
import type { Clock } from "../contract.ts";
import { RackwatchError } from "../errors.ts";
import type { GpioHost } from "./backend.ts";

/** A tool that only asks answers in milliseconds; one that hangs must not hold up the start. */
const askTimeoutMs = 3_000;

/** `gpiodetect` prints 60 bytes a chip; more than this is not its output. Reached: the tool is ended and refused. */
const askBytesMax = 65_536;

/** Waits for a tool that was told to go; one that takes longer is killed. */
export async function untilGone(
  child: ChildProcess,
  ended: Promise<unknown>,
  clock: Clock,
  timeoutMs: number,
): Promise<void> {
  const done = new AbortController();
  const killed = clock.sleep(timeoutMs, done.signal).then(
    () => child.kill("SIGKILL"),
    () => undefined,
  );
  await ended;
  done.abort();
  await killed;
}

export interface ToolResult {
  /** Undefined when the tool is not installed. */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Environment of every tool: messages are compared, so they must be English. */
export function toolEnvironment(host: GpioHost): NodeJS.ProcessEnv {
  return { PATH: host.programs, LC_ALL: "C" };
}

/** Runs one of libgpiod's tools to its end. Never rejects: a failure is a code and a text. */
export function ask(host: GpioHost, tool: string, args: readonly string[]): Promise<ToolResult> {
  return new Promise((resolve) => {
    const options = {
      env: toolEnvironment(host),
      timeout: askTimeoutMs,
      maxBuffer: askBytesMax,
      killSignal: "SIGKILL",
    } as const;
    const child = execFile(tool, [...args], options, (error, stdout, stderr) => {
      const missing = error !== null && error.code === "ENOENT";
      const code = missing ? undefined : (child.exitCode ?? 1);
      resolve({ code, stdout, stderr: stderr.trim() });
    });
    child.stdin?.end();
  });
}

export interface ToolVersion {
  readonly major: number;
  readonly text: string;
}

/** First line of `gpioset --version`: `gpioset (libgpiod) v1.6.3`. */
export function parseToolVersion(output: string): ToolVersion | undefined {
  const match = /\(libgpiod\) v?((\d+)\.[\w.-]+)/.exec(output);
  return match === null ? undefined : { major: Number(match[2]), text: match[1] ?? "" };
}

export interface Chip {
  readonly name: string;
  readonly label: string;
  readonly lines: number;
}

/** Lines of `gpiodetect`: `gpiochip0 [pinctrl-bcm2835] (54 lines)`, the same in both generations. */
export function parseChips(output: string): readonly Chip[] {
  return [...output.matchAll(/^(\S+) \[(.*)\] \((\d+) lines\)$/gm)].map((match) => ({
    name: match[1] ?? "",
    label: match[2] ?? "",
    lines: Number(match[3]),
  }));
}

/** Labels of the chip behind the 40-pin header: Raspberry Pi 5, 4, and 0 to 3. */
export const headerLabels = ["pinctrl-rp1", "pinctrl-bcm2711", "pinctrl-bcm2835"] as const;

/** The chip that the configuration names by label, name or path, else the one behind the header. */
export function chooseChip<C extends { readonly name: string; readonly label: string }>(
  chips: readonly C[],
  wanted: string | undefined,
): C | undefined {
  if (wanted === undefined) {
    return headerLabels.flatMap((label) => chips.filter((chip) => chip.label === label))[0];
  }
  const name = wanted.replace(/^\/dev\//, "");
  return chips.find((chip) => chip.label === wanted || chip.name === name);
}

const groupHint =
  "add the user to the group gpio (usermod -aG gpio USER) and check the owner of /dev/gpiochip*";

export function permissionDenied(where: string, detail: string): RackwatchError {
  return new RackwatchError("driver/permission-denied", `${where} may not be used: ${detail}`, {
    where,
    todo: `${groupHint}; under systemd also DeviceAllow=char-gpiochip`,
  });
}

/** A line that another program or a kernel driver holds. */
export function lineBusy(where: string, detail: string): RackwatchError {
  return new RackwatchError("driver/port-busy", `${where} is held by another program: ${detail}`, {
    where,
    todo: "see who holds it with gpioinfo, end that program or choose another line",
  });
}

/** The tools have no codes, only a text that ends in strerror(3); this is the one place that reads it. */
export function toolFailure(stderr: string, where: string): RackwatchError {
  const text = stderr === "" ? "the tool ended without a message" : stderr;
  if (text.includes("Device or resource busy")) return lineBusy(where, text);
  if (text.includes("Permission denied") || text.includes("Operation not permitted")) {
    return permissionDenied(where, text);
  }
  if (text.includes("No such file or directory") || text.includes("cannot find")) {
    return new RackwatchError("driver/port-missing", `${where} does not exist: ${text}`, {
      where,
      todo: "see what there is with gpiodetect and gpioinfo",
    });
  }
  return new RackwatchError("driver/refused", `${where} cannot be driven: ${text}`, {
    where,
    todo: "check the chip and the number of the line with gpioinfo",
  });
}
