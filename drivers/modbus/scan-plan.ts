import type { SerialSettings } from "../connect.ts";
import { lineText } from "../scan.ts";
import type { LineChannel } from "./open-line.ts";

/** Factory settings of field devices, the most common first. */
const baudRates = [9_600, 19_200, 115_200, 4_800, 38_400] as const;

/** A receiver for one stop bit takes two as well: 8N2 finds only what insists on them. */
const forms = [
  { dataBits: 8, parity: "none", stopBits: 1 },
  { dataBits: 8, parity: "even", stopBits: 1 },
  { dataBits: 8, parity: "none", stopBits: 2 },
] as const satisfies readonly Omit<SerialSettings, "baudRate">[];

/** Unit ids of a serial line (Modbus over serial line 1.02, 2.2). */
const unitIdMax = 247;

/** Factory settings and what people number by hand. */
const usualUnitIdMax = 16;

/** Units that are asked at one setting of the line, in one go. */
export interface Pass {
  readonly line: LineChannel;
  /** `9600 8N1`, `tcp`. */
  readonly label: string;
  readonly unitIds: readonly number[];
}

export interface ScanRange {
  readonly port: string;
  /** Settings to try; what they leave out is tried in every form. Empty: the usual ones. */
  readonly lines?: readonly Partial<SerialSettings>[];
  /** Empty: 1 to 247. */
  readonly unitIds?: readonly number[];
  /** Only the units that are likely. */
  readonly isFast?: boolean;
}

/** In the order in which they are worth trying: likely units at every setting, then the rest. */
export function passesOf(range: ScanRange): readonly Pass[] {
  const { unitIds = [], isFast = false } = range;
  const all = unitIds.length > 0 ? unitIds : upTo(unitIdMax);
  const likely = unitIds.length > 0 ? unitIds : upTo(usualUnitIdMax);
  const rest = isFast ? [] : all.filter((id) => !likely.includes(id));
  const lines = linesOf(range);
  return [likely, rest].flatMap((ids) =>
    ids.length === 0 ? [] : lines.map((it) => ({ ...it, unitIds: ids })),
  );
}

function linesOf({ port, lines = [] }: ScanRange): readonly Omit<Pass, "unitIds">[] {
  const usual = { baudRate: baudRates[0], ...forms[0] };
  if (port.startsWith("tcp:"))
    return (["tcp", "rtu-over-tcp"] as const).map((mode) => ({
      line: { port, mode, ...usual },
      label: mode,
    }));
  const wanted: readonly Partial<SerialSettings>[] =
    lines.length > 0 ? lines : baudRates.map((baudRate) => ({ baudRate }));
  const whole = wanted.flatMap((line) =>
    line.parity === undefined ? forms.map((form) => ({ ...usual, ...form, ...line })) : [line],
  );
  return whole.map((settings) => {
    const line = { port, mode: "tcp" as const, ...usual, ...settings };
    return { line, label: lineText(line) };
  });
}

function upTo(last: number): readonly number[] {
  return Array.from({ length: last }, (_, index) => index + 1);
}
