import { resolve } from "node:path";
import { Argument, Option } from "@commander-js/extra-typings";
import type { Language } from "../../config/language/language.ts";
import { scanText } from "../../config/language/scan.ts";
import { problemText } from "../../config/report.ts";
import type { DriverContext } from "../../drivers/contract.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import { parseDuration } from "../../drivers/quantity.ts";
import { quietLog } from "../../drivers/quiet-log.ts";
import { regions } from "../../drivers/rfid/protocol.ts";
import { type Finding, parseLineSettings } from "../../drivers/scan.ts";
import { listSerialPorts } from "../../drivers/serial-ports.ts";
import { systemClock } from "../runtime/clock.ts";
import { stopSignal } from "../runtime/stop.ts";
import { keyPress } from "../scan/keys.ts";
import { openersOf } from "../scan/open-ports.ts";
import { findingText, portText, progressText, yamlOf } from "../scan/present.ts";
import { ProgressLine } from "../scan/progress-line.ts";
import { type ScanRequest, scanKinds, startScan } from "../scan/start.ts";
import { writeFindings } from "../scan/write.ts";
import { type CommandIo, exitCodes, newCommand, terminalLanguage } from "./command.ts";

/** `rackwatch scan KIND ADDRESS`: what is on a wire, without changing anything there. */
export function scanCommand(io: CommandIo) {
  return newCommand("scan", io)
    .description(
      "Find out what is on a wire or a server; changes nothing there, stops on a key or Ctrl-C",
    )
    .addArgument(new Argument("<what>", "what to look for").choices(["serial", ...scanKinds]))
    .argument("[address]", "serial:/dev/..., tcp://host:port, opc.tcp://host:4840")
    .option("--port <address>", "the same as the argument")
    .option("--line <settings...>", "line settings to try: 9600, 9600-8E1")
    .option("--units <ids>", "modbus: unit ids to ask, such as 1-10,33")
    .option("--fast", "modbus: only the unit ids that are likely")
    .option("--all", "look on at other settings after something was found")
    .option("--timeout <duration>", "how long an answer may take")
    .option("--for <duration>", "how long to listen: to a broker, or at each line setting")
    .addOption(new Option("--region <region>", "rfid: region to suggest").choices(regions))
    .option("--user <name>", "user; the password is read from RACKWATCH_PASSWORD")
    .option("--ca <file>", "mqtt: authority that signed the broker's certificate")
    .option("--security <mode>", 'opcua: "none", "sign-and-encrypt Basic256Sha256"')
    .option("--data <folder>", "opcua: data folder with the certificates that are trusted")
    .option("--json", "one JSON object a finding")
    .option("--write", "add what was found to the file that --config names")
    .option("--config <file>", "gateway YAML")
    .addOption(new Option("--lang <language>", "language").choices(["zh", "en"] as const))
    .action(async (what, address, given) => {
      const language = given.lang ?? terminalLanguage(io.env);
      const isJson = given.json === true;
      const kind = scanKinds.find((known) => known === what);
      if (kind === undefined) return listPorts(io, isJson, language);
      const request = { kind, ...requestOf(address, given, io) };
      const context = contextOf(given.data === undefined ? undefined : resolve(io.cwd, given.data));
      const config = given.write === true ? given.config : undefined;
      if (given.write === true && config === undefined)
        throw new RackwatchError("config/invalid", "--write needs to know the file", {
          todo: "Add --config FILE",
        });
      const findings = await run(request, context, { io, isJson, language });
      if (!isJson) io.stdout.write(yamlOf(findings, language));
      if (config !== undefined) await write(config, findings, { io, isJson, language });
    });
}

interface Surroundings {
  readonly io: CommandIo;
  readonly isJson: boolean;
  readonly language: Language;
}

interface Given {
  readonly port?: string | undefined;
  readonly line?: readonly string[] | undefined;
  readonly units?: string | undefined;
  readonly fast?: true | undefined;
  readonly all?: true | undefined;
  readonly timeout?: string | undefined;
  readonly for?: string | undefined;
  readonly region?: ScanRequest["region"] | undefined;
  readonly user?: string | undefined;
  readonly ca?: string | undefined;
  readonly security?: string | undefined;
  readonly config?: string | undefined;
}

