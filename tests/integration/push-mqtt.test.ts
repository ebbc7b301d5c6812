import { createServer, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { z } from "zod";
import { type MqttPushConfig, sendMqtt } from "../../cloud-sync/push/channels/mqtt.ts";
import { pushText } from "../../config/language/push.ts";
import { Secret } from "../../drivers/secret.ts";
import { startAedes } from "../support/mqtt-broker.ts";
import { aPush } from "../support/push-world.ts";

const text = pushText.en;
const never = new AbortController().signal;
const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

function send(port: number, more: Partial<MqttPushConfig> = {}, deadlineMs = 3_000) {
  const push = aPush({ channel: "mqtt", text: "冷库" });
  const sending = { push, gateway: "wh1", key: `e-${push.id}`, now: 0 };
  const config = { server: `mqtt://127.0.0.1:${port}`, topic: "site/alarms", ...more };
  return sendMqtt(sending, config, text, never, deadlineMs);
}

test("delivered means that the broker acknowledged a QoS 1 message with the push as JSON", async () => {
  const seen: { topic: string; qos: number; payload: string }[] = [];
  await using broker = await startAedes({
    authorizePublish: (_, { topic, qos, payload }, done) => {
      seen.push({ topic, qos, payload: payload.toString() });
      done(null);
    },
  });
  expect(await send(broker.port)).toEqual({ is: "delivered" });
  expect(seen).toMatchObject([{ topic: "site/alarms", qos: 1 }]);
  const body = z
    .object({ type: z.string(), data: z.object({ id: z.string(), text: z.string() }) })
    .parse(JSON.parse(seen[0]?.payload ?? ""));
  expect(body).toMatchObject({ type: "rackwatch.push.raised", data: { text: "冷库" } });
  expect(body.data.id).toMatch(/^e-p/);
});

test("a wrong login is the configuration's", async () => {
  await using broker = await startAedes({
    authenticate: (_, user, password, done) => {
      if (user === "u" && password?.toString() === "right") return done(null, true);
      done(Object.assign(new Error("no"), { returnCode: 5 }), null);
    },
  });
  expect(await send(broker.port, { user: "u", password: new Secret("right") })).toEqual({
    is: "delivered",
  });
  expect(await send(broker.port, { user: "u", password: new Secret("wrong") })).toMatchObject({
    is: "retry",
    slow: true,
  });
});

test("a broker that cuts before it acknowledges: again later", async () => {
  await using broker = await startAedes({
    authorizePublish: (client) => client?.conn.destroy(),
  });
  expect(await send(broker.port)).toEqual({ is: "retry", why: text.unreachable("?") });
});

test("a broker that never answers costs one deadline, and no broker none", async () => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    sockets.push(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  expect(await send(port, {}, 500)).toEqual({ is: "retry", why: text.noAnswer });
  expect(await send(1)).toEqual({ is: "retry", why: text.unreachable("ECONNREFUSED") });
});

test("a topic with a wildcard cannot be published to", async () => {
  expect(await send(1, { topic: "site/#" })).toMatchObject({ slow: true });
});
