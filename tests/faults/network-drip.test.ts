import { connect, type Socket } from "node:net";
import { expect, test } from "vitest";
import { requestDeadlineMs } from "../../cloud-sync/protocol.ts";
import { NetworkSite } from "../support/network/network-site.ts";
import { needPostgres } from "../support/postgres.ts";
import { eventually } from "../support/spine.ts";

/** More than central has places for requests. */
const clientsCount = 300;

/** One client that sends its body a byte at a time; resolves when central has hung up. */
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
  const central = await site.central();
  using cleanup = new DisposableStack();
  const slow = await site.site("slow");
  const port = Number(new URL(central.address).port);
  const sockets = Array.from({ length: clientsCount }, () =>
    drip(port, slow.id, slow.token, cleanup),
  );
  const gateway = await site.site("beside-the-slow");
  gateway.write(200, 2, 5);
  const agent = site.keep(gateway.agent({ central: central.address }));
  const began = performance.now();
  await site.exactlyOnce(gateway);
  const stillThere = sockets.filter((it) => !it.closed).length;
  const tookMs = performance.now() - began;
  // On a machine so slow that the deadline has passed meanwhile nothing is shown.
  if (tookMs < requestDeadlineMs) expect(stillThere).toBeGreaterThan(0);
  await eventually(
    () => sockets.filter((it) => !it.closed).length,
    (count) => count === 0,
    2 * requestDeadlineMs,
  );
  expect(agent.lines.filter(({ event }) => event === "sync problem")).toEqual([]);
  await agent.kill("SIGTERM");
}, 180_000);
