import { type Connection, connect, plainLine, type SerialSettings } from "../connect.ts";
import type { DriverContext } from "../contract.ts";
import { RackwatchError } from "../errors.ts";
import { FramedWire } from "../framing/framed-wire.ts";
import type { DecodedFrame } from "../protocol.ts";
import {
  type Finding,
  linePart,
  lineText,
  Progress,
  type ScanEvent,
  untilAborted,
} from "../scan.ts";
import { askLlrp } from "./llrp/greet.ts";
import { type ReaderProtocol, type Region, regions } from "./protocol.ts";
import { readerProtocols } from "./protocols.ts";
import { questions } from "./scan-questions.ts";
import { Talk } from "./talk.ts";

export interface RfidScanOptions {
  /** `tcp://host` without a port: the usual ports of network readers. */
  readonly port: string;
  /** Settings to try in place of the makers'; what they leave out is 8N1. */
  readonly lines?: readonly Partial<SerialSettings>[];
  /** How long is listened before anything is asked; 1 s unless told. */
  readonly listenMs?: number;
  /** Goes into the suggestion where a reader needs one. Nothing is set. */
  readonly region?: Region;
  /** Looks on after a reader was found. */
  readonly isThorough?: boolean;
}

const listenMsDefault = 1_000;

/** A reader that is in an inventory answers behind its end. */
const answerMs = 1_000;

/** Pause inside of a frame after which it is given up. */
const idleMs = 50;

/** Bytes that are looked at while listening; more of a stream says nothing else. */
const heardBytesMax = 16_384;

/** Part of what was heard that must be frames of a language: checks of 8 bits agree by chance now and then. */
const shareMin = 0.5;

/**
 * Listens, then asks for version or information in each language; over TCP also for the greeting of an LLRP reader.
 * Nothing is set, no inventory is started.
 * @throws RackwatchError as `connect` does.
 */
export function scanRfid(
  options: RfidScanOptions,
  context: DriverContext,
  signal: AbortSignal,
): AsyncGenerator<ScanEvent, void, undefined> {
  return untilAborted(attempts(options, context, signal), signal);
}

interface Attempt {
  readonly port: string;
  readonly line: SerialSettings;
  readonly label: string;
  readonly protocols: readonly ReaderProtocol[];
}

async function* attempts(
  options: RfidScanOptions,
  context: DriverContext,
  signal: AbortSignal,
): AsyncGenerator<ScanEvent, void, undefined> {
  const { listenMs = listenMsDefault, isThorough = false } = options;
  const all = attemptsOf(options);
  const progress = new Progress(context.clock, all.length, listenMs + 3 * answerMs);
  let refusal: unknown;
  let isReached = false;
  for (const attempt of all) {
    signal.throwIfAborted();
    yield progress.at(attempt.label);
    try {
      const finding = await look(attempt, options, context, signal);
      isReached = true;
      if (finding !== undefined) yield { is: "found", ...finding };
      if (finding !== undefined && !isThorough) return;
    } catch (error) {
      // A host may have one of its usual ports only.
      if (!(error instanceof RackwatchError) || all.length === 1 || !isTcp(attempt.port))
        throw error;
      refusal ??= error;
    }
    progress.step();
  }
  if (!isReached && refusal !== undefined) throw refusal;
}

function isTcp(port: string): boolean {
  return port.startsWith("tcp:");
}

function attemptsOf({ port, lines = [] }: RfidScanOptions): readonly Attempt[] {
  const serial = readerProtocols.filter(({ serial: line }) => line !== undefined);
  const llrp = readerProtocols.filter(({ name }) => name === "llrp");
  if (isTcp(port)) {
    // Each question on a connection of its own: a reader may wait for the rest of what it takes for a frame.
    const groups = Map.groupBy(
      serial,
      ({ name }) => questions.find((question) => question.protocols.includes(name)) ?? "quiet",
    );
    if (/:\d{1,5}$/.test(port.replace(/\[.*\]/, "")))
      return [llrp, ...groups.values()].map((protocols) => {
        const names = protocols.map(({ name }) => name).join(", ");
        return { port, line: plainLine, label: names, protocols };
      });
    const ports = new Map(
      readerProtocols.flatMap(({ tcpPort }) =>
        tcpPort === undefined
          ? []
          : [[tcpPort, readerProtocols.filter((it) => it.tcpPort === tcpPort)]],
      ),
    );
    return [...ports].toReversed().map(([number, protocols]) => ({
      ...{ port: `${port}:${number}`, line: plainLine, protocols },
      label: `${port}:${number}`,
    }));
  }
  if (lines.length > 0)
    return lines.map((given) => {
      const line = { ...plainLine, ...given };
      return { port, line, label: lineText(line), protocols: serial };
    });
  const groups = Map.groupBy(serial, ({ serial: line = plainLine }) => lineText(line));
  return [...groups].map(([label, protocols]) => ({
    ...{ port, label, protocols },
    line: protocols[0]?.serial ?? plainLine,
  }));
}

