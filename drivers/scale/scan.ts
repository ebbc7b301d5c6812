import { type Connection, connect, plainLine, type SerialSettings } from "../connect.ts";
import type { DriverContext } from "../contract.ts";
import {
  type Finding,
  linePart,
  lineText,
  Progress,
  type ScanEvent,
  untilAborted,
} from "../scan.ts";
import { type Hearing, hearingOf, identifyScale } from "./identify.ts";
import type { ScaleProtocol, ScaleReading } from "./protocol.ts";
import { scaleProtocols } from "./protocols.ts";

export interface ScaleScanOptions {
  readonly port: string;
  /** Settings to try; what they leave out is 8N1. Empty: those of the makers. */
  readonly lines?: readonly Partial<SerialSettings>[];
  /** How long is listened at each setting; 1.5 s unless told. */
  readonly listenMs?: number;
  /** Looks on at other settings after a scale was found. */
  readonly isThorough?: boolean;
}

/** Scales that send by themselves do it at least each second. */
const listenMsDefault = 1_500;

/** How long a scale may take to answer a request. */
const answerMs = 500;

/** Bytes that are looked at of one setting: beyond them a stream says nothing that it did not say before. */
export const heardBytesMax = 16_384;

/** Characters of unknown text that the evidence shows. */
const textShownMax = 60;

/** What people set besides the factory settings of the languages. */
const otherLines: readonly SerialSettings[] = [
  plainLine,
  { ...plainLine, baudRate: 19_200 },
  { ...plainLine, baudRate: 4_800 },
  { ...plainLine, baudRate: 2_400 },
  { ...plainLine, baudRate: 115_200 },
  { ...plainLine, baudRate: 1_200 },
];

/**
 * Listens at each setting of the line; where nothing is heard it asks for a weighing in every language that has a
 * request for it. Neither zeroes nor tares, and starts no stream.
 * @throws RackwatchError as `connect` does.
 */
export function scanScale(
  options: ScaleScanOptions,
  context: DriverContext,
  signal: AbortSignal,
): AsyncGenerator<ScanEvent, void, undefined> {
  return untilAborted(lines(options, context, signal), signal);
}

interface Request {
  readonly bytes: Uint8Array;
  /** `SI\r\n` */
  readonly text: string;
  readonly protocols: readonly string[];
}

async function* lines(
  options: ScaleScanOptions,
  context: DriverContext,
  signal: AbortSignal,
): AsyncGenerator<ScanEvent, void, undefined> {
  const { port, listenMs = listenMsDefault, isThorough = false } = options;
  const settings = linesOf(options);
  const requests = requestsOf();
  const stepMs = listenMs + requests.length * answerMs;
  const progress = new Progress(context.clock, settings.length, stepMs);
  let best: { readonly hearing: Hearing; readonly finding: Finding } | undefined;
  let hasScale = false;
  for (const line of settings) {
    signal.throwIfAborted();
    const label = port.startsWith("tcp:") ? "tcp" : lineText(line);
    yield progress.at(label);
    const heard = await hearAt({ port, line, listenMs, requests }, context, signal);
    const hearing = hearingOf(heard.bytes);
    progress.step();
    if (hearing === "scale") {
      yield { is: "found", ...scaleFinding(port, line, label, heard) };
      if (!isThorough) return;
      hasScale = true;
    } else if (rank(hearing) > rank(best?.hearing ?? "nothing"))
      best = { hearing, finding: unknownFinding(hearing, label, heard.bytes) };
  }
  if (best !== undefined && !hasScale) yield { is: "found", ...best.finding };
}

function rank(hearing: Hearing): number {
  return ["nothing", "noise", "other", "scale"].indexOf(hearing);
}

function linesOf({ port, lines: given = [] }: ScaleScanOptions): readonly SerialSettings[] {
  if (port.startsWith("tcp:")) return [plainLine];
  if (given.length > 0) return given.map((line) => ({ ...plainLine, ...line }));
  const all = [...otherLines.slice(0, 1), ...scaleProtocols.map(({ serial }) => serial)];
  return [...new Map([...all, ...otherLines].map((line) => [lineText(line), line])).values()];
}

/** Several languages ask in the same words. */
function requestsOf(): readonly Request[] {
  const asked = scaleProtocols.flatMap((protocol) => {
    const bytes = protocol.modes.includes("poll") ? protocol.command("poll") : undefined;
    return bytes === undefined ? [] : [{ bytes, name: protocol.name }];
  });
  return [...Map.groupBy(asked, ({ bytes }) => Buffer.from(bytes).toString("latin1"))].map(
    ([text, group]) => ({
      bytes: Buffer.from(text, "latin1"),
      text: JSON.stringify(text).slice(1, -1),
      protocols: group.map(({ name }) => name),
    }),
  );
}

