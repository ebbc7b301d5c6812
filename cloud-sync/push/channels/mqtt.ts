import { randomUUID } from "node:crypto";
import type { IClientOptions, MqttClient } from "mqtt";
import { z } from "zod";
import type { PushText } from "../../../config/language/push.ts";
import type { ReceiverConfig } from "../../../config/schema/notify.ts";
import type { ChannelTraits, Sending, Verdict } from "../channel.ts";
import { delivered } from "../http-verdict.ts";
import { message } from "../message.ts";

export type MqttPushConfig = NonNullable<ReceiverConfig["mqtt"]>;

/** Connect, publish and acknowledgement together. */
export const mqttDeadlineMs = 15_000;

export const mqttTraits: ChannelTraits = {
  limits: [{ count: 600, perMs: 60_000 }],
  overflow: "wait",
};

/** CONNACK codes of MQTT 3.1.1 (3.2.2.3) that only the configuration cures: client id, login, right. */
const refusals = [2, 4, 5];

const failureSchema = z.object({ code: z.union([z.number(), z.string()]).optional() });

/** Publishes with QoS 1 over a connection of its own: delivered means that the broker has it. */
export async function sendMqtt(
  sending: Sending,
  { server, topic, user, password }: MqttPushConfig,
  text: PushText,
  signal: AbortSignal,
  deadlineMs = mqttDeadlineMs,
): Promise<Verdict> {
  if (/[+#\0]/.test(topic)) return { is: "retry", why: text.badAddress, slow: true };
  const { connect } = await import("mqtt");
  const options: IClientOptions = {
    clientId: `rackwatch-push-${randomUUID().slice(0, 8)}`,
    reconnectPeriod: 0,
    connectTimeout: deadlineMs,
    ...(user === undefined ? {} : { username: user }),
    ...(password === undefined ? {} : { password: password.reveal() }),
  };
  const whole = AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]);
  const client = connect(server, options);
  try {
    await published(client, topic, JSON.stringify(message(sending)), whole);
    return delivered;
  } catch (error) {
    signal.throwIfAborted();
    if (whole.aborted) return { is: "retry", why: text.noAnswer };
    const { code = "?" } = failureSchema.safeParse(error).data ?? {};
    if (typeof code === "number" && refusals.includes(code)) {
      return { is: "retry", why: text.notAllowed(code), slow: true };
    }
    return { is: "retry", why: text.unreachable(String(code)) };
  } finally {
    client.end(true);
  }
}

/** Without reconnecting the library calls nobody back when the connection goes in the middle: `close` says so. */
function published(
  client: MqttClient,
  topic: string,
  body: string,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    client.on("error", reject);
    client.on("close", () => reject(new Error("closed")));
    signal.addEventListener("abort", () => reject(new Error("aborted")), { once: true });
    if (signal.aborted) reject(new Error("aborted"));
    client.once("connect", () => {
      client.publish(topic, body, { qos: 1 }, (error) => {
        if (error === undefined || error === null) resolve();
        else reject(error);
      });
    });
  });
}
