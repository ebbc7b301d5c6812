import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Option } from "@commander-js/extra-typings";
import { channelYaml } from "../../config/example-channel.ts";
import type { Language } from "../../config/language/language.ts";
import { toolsText } from "../../config/language/tools.ts";
import { suggest } from "../../config/suggest.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import { parseDuration } from "../../drivers/quantity.ts";
import { parseFaults } from "../../drivers/simulation/fault-word.ts";
import type { RunningSimulator, SimulatorKind } from "../../drivers/simulation/simulator-kind.ts";
import { findSimulator, simulators } from "../../drivers/simulators.ts";
import { systemClock } from "../runtime/clock.ts";
import { aborted, stopSignal } from "../runtime/stop.ts";
import { type CommandIo, newCommand, terminalLanguage } from "./command.ts";

type Setting = readonly [name: string, value: string];

/** What happened, as it is printed: a sentence, or one JSON object a line. */
type Say = (event: string, fields: object, sentence: string) => void;

/** `rackwatch sim PROTOCOL`: a simulated device on a real wire. */
export function simCommand(io: CommandIo) {
  return newCommand("sim", io)
    .description("Run a simulated device; `rackwatch devices` lists the languages")
    .argument("<protocol>", "its language, such as mt-sics, r200, modbus-tcp, llrp, opcua, mqtt")
    .option("--listen <address>", "tcp://HOST:PORT or serial:PATH", "tcp://127.0.0.1:0")
    .option("--broker <address>", "mqtt and sparkplug: the broker to publish to")
    .option("--user <name>", "user at the broker; its password is read from MQTT_PASSWORD")
    .option("--weight <number>", "what lies on a scale: 42.5, or 42.5kg")
    .option("--unit <unit>", "unit of the scale")
    .option("--tags <count>", "tags before a reader")
    .option("--reads-per-second <count>", "how often the reader sees tags, all together")
    .option("--set <name=value>", "any other setting; may be repeated", collect, [])
    .option("--fault <names>", "silent, garbage, half-frames, corrupt, delay, babble, refuse")
    .option("--after <duration>", "when the fault begins, such as 10s (default at once)")
    .option("--for <duration>", "how long the fault lasts (default for ever)")
    .option("--json", "one JSON object a line")
    .addOption(new Option("--lang <language>", "language").choices(["zh", "en"] as const))
    .action(async (word, options) => {
      const kind = findSimulator(word);
      if (kind === undefined) throw unknown(word);
      const faults = options.fault;
      // Told before anything is opened.
      if (faults !== undefined) parseFaults(faults);
      const afterMs = msOf("--after", options.after) ?? 0;
      const forMs = msOf("--for", options.for);
      const language = options.lang ?? terminalLanguage(io.env);
      const say: Say = (event, fields, sentence) =>
        io.stdout.write(
          options.json === true ? `${JSON.stringify({ event, ...fields })}\n` : `${sentence}\n`,
        );
      // From now on: whoever reads that it listens may already want it to end.
      const until = io.signal ?? stopSignal();
      const folder = await mkdtemp(join(tmpdir(), "rackwatch-sim-"));
      try {
        const listen = kind.isPublisher ? brokerOf(options.broker) : options.listen;
        const account = { user: options.user, password: io.env["MQTT_PASSWORD"] };
        const settings = settingsOf(options);
        await using running = await kind.start({ listen, settings, folder, ...account });
        introduce(kind, running, say, language);
        await run(running, { faults, afterMs, forMs }, { io, until, say, language });
        say("stopped", {}, toolsText[language].stopped);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    });
}

function introduce(
  kind: SimulatorKind,
  { address, channel }: RunningSimulator,
  say: Say,
  language: Language,
): void {
  const text = toolsText[language];
  const { name, settings } = kind;
  const first = kind.isPublisher ? text.publishes(name, address) : text.listens(name, address);
  const yaml = channelYaml("sim", channel).trimEnd();
  const sentence = [first, text.paste, yaml, text.typed(settings.join(", "))].join("\n");
  say("listening", { protocol: name, address, channel, settings }, sentence);
}

interface Plan {
  readonly faults: string | undefined;
  readonly afterMs: number;
  readonly forMs: number | undefined;
}

interface Surroundings {
  readonly io: CommandIo;
  readonly until: AbortSignal;
  readonly say: Say;
  readonly language: Language;
}

async function run(running: RunningSimulator, plan: Plan, around: Surroundings): Promise<void> {
  const ended = new AbortController();
  const signal = AbortSignal.any([around.until, ended.signal]);
  const lines = around.io.stdin && createInterface({ input: around.io.stdin, signal });
  let work: Promise<void> = Promise.resolve();
  lines?.on("line", (line) => {
    // One after the other, as they were typed.
    work = work.then(async () => {
      if (/^(quit|exit)$/.test(line.trim())) ended.abort();
      else await obey(running, line, around);
    });
  });
  const faults = followPlan(running, plan, signal, around).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
  try {
    await Promise.race([aborted(signal), faults.then(() => aborted(signal))]);
  } finally {
    ended.abort();
    lines?.close();
    await work;
  }
}

async function followPlan(
  running: RunningSimulator,
  { faults, afterMs, forMs }: Plan,
  signal: AbortSignal,
  { say, language }: Surroundings,
): Promise<void> {
  if (faults === undefined) return;
  const text = toolsText[language];
  if (afterMs > 0) await systemClock.sleep(afterMs, signal);
  running.setFaults(parseFaults(faults));
  say("fault", { fault: faults }, text.fault(faults));
  if (forMs === undefined) return;
  await systemClock.sleep(forMs, signal);
  running.setFaults({});
  say("fault", { fault: "none" }, text.fault("none"));
}

/** One line that was typed; what is wrong with it is told, the simulator goes on. */
async function obey(
  running: RunningSimulator,
  line: string,
  { say, language }: Surroundings,
): Promise<void> {
  const text = toolsText[language];
  const [, word = "", rest = ""] = /^\s*(\S*)\s*(.*?)\s*$/.exec(line) ?? [];
  if (word === "") return;
  try {
    if (word === "fault") {
      running.setFaults(parseFaults(rest));
      say("fault", { fault: rest }, text.fault(rest));
    } else if (word === "cut") {
      await running.cut();
      say("cut", {}, text.cut);
    } else {
      await running.set(word, rest);
      say("set", { name: word, value: rest }, text.isSet(word, rest));
    }
  } catch (error) {
    if (!(error instanceof RackwatchError)) throw error;
    const { code, message, todo = "" } = error;
    say("error", { code, message, todo }, `${text.notUnderstood(line)}: ${message}. ${todo}`);
  }
}

interface Settings {
  readonly weight?: string;
  readonly unit?: string;
  readonly tags?: string;
  readonly readsPerSecond?: string;
  readonly set: readonly Setting[];
}

function settingsOf({ weight, unit, tags, readsPerSecond, set }: Settings): readonly Setting[] {
  const named = { unit, weight, tags, "reads-per-second": readsPerSecond };
  return [
    ...Object.entries(named).flatMap(([name, value]): readonly Setting[] =>
      value === undefined ? [] : [[name, value]],
    ),
    ...set,
  ];
}

/** @throws RackwatchError `config/invalid`. */
function collect(text: string, before: readonly Setting[]): readonly Setting[] {
  const at = text.indexOf("=");
  if (at > 0) return [...before, [text.slice(0, at), text.slice(at + 1)]];
  throw new RackwatchError("config/invalid", `"${text}" is no setting`, {
    todo: "Write --set name=value",
  });
}

function msOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const parsed = parseDuration(text);
  if (parsed !== undefined) return parsed;
  throw new RackwatchError("config/invalid", `"${text}" behind ${option} is no duration`, {
    todo: "Write it as 500ms, 10s or 5min",
  });
}

function brokerOf(address: string | undefined): string {
  if (address !== undefined && /^tcp:\/\/[^/]+:\d+$/.test(address)) return address;
  throw new RackwatchError("config/invalid", "A device that publishes needs a broker", {
    todo: "Add --broker tcp://HOST:1883",
  });
}

function unknown(word: string): RackwatchError {
  const names = simulators.map(({ name }) => name);
  const near = suggest(word.toLowerCase(), names);
  return new RackwatchError("config/invalid", `There is no simulator for "${word}"`, {
    todo: near === "" ? `One of: ${names.join(", ")}` : `Did you mean ${near}?`,
  });
}