interface Heard {
  readonly bytes: Uint8Array;
  /** What was asked before these bytes came; undefined: they came by themselves. */
  readonly request?: Request;
}

interface Place {
  readonly port: string;
  readonly line: SerialSettings;
  readonly listenMs: number;
  readonly requests: readonly Request[];
}

async function hearAt(
  { port, line, listenMs, requests }: Place,
  context: DriverContext,
  signal: AbortSignal,
): Promise<Heard> {
  const connection = await connect(port, { serial: line, tap: context.tap }, signal);
  const ear = new Ear(connection);
  try {
    await context.clock.sleep(listenMs, signal);
    const streamed = ear.take();
    if (streamed.length > 0) return { bytes: streamed };
    for (const request of requests) {
      connection.stream.write(request.bytes);
      await context.clock.sleep(answerMs, signal);
      const bytes = ear.take();
      if (hearingOf(bytes) === "scale" && isWeighing(bytes)) return { bytes, request };
    }
    return { bytes: new Uint8Array(0) };
  } finally {
    await connection.close();
  }
}

/** An error line answers a request of another language as well: only a weighing proves the language. */
function isWeighing(bytes: Uint8Array): boolean {
  return identifyScale(bytes).some(({ protocol }) => {
    const reading = lastReading(protocol, bytes);
    return reading !== undefined && reading.status !== "error";
  });
}

/** Takes what comes, up to a limit; what is beyond is dropped. */
class Ear {
  #bytes: number[] = [];

  constructor({ stream }: Connection) {
    stream.on("data", (chunk: Uint8Array) => {
      this.#bytes.push(...chunk.subarray(0, heardBytesMax - this.#bytes.length));
    });
  }

  take(): Uint8Array {
    const taken = Uint8Array.from(this.#bytes);
    this.#bytes = [];
    return taken;
  }
}

function scaleFinding(
  port: string,
  line: SerialSettings,
  label: string,
  { bytes, request }: Heard,
): Finding {
  const candidates = identifyScale(bytes);
  const top = candidates[0]?.share ?? 0;
  const equal = candidates.filter(({ share }) => share === top).map(({ protocol }) => protocol);
  const asked = equal.find((name) => request?.protocols.includes(name) === true);
  const name = asked ?? equal[0] ?? "";
  const protocol = scaleProtocols.find((known) => known.name === name);
  const usual = protocol?.serial ?? plainLine;
  const mode = request === undefined ? "stream" : "poll";
  const others = candidates.map((it) => it.protocol).filter((other) => other !== name);
  const evidence = [
    request === undefined ? "sends by itself" : `answers ${request.text}`,
    weighingText(lastReading(name, bytes)),
    `${Math.round(100 * top)} % of ${bytes.length} bytes are its frames`,
    others.length === 0 ? undefined : `also fits ${others.join(", ")}`,
  ].filter((part) => part !== undefined);
  return {
    title: `Scale ${name} at ${label}`,
    evidence: evidence.join("; "),
    channel: {
      driver: "scale",
      port,
      protocol: name,
      ...(protocol?.modes[0] === mode ? {} : { mode }),
      ...(port.startsWith("tcp:") ? {} : linePart(line, usual)),
      devices: { scale: {} },
    },
  };
}

function lastReading(name: string, bytes: Uint8Array): ScaleReading | undefined {
  const protocol: ScaleProtocol | undefined = scaleProtocols.find((it) => it.name === name);
  if (protocol === undefined) return undefined;
  const options = { checksum: "auto" } as const;
  const framer = protocol.createFramer(options);
  const readings = [...framer.push(bytes), ...framer.idle()].flatMap((found) => {
    const message = found.ok ? protocol.parse(found.bytes, options) : undefined;
    return message?.kind === "reading" ? [message] : [];
  });
  return readings.at(-1);
}

function weighingText(reading: ScaleReading | undefined): string | undefined {
  if (reading === undefined) return undefined;
  const { weight, unit = "", stable, status } = reading;
  if (weight === undefined) return status;
  return `${weight} ${unit}`.trim() + (stable === false ? ", not stable" : "");
}

function unknownFinding(hearing: Hearing, label: string, bytes: Uint8Array): Finding {
  const isText = hearing === "other";
  const shown = isText
    ? JSON.stringify(Buffer.from(bytes).toString("latin1").slice(0, textShownMax))
    : Buffer.from(bytes.subarray(0, textShownMax / 3))
        .toString("hex")
        .replaceAll(/(..)(?=.)/g, "$1 ");
  return {
    title: isText ? `Unknown lines at ${label}` : `Noise at ${label}`,
    evidence: isText
      ? `${shown}: lines of no language that is known; protocol: described can read them`
      : `${shown}: bytes without lines; another speed or parity, or no scale`,
  };
}
