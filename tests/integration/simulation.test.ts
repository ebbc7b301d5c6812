import type { Duplex } from "node:stream";
import { expect, onTestFinished, test } from "vitest";
import { connect } from "../../drivers/connect.ts";
import { FramedWire } from "../../drivers/framing/framed-wire.ts";
import { createFramer, type Framed } from "../../drivers/framing/framer.ts";
import { listen, type Simulator } from "../../drivers/simulation/listen.ts";
import { systemClock } from "../../gateway/runtime/clock.ts";

const never = new AbortController().signal;
const patienceMs = 60_000;

/** STX, six digits, ETX. */
const good = Buffer.from("\u0002123456\u0003", "latin1");
const shape = {
  frameBytesMax: 8,
  mayStart: (byte: number) => byte === 2,
  look: (bytes: Uint8Array) => {
    if (bytes.length < 8) return { is: "more" } as const;
    if (bytes[7] === 3) return { is: "frame", length: 8 } as const;
    return { is: "noise", reason: "no end" } as const;
  },
};

/** Answers every byte with a frame. */
async function device(): Promise<Simulator & { readonly open: () => number }> {
  let open = 0;
  const simulator = await listen("tcp://127.0.0.1:0", {
    attach: (wire: Duplex) => {
      open += 1;
      wire.on("data", (chunk: Uint8Array) => {
        for (const _ of chunk) wire.write(good);
      });
      return {
        [Symbol.dispose]: () => {
          open -= 1;
        },
      };
    },
  });
  onTestFinished(() => simulator.stop());
  return { ...simulator, open: () => open };
}

async function dial(simulator: Simulator): Promise<FramedWire> {
  const connection = await connect(simulator.address, {}, never);
  const wire = new FramedWire(connection, createFramer(shape), systemClock, { idleMs: 20 });
  onTestFinished(async () => {
    await wire[Symbol.asyncDispose]();
    await connection.close();
  });
  return wire;
}

/** Pieces that come until there is nothing more to come, or until `enough`. */
async function ask(
  wire: FramedWire,
  times: number,
  enough: (pieces: readonly Framed[]) => boolean,
): Promise<readonly Framed[]> {
  await wire.write(new Uint8Array(times));
  const pieces: Framed[] = [];
  while (!enough(pieces)) {
    const batch = await wire.next(patienceMs, never);
    if (batch === undefined) throw new Error(`came: ${JSON.stringify(pieces)}`);
    pieces.push(...batch);
  }
  return pieces;
}

const frames = (pieces: readonly Framed[]) => pieces.filter(({ ok }) => ok);

test("a device on a free port answers several connections, and is told when one ends", async () => {
  const simulator = await device();
  expect(simulator.address).toMatch(/^tcp:\/\/127\.0\.0\.1:[1-9]\d*$/);
  const [one, two] = [await dial(simulator), await dial(simulator)];
  for (const wire of [one, two])
    expect(Buffer.from((await ask(wire, 1, (it) => it.length > 0))[0]?.bytes ?? [])).toEqual(good);
  expect(simulator.open()).toBe(2);
  simulator.cut("close");
  await expect.poll(() => simulator.open(), { timeout: patienceMs }).toBe(0);
});

for (const how of ["reset", "close"] as const)
  test(`a wire that is cut by ${how} is lost, and can be dialled again`, async () => {
    const simulator = await device();
    const wire = await dial(simulator);
    await ask(wire, 1, (it) => it.length > 0);
    const waiting = wire.next(patienceMs, never);
    simulator.cut(how);
    await expect(waiting).rejects.toMatchObject({ code: "driver/connection-lost" });
    await ask(await dial(simulator), 1, (it) => it.length > 0);
  });

test("silent: nothing comes, until it ends", async () => {
  const simulator = await device();
  const wire = await dial(simulator);
  simulator.setFaults({ silent: true });
  await wire.write(Uint8Array.of(1));
  expect(await wire.next(300, never)).toBeUndefined();
  simulator.setFaults({});
  expect(frames(await ask(wire, 1, (it) => it.length > 0))).toHaveLength(1);
});