async function look(
  { port, line, label, protocols }: Attempt,
  options: RfidScanOptions,
  context: DriverContext,
  signal: AbortSignal,
): Promise<Finding | undefined> {
  const connection = await connect(port, { serial: line, tap: context.tap }, signal);
  try {
    if (protocols.some(({ name }) => name === "llrp")) {
      const greeting = await askLlrp(connection, context, signal);
      if (greeting === undefined) return undefined;
      const channel = { driver: "rfid", port, protocol: "llrp", devices: { reader: {} } };
      return { title: `LLRP reader at ${port}`, evidence: greeting, channel };
    }
    const heard = await listenTo(connection, options.listenMs ?? listenMsDefault, context, signal);
    const talking = heard.length === 0 ? undefined : heardReader(heard, protocols);
    const found = talking ?? (await ask(connection, protocols, context, signal));
    if (found === undefined) return undefined;
    const { protocol, evidence, region } = found;
    const usual = protocol.serial ?? plainLine;
    const given = options.region ?? region;
    const isLacking = protocol.needsRegion && given === undefined;
    return {
      title: `Reader ${protocol.name} at ${isTcp(port) ? port : label}`,
      evidence,
      channel: {
        ...{ driver: "rfid", port, protocol: protocol.name },
        ...(protocol.needsRegion && given !== undefined ? { region: given } : {}),
        ...(isTcp(port) ? {} : linePart(line, usual)),
        devices: { reader: {} },
      },
      ...(isLacking ? { needs: `region: ${regions.join(" | ")}` } : {}),
    };
  } finally {
    await connection.close();
  }
}

interface FoundReader {
  readonly protocol: ReaderProtocol;
  readonly evidence: string;
  /** That the reader has stored. */
  readonly region?: Region | undefined;
}

async function listenTo(
  connection: Connection,
  ms: number,
  { clock }: DriverContext,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const bytes: number[] = [];
  const hear = (chunk: Uint8Array) => {
    bytes.push(...chunk.subarray(0, heardBytesMax - bytes.length));
  };
  connection.stream.on("data", hear);
  try {
    await clock.sleep(ms, signal);
  } finally {
    connection.stream.off("data", hear);
  }
  return Uint8Array.from(bytes);
}

/** The language in which tags were heard, if most of the bytes are in it. */
function heardReader(
  bytes: Uint8Array,
  protocols: readonly ReaderProtocol[],
): FoundReader | undefined {
  for (const protocol of protocols) {
    const frames = protocol.decode(bytes).filter((frame) => frame.ok);
    const hexChars = frames.reduce((sum, { hex }) => sum + String(hex ?? "").length, 0);
    const tag = frames.find((frame) => typeof frame["epc"] === "string");
    if (tag === undefined || hexChars / 2 / bytes.length < shareMin) continue;
    return { protocol, evidence: `sends tags by itself, such as ${String(tag["epc"])}` };
  }
  return undefined;
}

async function ask(
  connection: Connection,
  protocols: readonly ReaderProtocol[],
  { clock }: DriverContext,
  signal: AbortSignal,
): Promise<FoundReader | undefined> {
  for (const question of questions) {
    const isWanted = protocols.some(({ name }) => question.protocols.includes(name));
    if (!isWanted) continue;
    await using wire = new FramedWire(connection, question.createFramer(), clock, { idleMs });
    await wire.discard();
    const talk = new Talk(wire, clock, signal);
    const name = await talk.try(question.request, question.protocolOf, answerMs);
    const protocol = protocols.find((known) => known.name === name?.protocol);
    if (name === undefined || protocol === undefined) continue;
    const region = await question.region?.(talk, answerMs);
    const answer = protocol.decode(name.frame).find(({ ok }) => ok);
    return { protocol, evidence: `answers: ${factsOf(answer)}`, region };
  }
  return undefined;
}

/** Fields of the answer that say nothing about the reader. */
const dull = new Set(["ok", "hex", "type", "command", "name", "opcode", "direction"]);

function factsOf(frame: DecodedFrame | undefined): string {
  const facts = Object.entries(frame ?? {}).filter(([key]) => !dull.has(key));
  const text = facts.map(([key, value]) => `${key} ${textOf(value)}`).join(", ");
  return text === "" ? "its version" : text;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
