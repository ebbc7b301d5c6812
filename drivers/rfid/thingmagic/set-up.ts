import { wordAt } from "../../hex.ts";
import type { ReaderEvent, ReaderSettings, Region } from "../protocol.ts";
import { mercuryOpcodes, readMercury } from "./message.ts";
import { mercuryRegions } from "./regions.ts";
import { mercuryStatus } from "./status.ts";

/** The answer to one command. */
export interface Answer {
  readonly status: number;
  readonly data: Uint8Array;
  readonly frame: Uint8Array;
}

/** Sends a command and brings its answer. */
type Command = (opcode: number, data?: readonly number[]) => Promise<Answer>;

export interface RadioState {
  readonly events: readonly ReaderEvent[];
  /** False: the module is in no region, or in another than configured. It must not transmit. */
  readonly mayRead: boolean;
}

const gen2 = [0, 5];
const noRegion = 0;

/** Option keys: the read filter hides a tag that was reported before, which is what presence lives on. */
const readFilterOff = [1, 0x0c, 0];

/** Gen2 options of command 9B: session, and Q with a fixed value. */
const sessionOption = 0;
const qOption = [0x12, 1];

/** Brings the module to the configured state and asks for its health. */
export async function setUpRadio(command: Command, settings: ReaderSettings): Promise<RadioState> {
  const events: ReaderEvent[] = [];
  const fault = (reason: string) => events.push({ is: "fault", reason });
  await command(mercuryOpcodes.setProtocol, gen2);
  const regionFault = await setRegion(command, settings.region);
  if (regionFault !== undefined) {
    fault(regionFault);
    return { events, mayRead: false };
  }
  if (!(await setAntennas(command, settings.antennas, events))) fault("antenna");
  if (!(await setPower(command, settings.powerDbm))) fault("power");
  if (!(await setGen2(command, settings))) fault("session");
  await command(mercuryOpcodes.setOption, readFilterOff);
  await askHealth(command, events);
  return { events, mayRead: true };
}

/** Why the module must not read; undefined when it is in the configured region, or in any where none is. */
async function setRegion(
  command: Command,
  region: Region | undefined,
): Promise<"region" | "region-needed" | undefined> {
  const stored = async () => (await command(mercuryOpcodes.getRegion)).data[0];
  const current = await stored();
  if (region === undefined)
    return current === undefined || current === noRegion ? "region-needed" : undefined;
  const codes = mercuryRegions[region];
  if (current !== undefined && codes.includes(current)) return undefined;
  for (const code of codes) {
    const { status } = await command(mercuryOpcodes.setRegion, [code]);
    if (status === mercuryStatus.ok) return (await stored()) === code ? undefined : "region";
  }
  return "region";
}

/** Whether every configured antenna is connected, as far as the module can tell. */
async function setAntennas(
  command: Command,
  configured: readonly number[],
  events: ReaderEvent[],
): Promise<boolean> {
  const found = readMercury((await command(mercuryOpcodes.getAntennas, [5])).frame);
  const antennas = found.is === "health" ? (found.health.antennas ?? {}) : {};
  const connected = Object.keys(antennas)
    .map(Number)
    .filter((number) => antennas[number]);
  // Modules with one port often cannot detect what is on it.
  const canDetect = connected.length > 0;
  if (canDetect) events.push({ is: "health", antennas });
  const used = configured.length > 0 ? configured : canDetect ? connected : [1];
  const list = used.flatMap((number) => [number & 15, number & 15]);
  const { status } = await command(mercuryOpcodes.setAntennas, [2, ...list]);
  if (status !== mercuryStatus.ok) return false;
  return !canDetect || configured.every((number) => antennas[number] === true);
}

async function setPower(command: Command, powerDbm: number | undefined): Promise<boolean> {
  if (powerDbm === undefined) return true;
  const wanted = Math.round(100 * powerDbm);
  await command(mercuryOpcodes.setPower, [wanted >> 8, wanted & 0xff]);
  const { data } = await command(mercuryOpcodes.getPower, [0]);
  return wordAt(data, data.length % 2) === wanted;
}

async function setGen2(command: Command, { session, q }: ReaderSettings): Promise<boolean> {
  const options: (readonly number[])[] = [];
  if (session !== undefined) options.push([5, sessionOption, session]);
  if (q !== undefined) options.push([5, ...qOption, q]);
  let isDone = true;
  for (const option of options)
    isDone = (await command(mercuryOpcodes.setProtocolOption, option)).status === 0 && isDone;
  return isDone;
}

/** Modules that lack one of these refuse it, which is no fault. */
async function askHealth(command: Command, events: ReaderEvent[]): Promise<void> {
  for (const [opcode, data] of [
    [mercuryOpcodes.getTemperature, []],
    [mercuryOpcodes.getAntennas, [6]],
  ] as const) {
    const message = readMercury((await command(opcode, data)).frame);
    if (message.is === "health") events.push({ is: "health", ...message.health });
  }
}
