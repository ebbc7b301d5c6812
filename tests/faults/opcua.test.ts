import { afterAll, expect, test } from "vitest";
import type { Sample } from "../../drivers/contract.ts";
import { opcua } from "../../drivers/opcua/driver.ts";
import { simulatorNamespace } from "../../drivers/opcua/simulator.ts";
import { Supervisor } from "../../gateway/acquisition/supervisor.ts";
import { HealthBook } from "../../gateway/health/health-book.ts";
import { systemClock as clock } from "../../gateway/runtime/clock.ts";
import { opcuaFolder, startServer } from "../integration/opcua-rig.ts";
import { memoryLog } from "../support/manual-clock.ts";
import type { OpcUaServerProcess } from "../support/opcua-server.ts";

const folder = await opcuaFolder();
afterAll(() => folder.remove());

const patient = { timeout: 90_000, interval: 100 };

const variables = [
  { name: "Level", type: "Double", value: 4.5 },
  { name: "Door", type: "Boolean", value: true },
];

/** A channel with its supervisor, as in the gateway; the last sample of each point. */
function supervise(server: OpcUaServerProcess) {
  const { log } = memoryLog();
  const health = new HealthBook(["channel-plc"], clock, log);
  const settings = opcua.schema.parse({
    driver: "opcua",
    endpoint: server.endpoint,
    security: { mode: "none" },
    namespaces: { sim: simulatorNamespace },
    publishing: "250ms",
    devices: {
      plc: {
        points: {
          level: { node: "ns=sim;s=Level" },
          door: { node: "/Objects/sim:Plant/sim:Door", kind: "boolean", mode: "poll" },
        },
      },
    },
  });
  const last = new Map<string, Sample>();
  const supervisor = new Supervisor(
    { id: "plc", settings, driver: opcua, points: opcua.describe(settings) },
    {
      context: { clock, log, dataDir: folder.dataDir },
      health,
      deliver: (samples) => {
        for (const sample of samples) last.set(sample.point, sample);
      },
      opened: () => undefined,
    },
  );
  const stop = new AbortController();
  const running = supervisor.run(stop.signal);
  return {
    last,
    health,
    qualities: () => ["plc/level", "plc/door"].map((point) => last.get(point)?.quality),
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await running;
    },
  };
}

test("a server that is killed makes every point bad, and good again when it is back under other indices", async () => {
  const first = await startServer(folder.server, { variables });
  const { port } = first;
  await using gateway = supervise(first);
  await expect.poll(gateway.qualities, patient).toEqual(["good", "good"]);
  for (const namespacesBefore of [["urn:a"], ["urn:a", "urn:b"]]) {
    const running = namespacesBefore.length === 1 ? first : undefined;
    await running?.signal("SIGKILL");
    await expect.poll(gateway.qualities, patient).toEqual(["bad", "bad"]);
    expect(gateway.last.get("plc/level")).toMatchObject({
      reason: expect.stringMatching(/^driver\/(connection-lost|connect-failed)$/),
    });
    await using back = await startServer(folder.server, { variables, port, namespacesBefore });
    await expect.poll(gateway.qualities, patient).toEqual(["good", "good"]);
    expect(gateway.last.get("plc/level")).toMatchObject({ value: 4.5 });
    await back.signal("SIGKILL");
  }
});

/** Probe every 3 s, answer within 4 s, half a second to close: 7.5 s, and what other channels take. */
const hangNoticedMsMax = 10_000;

/** A machine whose cores are all busy runs this test that much later. */
const busySlackMs = 20_000;

test("a server that hangs is noticed within ten seconds, on a busy machine thirty, and is read again when it wakes", async () => {
  await using server = await startServer(folder.server, { variables });
  await using gateway = supervise(server);
  await expect.poll(gateway.qualities, patient).toEqual(["good", "good"]);
  await server.signal("SIGSTOP");
  const stoppedMs = clock.monotonicMs();
  await expect.poll(gateway.qualities, patient).toEqual(["bad", "bad"]);
  expect(clock.monotonicMs() - stoppedMs).toBeLessThan(hangNoticedMsMax + busySlackMs);
  await server.signal("SIGCONT");
  await expect.poll(gateway.qualities, patient).toEqual(["good", "good"]);
});

test("a server that hangs cannot hold a channel that is closed", async () => {
  await using server = await startServer(folder.server, { variables });
  const gateway = supervise(server);
  await expect.poll(gateway.qualities, patient).toEqual(["good", "good"]);
  await server.signal("SIGSTOP");
  const startedMs = clock.monotonicMs();
  await gateway[Symbol.asyncDispose]();
  expect(clock.monotonicMs() - startedMs).toBeLessThan(5_000);
});
