import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { z } from "zod";
import type { ScaleMessage, ScaleProtocol, ScaleReading } from "./protocol.ts";
import { scaleDecoders, scaleProtocols } from "./protocols.ts";

const vectors = z
  .object({
    good: z.array(
      z.object({ protocol: z.string(), hex: z.string(), decoded: z.record(z.string(), z.json()) }),
    ),
    refused: z.array(
      z.object({ protocol: z.string(), hex: z.string(), reason: z.string().optional() }),
    ),
  })
  .parse(
    JSON.parse(
      readFileSync(join(import.meta.dirname, "../../tests/fixtures/protocols/scales.json"), "utf8"),
    ),
  );

const options = { checksum: "auto" } as const;

function decode(name: string, bytes: Uint8Array) {
  const decoder = scaleDecoders.find((known) => known.name === name);
  if (decoder === undefined) throw new Error(`no decoder ${name}`);
  return decoder.decode(bytes);
}

function language(name: string): ScaleProtocol {
  const found = scaleProtocols.find((known) => known.name === name);
  if (found === undefined) throw new Error(`no language ${name}`);
  return found;
}

function heardBy(protocol: ScaleProtocol, bytes: Uint8Array): readonly ScaleMessage[] {
  const framer = protocol.createFramer(options);
  return [...framer.push(bytes), ...framer.idle()].flatMap((found) =>
    found.ok ? [protocol.parse(found.bytes, options)] : [],
  );
}

const text = (line: string) => Buffer.from(line, "latin1");

test.each(vectors.good)("$protocol: $hex means $decoded", ({ protocol, hex, decoded }) => {
  const found = decode(protocol, Buffer.from(hex, "hex"));
  expect(found).toHaveLength(1);
  expect(found[0]).toMatchObject(decoded);
});

test.each(vectors.refused)("$protocol: $hex is refused", ({ protocol, hex, reason }) => {
  const found = decode(protocol, Buffer.from(hex, "hex"));
  expect(found.length).toBeGreaterThan(0);
  expect(found.map(({ ok }) => ok)).not.toContain(true);
  if (reason !== undefined) expect(found[0]).toMatchObject({ reason });
});

test("every language has frames that are taken and frames that are refused", () => {
  const names = scaleProtocols.map(({ name }) => name);
  expect([...new Set(vectors.good.map(({ protocol }) => protocol))].sort()).toEqual(names.sort());
  const refused = new Set(vectors.refused.map(({ protocol }) => protocol));
  // The grammar of KCP is that of MT-SICS.
  expect(names.filter((name) => !refused.has(name))).toEqual(["kern-kcp"]);
});

test("no two languages answer to one word", () => {
  const words = scaleProtocols.flatMap(({ name, aliases }) => [name, ...aliases]);
  const bare = words.map((word) => word.toLowerCase().replaceAll(/[^a-z0-9&]/g, ""));
  const twice = bare.filter((word, at) => bare.indexOf(word) !== at);
  expect([...new Set(twice)].filter((word) => owners(word).size > 1)).toEqual([]);

  function owners(word: string) {
    const isIt = (other: string) => other.toLowerCase().replaceAll(/[^a-z0-9&]/g, "") === word;
    return new Set(
      scaleProtocols
        .filter(({ name, aliases }) => [name, ...aliases].some(isIt))
        .map(({ name }) => name),
    );
  }
});

test("a weighing of one language is never a weight in one that it does not share lines with", () => {
  const kin = [
    ["mt-sics", "kern-kcp"],
    ["t-scale", "and", "cas"],
    // A Ranger RC line and one of SBI differ in nothing when the weight is negative, and say the same.
    ["sartorius", "ohaus"],
  ];
  const wrong = vectors.good.flatMap(({ protocol, hex, decoded }) => {
    if (typeof decoded["weight"] !== "number") return [];
    const strangers = scaleProtocols.filter(
      ({ name }) =>
        name !== protocol && !kin.some((all) => all.includes(name) && all.includes(protocol)),
    );
    return strangers
      .filter((stranger) =>
        heardBy(stranger, Buffer.from(hex, "hex")).some(
          (message) => message.kind === "reading" && message.weight !== undefined,
        ),
      )
      .map(({ name }) => `${name} takes ${hex} of ${protocol}`);
  });
  expect(wrong).toEqual([]);
});

test("any bytes at all are heard without an error", () => {
  fc.assert(
    fc.property(fc.constantFrom(...scaleProtocols), fc.uint8Array({ max: 200 }), (it, bytes) => {
      heardBy(it, bytes);
      it.parse(bytes, options);
      it.hear(bytes);
      it.commandOf?.(bytes);
    }),
  );
});

