import { expect, test } from "vitest";
import { hearingOf, identifyScale } from "./identify.ts";
import type { ScaleReading } from "./protocol.ts";
import { scaleProtocols } from "./protocols.ts";

const weighing: ScaleReading = {
  kind: "reading",
  status: "ok",
  ...{ weight: 12, unit: "kg", stable: true, net: true },
};

test.each(scaleProtocols)(
  "$name: its stream is explained best by itself, or by its kin",
  (protocol) => {
    const frame = protocol.encode(weighing);
    const heard = Buffer.concat([frame.subarray(3), ...Array.from({ length: 20 }, () => frame)]);
    const found = identifyScale(heard);
    const best = found.filter(({ share }) => share === found[0]?.share).map((it) => it.protocol);
    expect(best).toContain(protocol.name);
    expect(found.find((it) => it.protocol === protocol.name)?.frames).toBeGreaterThanOrEqual(20);
    expect(found[0]?.share).toBeGreaterThan(0.9);
    expect(hearingOf(heard)).toBe("scale");
  },
);

test("nothing, noise and lines of an unknown language are told apart", () => {
  expect(hearingOf(new Uint8Array(0))).toBe("nothing");
  const noise = Uint8Array.from({ length: 500 }, (_, at) => 0x80 | ((at * 37) & 0x7f));
  expect(hearingOf(noise)).toBe("noise");
  expect(hearingOf(Buffer.from("$GPGGA,123519,4807.038,N\r\n".repeat(5)))).toBe("other");
  expect(identifyScale(noise)).toEqual([]);
});
