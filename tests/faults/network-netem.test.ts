import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, type TestContext, test } from "vitest";
import { installed, needPrograms } from "../support/need-program.ts";
import { needRoot } from "../support/need-root.ts";
import { NetworkSite, type Process, type Site } from "../support/network/network-site.ts";
import { needPostgres, postgresPrograms } from "../support/postgres.ts";
import { BadLines, type Faults } from "../support/uml/bad-lines.ts";

const needed = ["linux.uml", "ip", "tc", "busybox"] as const;

/** As shipped: what is slow here is slow there. */
const deadlineMs = 30_000;

/** With a whole catch-up over a bad line. */
const patienceMs = 150_000;

let site: NetworkSite;
let lines: BadLines;
let central: Awaited<ReturnType<NetworkSite["central"]>>;

beforeAll(async () => {
  if (postgresPrograms() === undefined || process.getuid?.() !== 0) return;
  if (!needed.every(installed)) return;
  [site, lines] = await Promise.all([NetworkSite.begin(), BadLines.open(4)]);
  central = await site.central(undefined, "0.0.0.0:0");
}, 120_000);

afterAll(async () => {
  await site?.[Symbol.asyncDispose]();
  await lines?.[Symbol.asyncDispose]();
}, 120_000);

interface Line {
  readonly gateway: Site;
  readonly agent: Process;
  /** Bytes of packets that the gateway's side has put on the line so far. */
  sentBytes(): number;
}

/** A gateway at the far end of a line that became bad after its first rows had arrived. */
async function line(
  context: TestContext,
  of: number,
  name: string,
  faults: Faults,
  deadline = deadlineMs,
): Promise<Line> {
  needPostgres(context.skip);
  needRoot(context);
  needPrograms(context, ...needed);
  const space = lines.spaces[of];
  if (space === undefined) throw new Error("no such line");
  const gateway = await site.site(name);
  gateway.write(40);
  const address = central.address.replace("127.0.0.1", space.near);
  const agent = site.keep(
    gateway.agent({ central: address, speed: 1, deadlineMs: deadline, before: space.inside }),
  );
  await site.exactlyOnce(gateway);
  await lines.become(of, faults);
  return { gateway, agent, sentBytes: () => space.sentBytes() };
}

const problems = ({ agent }: Line) =>
  agent.lines.filter(({ event }) => event === "sync problem").length;

/** Packets in all, and what was said of failures: a few of each, or rows go again and again. */
function sparing(at: Line, bytesMax: number): void {
  expect(at.sentBytes()).toBeLessThan(bytesMax);
  expect(problems(at)).toBeLessThanOrEqual(2);
}

test.concurrent("packets late by 100 to 500 ms, in another order, one of twenty lost: every row once", async (context) => {
  const at = await line(context, 0, "jittery", "delay 150ms 100ms loss 5% reorder 25%");
  at.gateway.write(5_000, 2, 4);
  for (let turn = 0; turn < 10; turn += 1) {
    at.gateway.write(100, 2);
    await sleep(300);
  }
  await site.exactlyOnce(at.gateway, patienceMs);
  sparing(at, 100_000);
});

test.concurrent("an answer takes 1.5 s, by satellite, and one packet of a hundred is lost: every row once", async (context) => {
  const at = await line(context, 1, "satellite", "delay 750ms 20ms loss 1%");
  at.gateway.write(5_000, 2, 6);
  await site.exactlyOnce(at.gateway, patienceMs);
  sparing(at, 100_000);
});

test.concurrent("a line that comes and goes while packets come late and twice: every row once", async (context) => {
  const bad = "delay 60ms 40ms loss 2% duplicate 1%";
  const at = await line(context, 2, "flapping", bad);
  for (let cut = 0; cut < 8; cut += 1) {
    at.gateway.write(200, 2, 2);
    await lines.become(2, "loss 100%");
    await sleep(500);
    await lines.become(2, bad);
    await sleep(500);
  }
  await site.exactlyOnce(at.gateway, patienceMs);
  sparing(at, 200_000);
});

test.concurrent("a batch that the line does not carry within the deadline becomes smaller until it does: every row once", async (context) => {
  const at = await line(context, 3, "narrow", "delay 50ms rate 256kbit", 3_000);
  const { store } = at.gateway;
  const head = store.outbox.head("events");
  const noiseBytes = 400;
  const count = 1_000;
  store.commit({
    clock: { boot: "boot-1", offsetMs: 0, quality: "synchronized" },
    samples: [],
    events: Array.from({ length: count }, (_, row) => ({
      kind: "audit" as const,
      at: Date.now(),
      mono: row,
      body: { n: head + row + 1, noise: randomBytes(noiseBytes).toString("base64") },
    })),
    state: new Map(),
  });
  const before = at.sentBytes();
  await site.exactlyOnce(at.gateway, patienceMs);
  expect(at.sentBytes() - before).toBeLessThan(4 * count * noiseBytes);
});