test("garbage: comes before each frame, and loses none", async () => {
  const simulator = await device();
  const wire = await dial(simulator);
  simulator.setFaults({ garbage: true });
  await ask(wire, 20, (it) => frames(it).length >= 20);
  expect(wire.noiseBytes).toBeGreaterThanOrEqual(20);
});

test("half frames: none is whole", async () => {
  const simulator = await device();
  const wire = await dial(simulator);
  simulator.setFaults({ halfFrames: true });
  const bytes = (it: readonly Framed[]) => it.reduce((sum, piece) => sum + piece.bytes.length, 0);
  const pieces = await ask(wire, 3, (it) => bytes(it) >= 12);
  expect(frames(pieces)).toEqual([]);
});

test("corruptEvery: one bit is wrong in every third write, and only there", async () => {
  const simulator = await device();
  const wire = await dial(simulator);
  simulator.setFaults({ corruptEvery: 3 });
  const bytes = (it: readonly Framed[]) => it.reduce((sum, piece) => sum + piece.bytes.length, 0);
  const pieces = await ask(wire, 9, (it) => bytes(it) >= 72);
  const sent = Buffer.concat(pieces.map((piece) => piece.bytes));
  const wrong = Array.from(
    { length: 9 },
    (_, at) => !sent.subarray(8 * at, 8 * at + 8).equals(good),
  );
  expect(wrong).toEqual([false, false, true, false, false, true, false, false, true]);
});

test("delayMs: frames come late, all of them", async () => {
  const simulator = await device();
  const wire = await dial(simulator);
  simulator.setFaults({ delayMs: 200 });
  const startMs = performance.now();
  await ask(wire, 5, (it) => frames(it).length >= 5);
  expect(performance.now() - startMs).toBeGreaterThan(190);
});

test("babble: floods, memory stays bounded, and ends", async () => {
  const simulator = await device();
  const wire = await dial(simulator);
  simulator.setFaults({ babble: true });
  await expect.poll(() => wire.noiseBytes, { timeout: patienceMs }).toBeGreaterThan(20_000);
  simulator.setFaults({});
  await ask(wire, 1, (it) => frames(it).some((piece) => good.equals(piece.bytes)));
});

test("refuse: who connects is reset", async () => {
  const simulator = await device();
  simulator.setFaults({ refuse: true });
  const outcome = dial(simulator).then((wire) => wire.next(patienceMs, never));
  await expect(outcome).rejects.toMatchObject({
    code: expect.stringMatching(/^driver\/(connection-lost|connect-failed)$/),
  });
  simulator.setFaults({});
  await ask(await dial(simulator), 1, (it) => it.length > 0);
});

test("an address that is taken is said so", async () => {
  const simulator = await device();
  await expect(
    listen(simulator.address, { attach: () => ({ [Symbol.dispose]: () => undefined }) }),
  ).rejects.toMatchObject({ code: "driver/port-busy", where: simulator.address });
});

test("a tap sees every byte in both directions, and takes none from the reader", async () => {
  const simulator = await device();
  const seen: string[] = [];
  const connection = await connect(
    simulator.address,
    { tap: (direction, bytes) => seen.push(`${direction} ${Buffer.from(bytes).toString("hex")}`) },
    never,
  );
  onTestFinished(() => connection.close());
  connection.stream.write(Uint8Array.of(7));
  connection.stream.write("8");
  // The answers are there before anybody reads; a tap that started the flow would lose them.
  await systemClock.sleep(100);
  await using wire = new FramedWire(connection, createFramer(shape), systemClock, { idleMs: 20 });
  const pieces: Framed[] = [];
  while (pieces.length < 2) pieces.push(...((await wire.next(patienceMs, never)) ?? []));
  expect(frames(pieces)).toHaveLength(2);
  expect(seen.filter((line) => line.startsWith("out"))).toEqual(["out 07", "out 38"]);
  const came = seen.filter((line) => line.startsWith("in")).map((line) => line.slice(3));
  expect(came.join("")).toBe(good.toString("hex").repeat(2));
});
