import fc from "fast-check";
import { expect, test } from "vitest";
import { PacketFilter } from "./packet-filter.ts";

const limit = 200;

function publish(topic: string, payloadBytes: number, qos = 0, packetId = 7): Buffer {
  const name = Buffer.from(topic);
  const id = qos > 0 ? [packetId >> 8, packetId & 0xff] : [];
  const body = Buffer.concat([
    Buffer.from([name.length >> 8, name.length & 0xff]),
    name,
    Buffer.from(id),
    Buffer.alloc(payloadBytes, 0x2e),
  ]);
  return Buffer.concat([Buffer.from([0x30 | (qos << 1), ...length(body.length)]), body]);
}

function length(bytes: number): readonly number[] {
  return bytes < 128 ? [bytes] : [(bytes % 128) | 0x80, ...length(Math.floor(bytes / 128))];
}

function run(stream: Buffer, cuts: readonly number[]) {
  const filter = new PacketFilter(limit);
  const chunks: Buffer[] = [];
  let at = 0;
  for (const size of cuts) {
    chunks.push(stream.subarray(at, at + size));
    at += size;
  }
  chunks.push(stream.subarray(at));
  const steps = chunks.flatMap((chunk) => filter.push(chunk));
  const passed = Buffer.concat(steps.flatMap((it) => (it.is === "pass" ? [it.bytes] : [])));
  return {
    passed,
    dropped: steps.flatMap((it) => (it.is === "oversized" ? [it.message] : [])),
    steps,
  };
}

const packet = fc.record({
  topic: fc.string({ minLength: 1, maxLength: 20 }),
  payloadBytes: fc.oneof(fc.nat({ max: 150 }), fc.integer({ min: 201, max: 70_000 })),
  qos: fc.constantFrom(0, 1),
  packetId: fc.integer({ min: 1, max: 65_535 }),
});

test("however the stream is cut, short packets pass untouched and each long message is named once", () => {
  fc.assert(
    fc.property(
      fc.array(packet, { minLength: 1, maxLength: 6 }),
      fc.array(fc.integer({ min: 1, max: 90 }), { maxLength: 60 }),
      (packets, cuts) => {
        const frames = packets.map((it) => ({
          ...it,
          bytes: publish(it.topic, it.payloadBytes, it.qos, it.packetId),
        }));
        const { passed, dropped } = run(Buffer.concat(frames.map(({ bytes }) => bytes)), cuts);
        const isLong = ({ payloadBytes }: { payloadBytes: number }) => payloadBytes > 200;
        const short = frames.filter((it) => !isLong(it)).map(({ bytes }) => bytes);
        expect(passed.equals(Buffer.concat(short))).toBe(true);
        expect(dropped.map(({ topic, packetId }) => ({ topic, packetId }))).toEqual(
          frames.filter(isLong).map(({ topic, qos, packetId }) => ({
            topic,
            packetId: qos === 0 ? undefined : packetId,
          })),
        );
      },
    ),
    { numRuns: 300 },
  );
});

test("a packet of exactly the limit passes, one byte more does not", () => {
  const overhead = 2 + "t".length;
  expect(run(publish("t", limit - overhead), []).dropped).toEqual([]);
  expect(run(publish("t", limit - overhead + 1), []).dropped).toMatchObject([{ bytes: limit + 1 }]);
});

test("a length of five bytes, and a long packet that is no message, end the stream", () => {
  expect(run(Buffer.from([0x30, 0x80, 0x80, 0x80, 0x80, 0x01]), []).steps).toEqual([
    { is: "broken", reason: "malformed length" },
  ]);
  expect(run(Buffer.from([0x90, 0xff, 0x7f]), [1]).steps).toEqual([
    { is: "broken", reason: "packet type 9 of 16383 bytes" },
  ]);
});

test("random bytes neither throw nor make the filter keep anything", () => {
  const filter = new PacketFilter(limit);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => {
      filter.push(bytes);
    }),
  );
});