test("only a weighing that is ok or unstable brings a weight", () => {
  const lines = vectors.good.map(({ hex }) => Buffer.from(hex, "hex"));
  const bent = fc.tuple(fc.constantFrom(...lines), fc.nat(40), fc.integer({ min: 32, max: 126 }));
  fc.assert(
    fc.property(fc.constantFrom(...scaleProtocols), bent, (protocol, [line, at, byte]) => {
      const bytes = Uint8Array.from(line).with(at % line.length, byte);
      for (const message of heardBy(protocol, bytes))
        if (message.kind === "reading" && message.weight !== undefined) {
          expect(["ok", "unstable"]).toContain(message.status);
          expect(Number.isFinite(message.weight)).toBe(true);
        }
    }),
    { numRuns: 2_000 },
  );
});

/** What each language can say of a weighing. */
const says: Readonly<Record<string, readonly (keyof ScaleReading)[]>> = {
  "mt-sics": ["unit", "stable"],
  "kern-kcp": ["unit", "stable"],
  toledo: ["unit", "stable", "net", "tare"],
  and: ["unit", "stable"],
  sartorius: ["unit", "stable", "net"],
  cas: ["unit", "stable", "net"],
  ohaus: ["unit", "stable", "net"],
  "t-scale": ["unit", "stable", "net"],
  radwag: ["unit", "stable"],
  keli: [],
};

const weighings = fc
  .record({
    units: fc.integer({ min: -99_999, max: 99_999 }),
    decimals: fc.integer({ min: 0, max: 3 }),
    unit: fc.constantFrom("kg", "g", "lb"),
    stable: fc.boolean(),
    net: fc.boolean(),
    tare: fc.integer({ min: 0, max: 9_999 }),
  })
  .map(({ units, decimals, tare, ...rest }): ScaleReading => {
    const scale = (value: number) => Number(`${value}e-${decimals}`) + 0;
    const status = rest.stable ? "ok" : "unstable";
    return { kind: "reading", status, weight: scale(units), tare: scale(tare), ...rest };
  });

test.each(scaleProtocols)("$name: what it says is heard, as far as it can be said", (protocol) => {
  fc.assert(
    fc.property(weighings, (sent) => {
      const isWhole = protocol.name === "keli";
      const [heard, ...more] = heardBy(
        protocol,
        protocol.encode(
          isWhole ? { ...sent, unit: "kg", weight: Math.round(sent.weight ?? 0) } : sent,
        ),
      );
      expect(more).toEqual([]);
      const weight = isWhole ? Math.round(sent.weight ?? 0) + 0 : sent.weight;
      expect(heard).toMatchObject({ kind: "reading", weight });
      for (const part of says[protocol.name] ?? []) {
        // A blank unit is how SBI says unstable.
        if (protocol.name === "sartorius" && part === "unit" && sent.stable === false) continue;
        expect(heard).toHaveProperty(part, sent[part]);
      }
    }),
  );
});

test.each(scaleProtocols.filter(({ name }) => name !== "keli"))(
  "$name: overload and underload come through, and a weight too long for its columns is an overload",
  (protocol) => {
    for (const status of ["overload", "underload"] as const)
      expect(
        heardBy(protocol, protocol.encode({ kind: "reading", status, unit: "kg" })),
      ).toMatchObject([{ kind: "reading", status }]);
    const far = { kind: "reading", status: "ok", weight: 123_456_789_012, unit: "kg" } as const;
    const [heard] = heardBy(protocol, protocol.encode(far));
    expect(heard).toMatchObject({ kind: "reading", status: "overload" });
    expect(heard).not.toHaveProperty("weight");
  },
);

test.each(scaleProtocols)(
  "$name: a scale understands every command, and says what it is",
  (protocol) => {
    const all = ["poll", "stable", "stream", "stop", "zero", "tare", "clear-tare"] as const;
    for (const command of all) {
      const bytes = protocol.command(command);
      if (bytes === undefined) continue;
      const heard = protocol.hear(bytes);
      expect(heard?.length).toBe(bytes.length);
      // MT-SICS ends a stream by asking once.
      const means = command === "stop" && heard?.command === "poll" ? "poll" : command;
      expect(heard?.command).toBe(means);
      expect(protocol.hear(Uint8Array.from([0x0d, 0x0a, ...bytes]))?.length).toBe(bytes.length + 2);
    }
  },
);