/** @throws RackwatchError `config/invalid`. */
function requestOf(
  argument: string | undefined,
  given: Given,
  io: CommandIo,
): Omit<ScanRequest, "kind"> {
  const { region, user, security, config, ca } = given;
  const address = argument ?? given.port;
  if (address === undefined)
    throw invalid(
      "An address is missing",
      "Add it: serial:/dev/ttyUSB0 or tcp://host:port; `rackwatch scan serial` lists ports",
    );
  const timeoutMs = msOf("--timeout", given.timeout);
  const listenMs = msOf("--for", given.for);
  const password = io.env["RACKWATCH_PASSWORD"];
  return {
    address,
    lines: (given.line ?? []).map((text) => {
      const line = parseLineSettings(text);
      if (line !== undefined) return line;
      throw invalid(`"${text}" is no line setting`, "Write it like 9600 or 9600-8E1");
    }),
    unitIds: unitIdsOf(given.units),
    isFast: given.fast === true,
    isThorough: given.all === true,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(listenMs === undefined ? {} : { listenMs }),
    ...(region === undefined ? {} : { region }),
    ...(user === undefined ? {} : { user }),
    ...(user === undefined || password === undefined ? {} : { password }),
    ...(ca === undefined ? {} : { caFile: resolve(io.cwd, ca) }),
    ...(security === undefined ? {} : { security }),
    ...(config === undefined ? {} : { config: resolve(io.cwd, config) }),
  };
}

/** `1-10,33` @throws RackwatchError `config/invalid`. */
function unitIdsOf(text: string | undefined): readonly number[] {
  if (text === undefined) return [];
  const ids = text.split(",").flatMap((part) => {
    const [, from, to = from] = /^\s*(\d{1,3})\s*(?:-\s*(\d{1,3})\s*)?$/.exec(part) ?? [];
    const [first, last] = [Number(from ?? Number.NaN), Number(to ?? Number.NaN)];
    if (!(first >= 0 && last >= first && last <= 255))
      throw invalid(`"${part}" is no unit id`, "Write numbers from 1 to 247, such as 1-10,33");
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
  return [...new Set(ids)];
}

function msOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const ms = parseDuration(text);
  if (typeof ms === "number") return ms;
  throw invalid(`${option} ${text} is no duration`, "Write it like 500ms, 10s or 2min");
}

function invalid(message: string, todo: string): RackwatchError {
  return new RackwatchError("config/invalid", message, { todo });
}

function contextOf(dataDir: string | undefined): DriverContext {
  return { clock: systemClock, log: quietLog, ...(dataDir === undefined ? {} : { dataDir }) };
}

/** Prints findings as they come, and returns all of them, also of a scan that was stopped. */
async function run(
  request: ScanRequest,
  context: DriverContext,
  { io, isJson, language }: Surroundings,
): Promise<readonly Finding[]> {
  const text = scanText[language];
  using key = keyPress(io.stdin);
  using progress = new ProgressLine(io.stderr, () => systemClock.monotonicMs());
  const signal = AbortSignal.any([io.signal ?? stopSignal(), key.signal]);
  const findings: Finding[] = [];
  const { kind } = request;
  try {
    for await (const event of await startScan(request, context, signal)) {
      if (event.is === "progress") {
        progress.show(progressText(event, language));
        continue;
      }
      const { is: _, ...finding } = event;
      findings.push(finding);
      progress.clear();
      io.stdout.write(isJson ? `${JSON.stringify({ kind, ...finding })}\n` : findingText(finding));
    }
  } catch (error) {
    // What was found before a port was pulled out is worth as much.
    if (!(error instanceof RackwatchError) || findings.length === 0) throw error;
    progress.clear();
    io.stderr.write(`${text.ended(error.message)}\n`);
    io.setExitCode(exitCodes.problems);
  }
  progress.clear();
  if (signal.aborted) io.stderr.write(`${text.stopped}\n`);
  io.stderr.write(`${text.found(findings.length)}\n`);
  return findings;
}

async function write(
  config: string,
  findings: readonly Finding[],
  { io, language }: Surroundings,
): Promise<void> {
  const text = scanText[language];
  const written = await writeFindings(config, findings, { env: io.env, folder: io.cwd });
  if (!written.ok) {
    for (const problem of written.problems) io.stderr.write(`${problemText(problem, language)}\n`);
    io.setExitCode(exitCodes.cannotRun);
    return;
  }
  const { addition, backup } = written;
  for (const omitted of addition.omitted) {
    const { why, title } = omitted;
    const line =
      why === "known"
        ? text.known(title)
        : why === "taken"
          ? text.taken(title, omitted.channel)
          : text.incomplete(title, omitted.needs);
    io.stderr.write(`${line}\n`);
  }
  io.stderr.write(
    backup === undefined
      ? `${text.nothingToWrite(config)}\n`
      : `${text.written(addition.added.length, config, backup)}\n`,
  );
}

async function listPorts(io: CommandIo, isJson: boolean, language: Language): Promise<void> {
  const ports = await listSerialPorts();
  const openers = await openersOf(ports.map(({ path }) => path));
  const states = ports.map((port) => ({ port, openers: openers.get(port.path) ?? [] }));
  if (isJson)
    for (const { port, openers: openIn } of states)
      io.stdout.write(`${JSON.stringify({ kind: "serial", ...port, openIn })}\n`);
  else {
    io.stdout.write(states.map((state) => portText(state, language)).join(""));
    if (states.length === 0) io.stderr.write(`${scanText[language].noPorts}\n`);
  }
}
