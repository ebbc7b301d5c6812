import { connect, type Socket } from "node:net";
import { expect, test } from "vitest";
import { openPostgres } from "../../cloud-sync/central/database/postgres.ts";
import { startCentral } from "../../cloud-sync/central/main.ts";
import { systemClock } from "../../gateway/runtime/clock.ts";
import { memoryLog } from "../support/manual-clock.ts";
import { NetworkSite } from "../support/network/network-site.ts";
import { needPostgres } from "../support/postgres.ts";
import { eventually } from "../support/spine.ts";

/** More than central has places for requests. */
const clientsCount = 300;

/** Of central, instead of 30 s. */
const deadlineMs = 8_000;

/** One client that sends its body a byte at a time. */
function drip(port: number, gateway: string, token: string, cleanup: DisposableStack): Socket {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => undefined);
  socket.write(
    `POST /v1/gateways/${gateway}/batches HTTP/1.1\r\nhost: central\r\nauthorization: Bearer ${token}\r\n` +
      "content-type: application/json\r\ncontent-length: 200000\r\n\r\n",
  );
  const timer = setInterval(() => socket.write("x"), 500);
  socket.on("close", () => clearInterval(timer));
  socket.resume();
  cleanup.defer(() => socket.destroy());
  return socket;
}

test("300 clients that drip: others get through meanwhile, and each is hung up on at its deadline", async (context) => {
  needPostgres(context.skip);
  await using site = await NetworkSite.begin();
  const central = await startCentral({
    ...{ listen: "127.0.0.1:0", clock: systemClock, log: memoryLog().log, version: "0.0.0" },
    openDatabase: async () => openPostgres(site.postgres.url, memoryLog().log),
    deadlineMs,
  });
  await using _stop = { [Symbol.asyncDispose]: () => central.stop() };
  using cleanup = new DisposableStack();
  const gateway = await site.site("beside-the-slow");
  gateway.write(20);
  const agent = site.keep(gateway.agent({ central: central.address, deadlineMs }));
  await site.exactlyOnce(gateway);
  const slow = await site.site("slow");
  const port = Number(new URL(central.address).port);
  const began = performance.now();
  const sockets = Array.from({ length: clientsCount }, () =>
    drip(port, slow.id, slow.token, cleanup),
  );
  const refused = () => sockets.filter(({ bytesRead }) => bytesRead > 0).length;
  await eventually(refused, (count) => count > 0, deadlineMs);
  gateway.write(200, 2, 5);
  await site.exactlyOnce(gateway);
  const stillThere = sockets.filter(({ closed }) => !closed).length;
  const tookMs = performance.now() - began;
  // On a machine so slow that the deadline has passed meanwhile nothing is shown.
  if (tookMs < deadlineMs) expect(stillThere).toBe(clientsCount);
  await eventually(
    () => sockets.filter(({ closed }) => !closed).length,
    (count) => count === 0,
    60_000,
  );
  expect(agent.lines.filter(({ event }) => event === "sync problem")).toEqual([]);
  await agent.kill("SIGTERM");
}, 180_000);
