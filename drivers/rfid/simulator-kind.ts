import {
  numberSetting,
  type RunningSimulator,
  type SimulatorKind,
  type SimulatorStart,
  unknownSetting,
  wrongSetting,
} from "../simulation/simulator-kind.ts";
import type { ReaderProtocol } from "./protocol.ts";
import { readerProtocols } from "./protocols.ts";
import { startReaderSimulator } from "./simulator.ts";
import { TagField } from "./tag-field.ts";

const settings = ["tags", "reads-per-second", "put", "take"] as const;

/** Tags in the field when nothing is told. */
const usualTags = 5;

/** What a reader of the strongest kind can hold apart; more is a typing error. */
const tagsMax = 2_000;

const readsPerSecondMax = 2_000;

/** Hex digits of a tag: 96 bits for UHF, 40 and 56 for the two low frequencies. */
const digits: Readonly<Record<string, number>> = { rdm6300: 10, wl134: 14 };

/** A reader in each of the languages, with tags before it. */
export const readerKinds: readonly SimulatorKind[] = readerProtocols.map((protocol) => ({
  name: protocol.name,
  driver: "rfid",
  settings,
  isPublisher: false,
  start: (options) => start(protocol, options),
}));

async function start(
  protocol: ReaderProtocol,
  { listen, settings: given }: SimulatorStart,
): Promise<RunningSimulator> {
  const field = new TagField();
  const width = digits[protocol.name] ?? 24;
  fill(field, usualTags, width);
  for (const [name, value] of given) change(field, width, name, value);
  const simulator = await startReaderSimulator({ protocol: protocol.name, field, listen });
  const { address } = simulator;
  return {
    address,
    channel: {
      ...{ driver: "rfid", port: address, protocol: protocol.name },
      ...(protocol.needsRegion ? { region: "EU" } : {}),
      devices: { gate: {} },
    },
    set: async (name, value) => change(field, width, name, value),
    setFaults: simulator.setFaults,
    cut: async () => simulator.cut(),
    [Symbol.asyncDispose]: () => simulator.stop(),
  };
}

function change(field: TagField, width: number, name: string, value: string): void {
  switch (name) {
    case "tags":
      fill(field, within(name, value, tagsMax), width);
      return;
    case "reads-per-second":
      field.readsPerSecond = within(name, value, readsPerSecondMax);
      return;
    case "put": {
      const [epc = "", antenna] = value.trim().split(/\s+/);
      const isTag = /^(?:[0-9a-f]{4})+$/i.test(epc) && (width === 24 || epc.length === width);
      const isLow = /^[0-9a-f]+$/i.test(epc) && epc.length === width;
      if (!isTag && !isLow) throw wrongSetting(name, value, `Write ${width} hex digits`);
      const place = antenna === undefined ? {} : { antenna: within("antenna", antenna, 32) };
      field.put({ epc: epc.toUpperCase(), ...place });
      return;
    }
    case "take":
      field.take(value.trim().toUpperCase());
      return;
    default:
      throw unknownSetting(name, settings);
  }
}

function within(name: string, text: string, max: number): number {
  const value = numberSetting(name, text);
  if (Number.isInteger(value) && value >= 0 && value <= max) return value;
  throw wrongSetting(name, text, `Write a whole number from 0 to ${max}`);
}

/** Exactly that many tags, the same ones each time. */
function fill(field: TagField, count: number, width: number): void {
  for (const { epc } of field.tags) field.take(epc);
  for (let index = 1; index <= count; index += 1) {
    const tail = index.toString(16).toUpperCase();
    // E2: a tag with its factory number; a country of three digits for animals and objects.
    const head = width === 24 ? "E28011" : width === 14 ? "0384" : "10";
    field.put({ epc: head + tail.padStart(width - head.length, "0") });
  }
}
