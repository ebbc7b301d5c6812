import { resolve } from "node:path";
import { Option } from "@commander-js/extra-typings";
import type { Language } from "../../config/language/language.ts";
import { toolsText } from "../../config/language/tools.ts";
import type { Sample } from "../../drivers/contract.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import { parseDuration } from "../../drivers/quantity.ts";
import { canConvert } from "../pipeline/unit.ts";
import { systemClock as clock } from "../runtime/clock.ts";
import { stopSignal } from "../runtime/stop.ts";
import { type CommandIo, exitCodes, newCommand, terminalLanguage } from "./command.ts";
import { showMatrix } from "./probe-matrix.ts";
import { type PointRecord, ProbeRecord } from "./probe-record.ts";
import { contextOf, type Show, timeOf } from "./probe-show.ts";
import { type ProbeTarget, probeTarget, type TargetOptions } from "./probe-target.ts";
import { table } from "./table.ts";

const summary = "Read one device through its driver and show everything about it";

/** `rackwatch probe DEVICE`: exit code 0 all good, 1 something was bad or silent, 2 it could not be opened. */
export function probeCommand(io: CommandIo) {
  return newCommand("probe", io)
    .description(summary)
    .argument("<device>", "DEVICE or DEVICE/POINT of the configuration, or an address")
    .option("--config <file>", "the gateway's configuration", "/etc/rackwatch/gateway.yaml")
    .option("--data <folder>", "data folder of the gateway, for certificates", "/var/lib/rackwatch")
    .option("--for <duration>", "how long to read", "60s")
    .option("--once", "end as soon as every point was heard")
    .option("--raw", "show the bytes that pass")
    .option("--matrix", "Modbus: the registers as every type in every byte order")
    .option("--driver <name>", "for an address: the driver")
    .option("--protocol <name>", "for an address: the language")
    .option("--template <id>", "for an address: the model")
    .option("--unit-id <number>", "for an address: the Modbus unit")
    .option("--register <place>", "for an address: TABLE:ADDRESS[:TYPE], such as input:1:int16")
    .option("--set <name=value>", "for an address: any setting of the channel", collect, [])
    .option("--json", "one JSON object a line")
    .addOption(new Option("--lang <language>", "language").choices(["zh", "en"] as const))
    .action(async (word, options) => {
      const language = options.lang ?? terminalLanguage(io.env);
      const forMs = msOf(options.for);
      const target = targetOf(word, options, io, language);
      const ended = AbortSignal.any([io.signal ?? stopSignal(), AbortSignal.timeout(forMs)]);
      const show: Show = {
        ...{ io, language, ended },
        isJson: options.json === true,
        isRaw: options.raw === true,
        dataDir: resolve(io.cwd, options.data),
      };
      if (options.matrix === true) return showMatrix(target, show);
      await probe(target, options.once === true, forMs, show);
    });
}

function targetOf(
  word: string,
  options: TargetOptions,
  io: CommandIo,
  language: Language,
): ProbeTarget {
  return probeTarget(word, options, { env: io.env, folder: io.cwd, canConvert }, language);
}

async function probe(
  { device, point, channel, driver }: ProbeTarget,
  isOnce: boolean,
  forMs: number,
  show: Show,
): Promise<void> {
  const { io, language, isJson, ended } = show;
  const wanted = driver
    .describe(channel)
    .filter(({ key }) => point === undefined || key === `${device}/${point}`);
  const units = new Map(wanted.map(({ key, unit = "" }) => [key, unit]));
  const record = new ProbeRecord(wanted);
  const say = (fields: object, sentence: string) =>
    io.stdout.write(isJson ? `${JSON.stringify(fields)}\n` : `${sentence}\n`);
  if (!isJson) io.stdout.write(`${toolsText[language].reads(device, Math.round(forMs / 1_000))}\n`);
  const stop = new AbortController();
  const signal = AbortSignal.any([ended, stop.signal]);
  try {
    await using session = await driver.open(channel, contextOf(show, record), signal);
    const samples = session.samples()[Symbol.asyncIterator]();
    const over = aborting(signal);
    while (!signal.aborted) {
      const next = await Promise.race([samples.next(), over]);
      if (next === undefined || next.done === true) break;
      for (const sample of next.value) {
        if (!units.has(sample.point)) continue;
        record.hear(sample);
        say({ event: "sample", ...sample, unit: units.get(sample.point) }, lineOf(sample, units));
      }
      if (isOnce && record.isComplete) break;
    }
    stop.abort();
  } catch (error) {
    if (!ended.aborted) throw withAdvice(error);
  } finally {
    stop.abort();
    const { points, traffic, isWell } = record;
    say({ event: "summary", device, points, ...traffic }, summaryText(record, language));
    io.setExitCode(isWell ? exitCodes.ok : exitCodes.problems);
  }
}

