import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { Option } from "@commander-js/extra-typings";
import { weighText } from "../../config/language/weigh.ts";
import { loadConfig } from "../../config/load.ts";
import { suggest } from "../../config/suggest.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import { quietLog } from "../../drivers/quiet-log.ts";
import { canConvert, conversion } from "../pipeline/unit.ts";
import { systemClock as clock } from "../runtime/clock.ts";
import { stopSignal } from "../runtime/stop.ts";
import { type CommandIo, exitCodes, newCommand, terminalLanguage } from "./command.ts";
import { probeTarget } from "./probe-target.ts";
import { calibrate } from "./weigh-calibrate.ts";
import { RestingScale } from "./weigh-scale.ts";

const divisionKgUsual = 0.001;
const settleMsUsual = 1_500;

/** `rackwatch weigh`: what is done with the scale under a shelf by hand. */
export function weighCommand(io: CommandIo) {
  const group = newCommand("weigh", io).description("set up the scale under a shelf");
  return group.addCommand(calibrateCommand(io));
}

function calibrateCommand(io: CommandIo) {
  return newCommand("calibrate", io)
    .description("find tare and piece weight by weighing; the gateway must not have the scale")
    .requiredOption("--location <id>", "the shelf")
    .requiredOption("--item <id>", "what is weighed")
    .option("--config <file>", "the gateway's configuration", "/etc/rackwatch/gateway.yaml")
    .option("--data <folder>", "data folder of the gateway, for certificates", "/var/lib/rackwatch")
    .option("--pieces <count>", "pieces in one sample", "10")
    .option("--repeat <count>", "samples", "3")
    .option("--wait <seconds>", "how long a weight may take to rest", "15")
    .option("--json", "one JSON object a line")
    .addOption(new Option("--lang <language>", "language").choices(["zh", "en"] as const))
    .action(async (options) => {
      const { location, item } = options;
      const pieces = wholeOf("--pieces", options.pieces, 10_000);
      const repeat = wholeOf("--repeat", options.repeat, 100);
      const waitMs = wholeOf("--wait", options.wait, 600) * 1_000;
      const language = options.lang ?? terminalLanguage(io.env);
      const { target, toKg, divisionKg, settleMs } = scaleOf(
        io,
        options.config,
        location,
        language,
      );
      if (io.stdin === undefined)
        throw new RackwatchError("config/invalid", "There is nobody to press Enter", {
          todo: "Run it at a terminal",
        });
      const stop = new AbortController();
      const signal = AbortSignal.any([io.signal ?? stopSignal(), stop.signal]);
      const context = { clock, log: quietLog, dataDir: resolve(io.cwd, options.data) };
      const lines = createInterface({ input: io.stdin, signal });
      // From now on: what is typed while the scale is being opened is not lost.
      const typed = lines[Symbol.asyncIterator]();
      try {
        await using session = await target.driver.open(target.channel, context, signal);
        const scale = new RestingScale(
          { point: target.point, toKg, divisionKg, settleMs, waitMs },
          session,
          clock,
        );
        const plan = { location, item, pieces, repeat, divisionKg };
        const isDone = await calibrate(plan, scale, {
          lines: typed,
          text: weighText[language],
          say: (fields, sentence) =>
            io.stdout.write(
              options.json === true ? `${JSON.stringify(fields)}\n` : `${sentence}\n`,
            ),
        });
        io.setExitCode(isDone ? exitCodes.ok : exitCodes.problems);
        stop.abort();
      } finally {
        stop.abort();
        lines.close();
      }
    });
}

/** @throws RackwatchError `config/invalid`. */
function scaleOf(
  io: CommandIo,
  file: string,
  location: string,
  language: Parameters<typeof probeTarget>[3],
) {
  const load = { env: io.env, folder: io.cwd, canConvert };
  const result = loadConfig(resolve(io.cwd, file), { ...load, secrets: "substitute" });
  const locations = result.ok ? result.config.locations : {};
  const given = Object.hasOwn(locations, location) ? locations[location] : undefined;
  const weight = given?.weight;
  if (result.ok && weight === undefined) throw noScale(location, given !== undefined, locations);
  // A configuration with errors is refused by the target, which names them.
  const target = probeTarget(weight ?? "", { config: file, set: [] }, load, language);
  const unit = target.driver.describe(target.channel).find(({ key }) => key === weight)?.unit;
  const toKg = conversion(unit ?? "kg", "kg");
  if (toKg === undefined || weight === undefined)
    throw new RackwatchError("config/invalid", `${weight} is no weight`, {
      where: `locations.${location}.weight`,
      todo: "Name a point in a unit of mass",
    });
  const settleMs = result.ok ? (result.config.stock?.settle ?? settleMsUsual) : settleMsUsual;
  const divisionKg = given?.division ?? divisionKgUsual;
  return { target: { ...target, point: weight }, toKg, divisionKg, settleMs };
}

function noScale(location: string, isThere: boolean, all: Readonly<Record<string, unknown>>) {
  if (isThere)
    return new RackwatchError("config/invalid", `${location} has no scale`, {
      where: `locations.${location}`,
      todo: "Add weight: DEVICE/weight to it",
    });
  const near = suggest(location, Object.keys(all));
  return new RackwatchError("config/invalid", `There is no location "${location}"`, {
    todo: near === "" ? `There are: ${Object.keys(all).join(", ")}` : `Did you mean ${near}?`,
  });
}

/** @throws RackwatchError `config/invalid`. */
function wholeOf(option: string, text: string, most: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw new RackwatchError("config/invalid", `${option} ${text} is not usable`, {
    todo: `Give a whole number from 1 to ${most}`,
  });
}
