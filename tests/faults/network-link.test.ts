import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, type TestContext, test } from "vitest";
import { needPrograms } from "../support/need-program.ts";
import { needRoot } from "../support/need-root.ts";
import { Namespace } from "../support/network/namespace.ts";
import { NetworkSite, type Process, type Site } from "../support/network/network-site.ts";
import { processFigures } from "../support/network/process-figures.ts";
import { needPostgres, postgresPrograms } from "../support/postgres.ts";
import { eventually } from "../support/spine.ts";

/** The network's own waits (retransmissions double from 0.2 s) are real; those of the agent need not be. */
const speed = 20;
const deadlineMs = 5_000;

const canStage = () => postgresPrograms() !== undefined && process.getuid?.() === 0;

function need(context: TestContext): void {
  needPostgres(context.skip);
  needRoot(context);
  needPrograms(context, "ip", "tc", "nft");
}

let site: NetworkSite;
let central: Awaited<ReturnType<NetworkSite["central"]>>;

beforeAll(async () => {
  if (!canStage()) return;
  site = await NetworkSite.begin();
  central = await site.central(undefined, "0.0.0.0:0");
}, 120_000);

afterAll(async () => {
  await site?.[Symbol.asyncDispose]();
});

interface Line extends AsyncDisposable {
  readonly space: Namespace;
  readonly gateway: Site;
  readonly agent: Process;
  readonly address: string;
  problems(): number;
}

/** A gateway at the far end of a cable of its own, whose first rows have arrived. */
async function line(id: string): Promise<Line> {
  await using made = new AsyncDisposableStack();
  const space = made.use(new Namespace());
  const gateway = await site.site(id);
  gateway.write(40);
  const address = central.address.replace("127.0.0.1", space.near);
  const agent = gateway.agent({ central: address, speed, deadlineMs, before: space.inside });
  made.defer(() => agent.kill("SIGKILL"));
  await site.exactlyOnce(gateway);
  const kept = made.move();
  return {
    ...{ space, gateway, agent, address },
    problems: () => agent.lines.filter(({ event }) => event === "sync problem").length,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** Sockets and files are what they were when all was well. */
async function flat({ agent }: Line, files: number): Promise<void> {
  await eventually(
    () => processFigures(agent.pid).files,
    (now) => now <= files + 4,
    30_000,
  );
}

test.concurrent("three of ten packets lost, both ways: every row once", async (context) => {
  need(context);
  await using at = await line("lossy");
  const { files } = processFigures(at.agent.pid);
  const lose = "numgen random mod 100 < 30 drop";
  at.space.filter({ input: lose, output: lose });
  for (let turn = 0; turn < 5; turn += 1) {
    at.gateway.write(100, 2);
    await sleep(500);
  }
  await site.exactlyOnce(at.gateway);
  at.space.filter({});
  at.gateway.write(100, 2);
  await site.exactlyOnce(at.gateway);
  await flat(at, files);
});

test.concurrent("64 kbit/s: a backlog comes through in batches that the line carries within the deadline", async (context) => {
  need(context);
  await using at = await line("narrow");
  at.space.narrow("64kbit");
  at.gateway.write(200, 2, 40);
  await site.exactlyOnce(at.gateway);
});

test.concurrent("connections that stand but carry nothing are given up, and the agent goes on when they do again", async (context) => {
  need(context);
  await using at = await line("half-open");
  const { files } = processFigures(at.agent.pid);
  at.space.filter({ output: "ct state established meta length > 60 drop" });
  at.gateway.write(100, 2);
  await eventually(at.problems, (count) => count === 1, 60_000);
  at.gateway.write(100, 2);
  await sleep(2 * deadlineMs);
  await flat(at, files);
  expect(at.problems(), "said once").toBe(1);
  at.space.filter({});
  await site.exactlyOnce(at.gateway);
});

test.concurrent("nobody there: packets are dropped without an answer, then come through again", async (context) => {
  need(context);
  await using at = await line("dropped");
  const { files } = processFigures(at.agent.pid);
  at.space.filter({ output: "tcp dport 1-65535 drop" });
  at.gateway.write(100, 2);
  await eventually(at.problems, (count) => count === 1, 60_000);
  await sleep(deadlineMs);
  await flat(at, files);
  at.space.filter({});
  await site.exactlyOnce(at.gateway);
});

test.concurrent("twelve cuts of 0.4 s while rows are written: every row once", async (context) => {
  need(context);
  await using at = await line("flapping");
  const { files } = processFigures(at.agent.pid);
  for (let cut = 0; cut < 12; cut += 1) {
    at.gateway.write(200, 2, 5);
    at.space.link("down");
    await sleep(400);
    at.gateway.write(200, 2, 5);
    at.space.link("up");
    await sleep(300);
  }
  await site.exactlyOnce(at.gateway);
  await flat(at, files);
});

test.concurrent("each packet twice: every row once", async (context) => {
  need(context);
  await using at = await line("twice");
  at.space.double(at.space.near);
  at.gateway.write(500, 2, 20);
  await site.exactlyOnce(at.gateway);
  expect(at.problems()).toBe(0);
});