test.each(scaleProtocols)(
  "$name: an answer says whether zero, tare and clear-tare were done",
  (protocol) => {
    for (const command of ["zero", "tare", "clear-tare"] as const)
      for (const ok of [true, false]) {
        const bytes = protocol.answer(command, ok);
        if (bytes === undefined) continue;
        const last = heardBy(protocol, bytes).at(-1);
        // Some languages refuse with the words for every trouble.
        if (last?.kind === "reading") expect([ok, last.weight]).toEqual([false, undefined]);
        else expect(last).toMatchObject({ kind: "reply", ok });
      }
  },
);

const prefixed = ["mt-sics", "and", "cas", "t-scale", "radwag", "sartorius"];

test.each(prefixed)(
  "%s: rubbish before a weighing, printable or not, does not cost the weighing",
  (name) => {
    const protocol = language(name);
    const sent: ScaleReading = {
      kind: "reading",
      status: "ok",
      weight: -12.5,
      unit: "kg",
      stable: true,
    };
    const frame = protocol.encode(sent);
    fc.assert(
      fc.property(fc.uint8Array({ max: 20 }), (noise) => {
        const heard = heardBy(protocol, Buffer.concat([noise, frame]));
        expect(heard.at(-1)).toMatchObject({ kind: "reading", weight: -12.5 });
      }),
    );
  },
);

test("the tail of a weighing whose beginning was lost is no weighing", () => {
  for (const protocol of scaleProtocols) {
    const sent: ScaleReading = {
      kind: "reading",
      status: "ok",
      ...{ weight: protocol.name === "keli" ? 1_234_567 : 1_234.567, unit: "kg", stable: true },
    };
    const frame = protocol.encode(sent);
    for (let lost = 1; lost < frame.length; lost += 1)
      for (const message of heardBy(protocol, frame.subarray(lost)))
        if (message.kind === "reading" && message.weight !== undefined)
          expect([protocol.name, message.weight]).toEqual([protocol.name, sent.weight]);
  }
});

test("Toledo: with checksum on a frame without one is refused, with off its bytes are not looked at", () => {
  const toledo = language("toledo");
  const frame = Buffer.from("022C30202020333836322020203030300D", "hex");
  const heard = (checksum: "on" | "off", sum: readonly number[]) =>
    toledo
      .createFramer({ checksum })
      .push(Buffer.concat([frame, Buffer.from(sum), frame, Buffer.from(sum)]))
      .filter(({ ok }) => ok).length;
  expect(heard("on", [0x72])).toBe(2);
  expect(heard("on", [0x71])).toBe(0);
  expect(heard("on", [])).toBe(0);
  expect(heard("off", [])).toBe(2);
  expect(heard("off", [0x71])).toBe(2);
});

test("Toledo: without a checksum the last frame is whole when the line is silent, or when the next begins", () => {
  const framer = language("toledo").createFramer(options);
  const frame = Buffer.from("022C30202020333836322020203030300D", "hex");
  expect(framer.push(frame)).toEqual([]);
  expect(framer.push(frame.subarray(0, 1))).toMatchObject([{ ok: true }]);
  expect(framer.push(frame.subarray(1))).toEqual([]);
  expect(framer.idle()).toMatchObject([{ ok: true }]);
  expect(framer.idle()).toEqual([]);
});

test("Toledo: a checksum of 02 is told from the STX of the next frame", () => {
  const bare = Buffer.from("022C30202020202020372020203030300D", "hex");
  const first = [...Array(10_000).keys()].map((digits) => {
    bare.write(String(digits).padStart(6), 4, "latin1");
    return Buffer.from(bare);
  });
  const frame = first.find((it) => it.reduce((sum, byte) => sum + byte, 0) % 128 === 126);
  if (frame === undefined) throw new Error("no such frame");
  const lengths = (bytes: Uint8Array) => {
    const framer = language("toledo").createFramer(options);
    return [...framer.push(bytes), ...framer.idle()].map((it) => (it.ok ? it.bytes.length : -1));
  };
  expect(lengths(Buffer.concat([frame, frame]))).toEqual([17, 17]);
  expect(lengths(Buffer.concat([frame, Buffer.of(2), frame, Buffer.of(2)]))).toEqual([18, 18]);
  expect(lengths(Buffer.concat([frame, Buffer.of(2)]))).toEqual([18]);
});

test("A&D: zero and tare of a scale without acknowledge codes are confirmed by their echo", () => {
  const and = language("and");
  expect(heardBy(and, text("Z\r\nT\r\nCT\r\nI\r\n"))).toEqual([
    { kind: "reply", command: "zero", ok: true },
    { kind: "reply", command: "tare", ok: true },
    { kind: "reply", command: "clear-tare", ok: true },
    { kind: "reply", command: "other", ok: false, reason: "not possible now" },
  ]);
});
