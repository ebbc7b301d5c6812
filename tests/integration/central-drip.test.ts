import { connect } from "node:net";
import { expect, test } from "vitest";
import { openPglite } from "../../cloud-sync/central/database/pglite.ts";
import { startCentral } from "../../cloud-sync/central/main.ts";
import { systemClock } from "../../gateway/runtime/clock.ts";
import { memoryLog } from "../support/manual-clock.ts";

const deadlineMs = 1_000;

const head = (token: string) =>
  "POST /v1/gateways/gw-1/batches HTTP/1.1\r\nhost: central\r\ncontent-type: application/json\r\n" +
  `authorization: Bearer ${token}\r\ncontent-length: 200000\r\n\r\n`;

test("whoever sends its headers, its body, or the body of a request that was refused a byte at a time is hung up on", async () => {
  const central = await startCentral({
    ...{ listen: "127.0.0.1:0", clock: systemClock, log: memoryLog().log, version: "0.0.0" },
    openDatabase: () => openPglite(),
    gateways: [{ id: "gw-1", token: "right" }],
    deadlineMs,
  });
  const { port } = new URL(central.address);
  using cleanup = new DisposableStack();
  const sockets = ["POST /v1/gateways/gw-1/hello HTTP/1.1\r\n", head("right"), head("wrong")].map(
    (first) => {
      const socket = connect(Number(port), "127.0.0.1");
      socket.on("error", () => undefined).resume();
      socket.write(first);
      const timer = setInterval(() => socket.write("x"), 100);
      cleanup.defer(() => {
        clearInterval(timer);
        socket.destroy();
      });
      return socket;
    },
  );
  try {
    await expect
      .poll(() => sockets.map(({ closed }) => closed), { timeout: 20_000 })
      .toEqual([true, true, true]);
  } finally {
    cleanup.dispose();
    await central.stop();
  }
});