function lineOf(sample: Sample, units: ReadonlyMap<string, string>): string {
  const { point, sampledAt, quality } = sample;
  const value = sample.quality === "bad" ? "-" : `${sample.value} ${units.get(point) ?? ""}`.trim();
  const reason = sample.quality === "good" ? "" : ` (${sample.reason ?? ""})`;
  const ageMs = Math.max(0, Math.round(clock.now() - sampledAt));
  const at = timeOf(new Date(sampledAt).toISOString());
  return `${at}  ${point}  ${value}  ${quality}${reason}  ${ageMs} ms`;
}

function summaryText({ points, traffic }: ProbeRecord, language: Language): string {
  const text = toolsText[language];
  const heard = points.filter(({ samples }) => samples > 0);
  const head = [text.point, text.value, text.samples, text.good, text.lowest, text.highest];
  const rows = heard.map(rowOf);
  const latency = traffic?.latencyMs;
  return [
    "",
    ...(heard.length === 0 ? [text.nothing] : table([[...head, text.reasons], ...rows])),
    ...(traffic === undefined ? [] : [text.traffic(traffic.bytesIn, traffic.bytesOut)]),
    ...(latency === undefined
      ? []
      : [text.latency(latency.least, latency.middle, latency.most, latency.count)]),
  ].join("\n");
}

function rowOf({ point, unit = "", last, samples, good, lowest, highest, reasons }: PointRecord) {
  const shown = last === undefined ? "-" : `${last} ${unit}`.trim();
  const bad = Object.entries(reasons).map(([reason, count]) => `${reason} x ${count}`);
  const numbers = [samples, good, lowest, highest].map((it) =>
    it === undefined ? "" : String(it),
  );
  return [point, shown, ...numbers, bad.join(", ")];
}

/** A port has one owner: mostly it is the gateway itself. */
function withAdvice(error: unknown): unknown {
  if (!(error instanceof RackwatchError) || error.code !== "driver/port-busy") return error;
  return new RackwatchError(error.code, error.message, {
    ...(error.where === undefined ? {} : { where: error.where }),
    todo: "If the gateway has it: stop it first (systemctl stop rackwatch-gateway), or look at the panel, which shows the same values",
    cause: error,
  });
}

function aborting(signal: AbortSignal): Promise<undefined> {
  if (signal.aborted) return Promise.resolve(undefined);
  return new Promise((settle) => {
    signal.addEventListener("abort", () => settle(undefined), { once: true });
  });
}

/** @throws RackwatchError `config/invalid`. */
function msOf(text: string): number {
  const ms = parseDuration(text);
  if (ms !== undefined) return Math.min(ms, forMsMax);
  throw new RackwatchError("config/invalid", `"${text}" is no duration`, {
    todo: "Write it as 500ms, 60s or 5min",
  });
}

/** A day: the longest that a timer of the platform is sure to hold is 24 of them. */
const forMsMax = 86_400_000;

function collect(text: string, before: TargetOptions["set"]): TargetOptions["set"] {
  const at = text.indexOf("=");
  if (at > 0) return [...before, [text.slice(0, at), text.slice(at + 1)]];
  throw new RackwatchError("config/invalid", `"${text}" is no setting`, {
    todo: "Write --set name=value",
  });
}
