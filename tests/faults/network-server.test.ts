import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { backoffMsMax } from "../../cloud-sync/backoff.ts";
import { FaultyRoad, pass, type Way } from "../support/network/faulty-road.ts";
import { NetworkSite, type Process, type Site } from "../support/network/network-site.ts";
import { processFigures, resetPeak } from "../support/network/process-figures.ts";
import * as ways from "../support/network/ways.ts";
import { needPostgres, postgresPrograms } from "../support/postgres.ts";

/** The agent's waits pass that much faster, so that a back-off of minutes is seen within seconds. */
const speed = 60;

/** Only what never answers is to meet it, also on a machine that is slow. */
const deadlineMs = 2_500;

/** A connection that dies, and one that takes its place; a timer, a lookup. */
const filesMore = 4;

/** Twice the longest back-off: what a person waits for at most once the fault is gone. */
const recoverMsMax = (2 * backoffMsMax) / speed;

const megabyte = 1_024 * 1_024;

let site: NetworkSite;
let gateway: Site;
let road: FaultyRoad;
let agent: Process;
let filesAtFirst = 0;

beforeAll(async () => {
  if (postgresPrograms() === undefined) return;
  site = await NetworkSite.begin();
  const { address } = await site.central();
  gateway = await site.site("gw-1");
  road = new FaultyRoad({ target: () => address });
  await road.open();
  gateway.write(50);
  agent = site.keep(gateway.agent({ central: road.address, speed, deadlineMs }));
  await site.exactlyOnce(gateway);
  filesAtFirst = processFigures(agent.pid).files;
}, 120_000);

afterAll(async () => {
  await agent?.kill("SIGKILL");
  await road?.[Symbol.asyncDispose]();
  await site?.[Symbol.asyncDispose]();
});

beforeEach(({ skip }) => needPostgres(skip));

const problems = () => agent.lines.filter(({ event }) => event === "sync problem");
const recoveries = () => agent.lines.filter(({ event }) => event === "central answers again");

interface Fault {
  readonly way: Way;
  /** What the agent calls it; undefined: it does not even notice. */
  readonly code?: string;
  /** Requests that meet the fault before it goes. */
  readonly times?: number;
  /** Least time between two requests while the fault lasts. */
  readonly apartMs?: number;
  /** What is done for the fault to go. */
  readonly mend?: () => Promise<void>;
}

/** What a server asks for in `Retry-After`, and what that is in the time of this test. */
const retryAfterMs = 60_000;
const waitedMs = retryAfterMs / speed;

const faults: Readonly<Record<string, Fault>> = {
  "a black hole": { way: ways.blackHole, code: "sync/unreachable", times: 2 },
  "a reset while the body is sent": { way: ways.resetOnUpload, code: "sync/unreachable" },
  "a reset after central committed": { way: ways.resetAfterCommit, code: "sync/unreachable" },
  "a reply that drips": { way: ways.drippingReply, code: "sync/unreachable", times: 2 },
  "a reply that is cut after central committed": {
    way: ways.shortReply,
    code: "sync/unreachable",
  },
  "each request comes to central twice": { way: ways.duplicated },
  "a request that comes after the next one": {
    way: ways.deliveredLate(),
    code: "sync/unreachable",
    times: 4,
  },
  "a proxy that keeps each request for a while": { way: ways.buffered, times: 2 },
  "replies of another lane": { way: ways.swappedReplies(), code: "sync/not-central", times: 4 },
  "replies of another gateway": { way: ways.foreignReply, code: "sync/not-central" },
  "a body that is damaged on the way": { way: ways.damaged, code: "sync/unreachable", times: 4 },
  "429 with Retry-After in seconds": {
    way: ways.says(429, "", { "retry-after": String(retryAfterMs / 1_000) }),
    code: "sync/busy",
    apartMs: waitedMs,
  },
  "503 with Retry-After as a date": {
    way: ways.saysRetryAt(503, retryAfterMs),
    code: "sync/busy",
    // A date knows whole seconds.
    apartMs: (retryAfterMs - 1_000) / speed,
  },
  "500 of a proxy": { way: ways.says(500, "oops"), code: "sync/server-error" },
  "502 of a proxy, as a page": {
    way: ways.says(502, "<html>Bad Gateway</html>", { "content-type": "text/html" }),
    code: "sync/server-error",
  },
  "the page of a captive portal": { way: ways.captivePortal, code: "sync/not-central" },
  "401 of something before central": {
    way: ways.says(401, "who are you?"),
    code: "sync/unauthorized",
    times: 1,
  },
  "a success that says nothing": { way: ways.says(204, ""), code: "sync/not-central" },
  "another protocol": { way: ways.otherProtocol, code: "sync/not-central" },
  "an answer that never ends": { way: ways.endlessReply, code: "sync/not-central" },
  "a bomb as an answer": { way: ways.bombReply, code: "sync/not-central" },
};

