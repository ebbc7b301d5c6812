import type { DriverContext, Session } from "../contract.ts";
import { accountOf } from "./account.ts";
import { BrokerClient } from "./client.ts";
import { filtersOf, plan } from "./plan.ts";
import { Reception } from "./reception.ts";
import type { MqttChannel } from "./schema.ts";
import { MqttSession, randomClientId } from "./session.ts";
import { loadSparkplug } from "./sparkplug-payload.ts";
import { openWire } from "./wire.ts";

/** Connects, subscribes, and hands over the session. @throws RackwatchError `driver/...`. */
export async function openBroker(
  channel: MqttChannel,
  context: DriverContext,
  signal: AbortSignal,
): Promise<Session> {
  const planned = plan(channel);
  const codec = planned.nodes.length > 0 ? await loadSparkplug() : undefined;
  const now = { at: context.clock.now(), mono: context.clock.monotonicMs() };
  const reception = new Reception({ plan: planned, everyMs: channel.every, codec }, now);
  const account = accountOf(channel, context);
  let wake: () => void = () => undefined;
  const wire = await openWire(
    {
      address: account.address,
      where: channel.broker,
      caFile: channel.caFile,
      timeoutMs: channel.timeout,
      packetBytesMax: channel.maxPacket,
      tap: context.tap,
      oversized: ({ topic, bytes }) => {
        context.log.warn("mqtt message too large", { topic, bytes });
        const { clock } = context;
        reception.tooLarge(topic, { at: clock.now(), mono: clock.monotonicMs() });
        wake();
      },
    },
    signal,
  );
  const abort = () => wire.destroy();
  signal.addEventListener("abort", abort, { once: true });
  try {
    const client = await BrokerClient.open(wire, {
      where: channel.broker,
      clientId: channel.clientId ?? randomClientId(),
      user: account.user,
      password: account.password,
      keepAliveMs: channel.keepAlive,
      timeoutMs: channel.timeout,
    });
    const { targets } = planned;
    const session = new MqttSession({ client, reception, targets, context, codec }, signal);
    wake = () => session.wake();
    const qos = channel.broker === "local" ? 0 : channel.qos;
    const refused = await client
      .subscribe(filtersOf(planned), qos)
      .catch(async (error: unknown) => {
        await session[Symbol.asyncDispose]();
        throw error;
      });
    if (refused.length > 0) {
      context.log.warn("mqtt subscriptions refused by the broker", { topics: refused });
      reception.refused(refused, now);
    }
    return session;
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
