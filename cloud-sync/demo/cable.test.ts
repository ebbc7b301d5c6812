import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { ManualClock } from "../../tests/support/manual-clock.ts";
import { type Cable, pulledMsMax, startCable } from "./cable.ts";

async function setUp() {
  const server = createServer((request, response) => {
    if (request.url === "/slow") return;
    response.end("central");
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const bound: AddressInfo | string | null = server.address();
  const clock = new ManualClock();
  const port = typeof bound === "object" && bound !== null ? bound.port : 0;
  const cable = await startCable(port, clock);
  onTestFinished(async () => {
    await cable.stop();
    server.closeAllConnections();
    server.close();
  });
  return { cable, clock };
}

async function reach(cable: Cable, path = "/"): Promise<string> {
  const headers = { connection: "close" };
  const answer = await fetch(`http://127.0.0.1:${cable.port}${path}`, { headers });
  return answer.text();
}

test("a pulled cable cuts what is under way and refuses what comes, and is in again by itself", async () => {
  const { cable, clock } = await setUp();
  expect(await reach(cable)).toBe("central");
  const underWay = reach(cable, "/slow");
  const cut = expect(underWay).rejects.toThrow("fetch failed");
  // It is on its way as soon as the one that was sent after it is answered.
  expect(await reach(cable)).toBe("central");
  cable.pull(60_000);
  await cut;
  expect(cable.leftMs()).toBe(60_000);
  await expect(reach(cable)).rejects.toThrow("fetch failed");
  await clock.advance(59_999);
  await expect(reach(cable)).rejects.toThrow("fetch failed");
  await clock.advance(1);
  expect(cable.leftMs()).toBe(0);
  expect(await reach(cable)).toBe("central");
});

test("it can be put in sooner, and nobody pulls it for longer than an hour", async () => {
  const { cable } = await setUp();
  cable.pull(Number.POSITIVE_INFINITY);
  expect(cable.leftMs()).toBe(pulledMsMax);
  cable.pull(0);
  expect(await reach(cable)).toBe("central");
});
