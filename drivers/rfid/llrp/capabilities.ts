import { find, type Parameter, readParameters, u16 } from "./parameter.ts";

/** What of a reader's capabilities is needed to set its power (LLRP 1.0.1, 10.2.4). */
export interface RadioCapabilities {
  readonly powers: readonly { readonly index: number; readonly dbm: number }[];
  /** By which a transmitter is told its frequency: a hop table where the law lets it hop, else a channel. */
  readonly hopTableId: number;
  readonly channelIndex: number;
}

const regulatoryType = 143;
const bandType = 144;
const powerType = 145;
const frequencyType = 146;
const hopTableType = 147;

/** From GET_READER_CAPABILITIES_RESPONSE; undefined where there is no UHF band. */
export function radioCapabilities(parameters: readonly Parameter[]): RadioCapabilities | undefined {
  const regulatory = find(parameters, regulatoryType);
  if (regulatory === undefined) return undefined;
  const band = find(inside(regulatory.bytes.subarray(4)), bandType);
  if (band === undefined) return undefined;
  const parts = inside(band.bytes);
  const frequency = find(parts, frequencyType)?.bytes ?? new Uint8Array(0);
  const doesHop = ((frequency[0] ?? 0) & 0x80) !== 0;
  const hopTable = find(inside(frequency.subarray(1)), hopTableType);
  return {
    powers: parts
      .filter(({ type, bytes }) => type === powerType && bytes.length >= 4)
      .map(({ bytes }) => ({ index: u16(bytes), dbm: ((u16(bytes, 2) << 16) >> 16) / 100 })),
    hopTableId: doesHop ? (hopTable?.bytes[0] ?? 1) : 0,
    channelIndex: doesHop ? 0 : 1,
  };
}

/** The strongest step that is not above `dbm`; undefined when all are. */
export function powerIndex({ powers }: RadioCapabilities, dbm: number): number | undefined {
  const allowed = powers.filter((power) => power.dbm <= dbm + 1e-9);
  return allowed.reduce<(typeof powers)[number] | undefined>(
    (best, power) => (best === undefined || power.dbm > best.dbm ? power : best),
    undefined,
  )?.index;
}

function inside(bytes: Uint8Array): readonly Parameter[] {
  const parameters = readParameters(bytes);
  return "fault" in parameters ? [] : parameters;
}
