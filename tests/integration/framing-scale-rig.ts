import fc from "fast-check";
import { lineBytesMax } from "../../drivers/scale/lines.ts";
import type { ScaleProtocol, ScaleReading } from "../../drivers/scale/protocol.ts";
import { scaleProtocols } from "../../drivers/scale/protocols.ts";
import { framerProperties } from "../support/framer-properties.ts";

const weighings = fc
  .record({
    status: fc.constantFrom("ok", "unstable", "overload"),
    weight: fc.integer({ min: -9_999, max: 99_999 }),
    unit: fc.constantFrom("kg", "g", "lb"),
    net: fc.option(fc.boolean(), { nil: undefined }),
  })
  .map(
    ({ status, weight, unit, net }): ScaleReading => ({
      kind: "reading",
      status,
      ...{ weight, unit, stable: status !== "unstable" },
      ...(net !== undefined && { net }),
    }),
  );

export function framesOf(protocol: ScaleProtocol): fc.Arbitrary<Uint8Array> {
  return weighings.map((it) => protocol.encode(it)).filter((bytes) => bytes.length > 0);
}

export const latin1 = (bytes: Uint8Array) => Buffer.from(bytes).toString("latin1");
const isLine = (bytes: Uint8Array) => /^[^\r\n]+(?:\r\n|\r|\n)$/.test(latin1(bytes));

/** Checks that share nothing with the framers. */
const checks: Readonly<Record<string, (bytes: Uint8Array) => boolean>> = {
  toledo: (bytes) => {
    const length = bytes[10] === 0x0d ? 11 : 17;
    const sum = bytes.reduce((all, byte) => all + byte, 0) % 128;
    return bytes.length === length || (bytes.length === length + 1 && sum === 0);
  },
  keli: (bytes) => {
    const xor = bytes.subarray(1, 9).reduce((all, byte) => all ^ byte, 0);
    return bytes.length === 12 && Number.parseInt(latin1(bytes.subarray(9, 11)), 16) === xor;
  },
  cas: (bytes) => isLine(bytes) || (bytes.length === 22 && /\r\n$/.test(latin1(bytes))),
};

/** The properties of one language's framer; its checksum, where it has one, is found out by itself. */
export function scaleFramerProperties(name: string): void {
  const protocol = scaleProtocols.find((known) => known.name === name);
  if (protocol === undefined) throw new Error(`no language ${name}`);
  framerProperties(
    name,
    () => protocol.createFramer({ checksum: "auto" }),
    framesOf(protocol),
    checks[name] ?? isLine,
    { heldBytesMax: lineBytesMax },
  );
}
