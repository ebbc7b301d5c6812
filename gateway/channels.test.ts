import { expect, test } from "vitest";
import type { ChannelConfig } from "../config/schema/config.ts";
import type { Driver, Sample, Session } from "../drivers/contract.ts";
import { ManualClock, memoryLog } from "../tests/support/manual-clock.ts";
import { channelMove, channelPlan } from "./channel-plan.ts";
import { Channels, channelCloseMsMax } from "./channels.ts";
import { HealthBook } from "./health/health-book.ts";
import { aborted } from "./runtime/stop.ts";

/** A driver that says what becomes of its channels, and samples when a test asks it to. */
function setUp(channels: Readonly<Record<string, ChannelConfig>>) {
  const clock = new ManualClock();
  const { log } = memoryLog();
  const said: string[] = [];
  const delivered: number[] = [];
  const it = { closeMs: 0, say: new Map<string, (value: number) => void>() };
  const driver: Driver<ChannelConfig> = {
    name: "scripted",
    schema: {} as Driver<ChannelConfig>["schema"],
    claims: () => [],
    describe: ({ devices }) =>
      Object.keys(devices).map((device) => ({
        ...{ key: `${device}/lamp`, kind: "boolean", access: "read-write" },
      })),
    open: (channel, _, signal) => {
      const [device = ""] = Object.keys(channel.devices);
      const name = `${device} ${String(channel["port"])}`;
      said.push(`open ${name}`);
      let next = Promise.withResolvers<number>();
      it.say.set(name, (value) => next.resolve(value));
      const session: Session = {
        async *samples(): AsyncIterable<readonly Sample[]> {
          for (;;) {
            const value = await Promise.race([next.promise, aborted(signal)]);
            if (value === undefined) return;
            next = Promise.withResolvers();
            yield [{ point: `${device}/lamp`, sampledAt: 0, quality: "good", value }];
          }
        },
        write: (point, value) => Promise.resolve(void said.push(`${point} ${String(value)}`)),
        [Symbol.asyncDispose]: async () => {
          await clock.sleep(it.closeMs);
          said.push(`close ${name}`);
        },
      };
      return Promise.resolve(session);
    },
  };
  const planFor = (some: typeof channels) => channelPlan({ channels: some }, [driver]);
  const health = new HealthBook([], clock, log);
  const running = new Channels({
    ...{ plan: planFor(channels), clock, log, health, dataDir: "" },
    deliver: (samples) =>
      delivered.push(...samples.map((sample) => ("value" in sample ? Number(sample.value) : -1))),
    opened: () => undefined,
  });
  const stop = new AbortController();
  const ended = running.run(stop.signal);
  const move = (after: typeof channels, staying: readonly `${string}/${string}`[] = []) => {
    const next = planFor(after);
    const outputs = [...running.plan.values()].flatMap(({ points }) =>
      points.map(({ key }) => key),
    );
    return running.move(next, channelMove(running.plan, next, outputs, new Set(staying)));
  };
  const end = async () => {
    stop.abort();
    await clock.advance(channelCloseMsMax);
    await ended;
  };
  return { clock, said, delivered, it, running, move, end };
}

const channel = (device: string, port: string): ChannelConfig => ({
  ...{ driver: "scripted", port, devices: { [device]: {} } },
});

test("a port that goes from one channel to another is closed, its outputs off, before it is opened again", async () => {
  const { clock, said, it, move, end } = setUp({
    a: channel("x", "tty1"),
    b: channel("y", "tty2"),
  });
  it.closeMs = 300;
  await clock.advance(1);
  const moved = move({ c: channel("z", "tty1"), b: channel("y", "tty2") }, ["y/lamp"]);
  await clock.advance(299);
  expect(said).toEqual(["open x tty1", "open y tty2", "x/lamp false"]);
  await clock.advance(2);
  await moved;
  expect(said.slice(3)).toEqual(["close x tty1", "open z tty1"]);
  await end();
});

test("what a channel says while it closes is nobody's, what the others say is delivered", async () => {
  const { clock, delivered, it, move, end } = setUp({ a: channel("x", "1"), b: channel("y", "2") });
  it.closeMs = 300;
  await clock.advance(1);
  const moved = move({ b: channel("y", "2") }, ["y/lamp"]);
  it.say.get("x 1")?.(7);
  it.say.get("y 2")?.(8);
  await clock.advance(1);
  expect(delivered).toEqual([8]);
  await clock.advance(300);
  await moved;
  await end();
});

test("a channel that does not close holds up the others for so long and no longer", async () => {
  const { clock, said, it, move, end } = setUp({ a: channel("x", "1") });
  await clock.advance(1);
  it.closeMs = 10 * channelCloseMsMax;
  const moved = move({ a: channel("x", "2") }, ["x/lamp"]);
  await clock.advance(channelCloseMsMax - 1);
  expect(said).not.toContain("open x 2");
  await clock.advance(2);
  await moved;
  expect(said).toContain("open x 2");
  it.closeMs = 0;
  await clock.advance(10 * channelCloseMsMax);
  await end();
});

test("writes go to the new channel at once, and say so while it is not open", async () => {
  const { clock, it, running, move, end } = setUp({ a: channel("x", "1") });
  it.closeMs = 300;
  await clock.advance(1);
  const moved = move({ b: channel("x", "2") }, ["x/lamp"]);
  await expect(running.write("x/lamp", true)).rejects.toMatchObject({ code: "driver/unavailable" });
  await clock.advance(301);
  await moved;
  await clock.advance(1);
  await running.write("x/lamp", true);
  await end();
});

test("a channel is closed and opened again when somebody asks, and only one that there is", async () => {
  const { clock, said, running, end } = setUp({ a: channel("x", "1"), b: channel("y", "2") });
  await clock.advance(1);
  const again = running.restart("a");
  await clock.advance(1);
  expect(await again).toBe(true);
  expect(said.slice(2)).toEqual(["close x 1", "open x 1"]);
  expect(await running.restart("z")).toBe(false);
  await end();
});
