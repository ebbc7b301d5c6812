import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { freemem, totalmem } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { DoctorText } from "../../config/language/doctor.ts";
import { clockFloor } from "../runtime/machine.ts";
import type { ClockQuality } from "../store/store.ts";
import { codeOf, type Finding } from "./finding.ts";

/** Other programs than systemctl and vcgencmd are not asked, and these not for longer. */
const programMsMax = 3_000;

/** Below this the kernel begins to end programs. */
const freeBytesMin = 64 * 1_048_576;

/** A Raspberry Pi slows itself down at 80 degrees Celsius. */
const hotCelsius = 80;

const nodeMajorMin = 24;

const units = ["rackwatch-gateway.service", "rackwatch-sync.service"];

/** Whether time can be believed: the wall clock against this program's age, the network's time, a clock with a battery. */
export function checkClock(
  text: DoctorText,
  now: number,
  quality: ClockQuality,
): readonly Finding[] {
  const shown = new Date(now).toISOString();
  const clock: Finding =
    quality === "unset"
      ? {
          check: "clock",
          grade: "fail",
          found: text.clockUnset(shown, clockFloor),
          todo: text.clockTodo,
        }
      : quality === "unsynchronized"
        ? { check: "clock", grade: "warn", found: text.clockAlone(shown), todo: text.clockTodo }
        : { check: "clock", grade: "ok", found: text.clockGood(shown) };
  const rtc: Finding = existsSync("/dev/rtc0")
    ? { check: "clock/rtc", grade: "ok", found: text.rtc }
    : { check: "clock/rtc", grade: "warn", found: text.noRtc, todo: text.noRtcTodo };
  return [clock, rtc];
}

export function checkMemory(text: DoctorText): Finding {
  const available = availableBytes();
  const found = text.memory(megabytes(available), megabytes(totalmem()));
  if (available >= freeBytesMin) return { check: "memory", grade: "ok", found };
  return { check: "memory", grade: "warn", found, todo: text.memoryTodo };
}

export function checkNode(text: DoctorText): Finding {
  const isRight = Number(process.versions.node.split(".")[0]) >= nodeMajorMin;
  const found = text.node(process.versions.node, process.arch);
  if (isRight) return { check: "node", grade: "ok", found };
  return { check: "node", grade: "fail", found, todo: text.nodeTodo(nodeMajorMin) };
}

/** Temperature of the processor, and what a Raspberry Pi says of its power. */
export async function checkHeatAndPower(
  text: DoctorText,
  root = "/sys",
): Promise<readonly Finding[]> {
  return [heat(text, root), voltage(text, root), await throttled(text)];
}

function heat(text: DoctorText, root: string): Finding {
  try {
    const milli = readFileSync(join(root, "class/thermal/thermal_zone0/temp"), "utf8");
    const celsius = Number(milli) / 1_000;
    const found = text.temperature(celsius.toFixed(0));
    if (celsius < hotCelsius) return { check: "temperature", grade: "ok", found };
    return { check: "temperature", grade: "warn", found, todo: text.temperatureTodo };
  } catch {
    return { check: "temperature", grade: "skip", found: text.noTemperature };
  }
}

/** The kernel's own alarm about the supply (raspberrypi-hwmon). */
function voltage(text: DoctorText, root: string): Finding {
  const folder = join(root, "class/hwmon");
  try {
    for (const name of readdirSync(folder)) {
      const file = join(folder, name, "in0_lcrit_alarm");
      if (!existsSync(file)) continue;
      if (readFileSync(file, "utf8").trim() === "0") {
        return { check: "power", grade: "ok", found: text.power };
      }
      return {
        check: "power",
        grade: "fail",
        found: text.undervoltage,
        todo: text.undervoltageTodo,
      };
    }
  } catch {
    // Falls to the sentence below: a machine without hwmon has no such alarm either.
  }
  return { check: "power", grade: "skip", found: text.noPower };
}

async function throttled(text: DoctorText): Promise<Finding> {
  const answer = await run("vcgencmd", ["get_throttled"]);
  const bits = Number(/throttled=(0x[0-9a-f]+)/i.exec(answer.out)?.[1]);
  if (Number.isNaN(bits)) return { check: "throttling", grade: "skip", found: text.noVcgencmd };
  if (bits === 0) return { check: "throttling", grade: "ok", found: text.notThrottled };
  const found = text.throttled(`0x${bits.toString(16)}`);
  return { check: "throttling", grade: "warn", found, todo: text.undervoltageTodo };
}

/** Whether systemd runs the programs, and watches over them. */
export async function checkUnits(text: DoctorText): Promise<readonly Finding[]> {
  if (!existsSync("/run/systemd/system")) {
    return [{ check: "units", grade: "skip", found: text.noSystemd }];
  }
  return Promise.all(units.map((unit) => checkUnit(unit, text)));
}

async function checkUnit(unit: string, text: DoctorText): Promise<Finding> {
  const check = `units/${unit.replace(".service", "")}`;
  const asked = ["ActiveState", "LoadState", "WatchdogUSec", "NRestarts"];
  const { out } = await run("systemctl", ["show", unit, `--property=${asked.join(",")}`]);
  const of = (name: string) => new RegExp(`^${name}=(.*)$`, "m").exec(out)?.[1] ?? "";
  if (of("LoadState") !== "loaded") {
    return { check, grade: "warn", found: text.noUnit(unit), todo: text.noUnitTodo(unit) };
  }
  const found = text.unit(unit, of("ActiveState"), of("NRestarts"), of("WatchdogUSec"));
  if (of("ActiveState") !== "active") {
    return { check, grade: "fail", found, todo: text.unitTodo(unit) };
  }
  const watched = !["", "0", "infinity"].includes(of("WatchdogUSec"));
  return watched
    ? { check, grade: "ok", found }
    : { check, grade: "warn", found, todo: text.watchdogTodo(unit) };
}

/** Output of a program that may be missing: then it is empty. */
export async function run(program: string, args: readonly string[], bytesMax = 1_048_576) {
  try {
    const options = { timeout: programMsMax, maxBuffer: bytesMax };
    const { stdout } = await promisify(execFile)(program, [...args], options);
    return { out: stdout, code: undefined };
  } catch (error) {
    return { out: "", code: codeOf(error) };
  }
}

/** What programs may still take, caches included; `freemem` leaves these out. */
function availableBytes(): number {
  try {
    const kilobytes = /^MemAvailable:\s+(\d+) kB/m.exec(readFileSync("/proc/meminfo", "utf8"))?.[1];
    return kilobytes === undefined ? freemem() : Number(kilobytes) * 1_024;
  } catch {
    return freemem();
  }
}

const megabytes = (bytes: number) => Math.round(bytes / 1_048_576);