/** Rows are written, meet the fault, and are at central once when it is gone. */
async function through({ way, code, times = 3, apartMs = 0, mend }: Fault): Promise<void> {
  const before = { problems: problems().length, recoveries: recoveries().length };
  resetPeak(agent.pid);
  const peak = processFigures(agent.pid).peakBytes;
  road.turn(way);
  gateway.write(40, 2);
  await expect.poll(() => road.met, { timeout: 60_000 }).toBeGreaterThanOrEqual(times);
  if (code !== undefined) {
    await expect.poll(() => problems().length, { timeout: 30_000 }).toBe(before.problems + 1);
    expect(problems().at(-1)).toMatchObject({ code, todo: expect.any(String) });
  }
  gateway.write(40, 2);
  for (const [index, at] of road.metAt.entries()) {
    expect(at - (road.metAt[index - 1] ?? 0)).toBeGreaterThanOrEqual(apartMs);
  }
  await mend?.();
  road.turn(pass);
  const mended = performance.now();
  await site.exactlyOnce(gateway);
  expect(performance.now() - mended).toBeLessThan(recoverMsMax);
  if (code !== undefined) {
    await expect.poll(() => recoveries().length).toBe(before.recoveries + 1);
  }
  expect(problems().length, "said once").toBe(before.problems + (code === undefined ? 0 : 1));
  await expect
    .poll(() => processFigures(agent.pid).files, { timeout: 30_000 })
    .toBeLessThanOrEqual(filesAtFirst + filesMore);
  expect(processFigures(agent.pid).peakBytes - peak).toBeLessThan(64 * megabyte);
}

test.each(Object.keys(faults))(
  "%s: every row once, said once, and nothing is left open",
  async (name) => {
    const fault = faults[name];
    if (fault !== undefined) await through(fault);
  },
);

test("refused connections: every row once, said once, and nothing is left open", async () => {
  const shut: Way = () => road.shut();
  await through({ way: shut, code: "sync/unreachable", times: 1, mend: () => road.open() });
});

test("connections that are reset at once: every row once, said once, and nothing is left open", async () => {
  let reset = 0;
  const way: Way = ({ socket }) => {
    road.onConnection = (next) => {
      reset += 1;
      next.resetAndDestroy();
    };
    socket.resetAndDestroy();
  };
  const mend = async () => {
    await expect.poll(() => reset).toBeGreaterThan(2);
    road.onConnection = undefined;
  };
  await through({ way, code: "sync/unreachable", times: 1, mend });
});

test("a redirect is not followed, so that no token and no row goes elsewhere", async () => {
  await using elsewhere = new FaultyRoad({ target: () => "http://127.0.0.1:9" });
  await elsewhere.open();
  const way = ways.says(307, "", { location: `${elsewhere.address}/v1/gateways/gw-1/hello` });
  await through({ way, code: "sync/not-central" });
  expect(elsewhere.met).toBe(0);
});
