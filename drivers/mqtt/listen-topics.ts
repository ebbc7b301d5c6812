import type { DriverContext } from "../contract.ts";
import { RackwatchError } from "../errors.ts";
import { accountOf } from "./account.ts";
import { BrokerClient } from "./client.ts";
import type { MqttChannel } from "./schema.ts";
import { randomClientId } from "./session.ts";
import { loadSparkplug } from "./sparkplug-payload.ts";
import { type HeardTopic, type SuggestedDevice, suggestDevices } from "./suggest.ts";
import { openWire } from "./wire.ts";

/** Topics that are remembered of a busy broker. Those beyond are counted. */
export const topicsHeardMax = 5_000;

/** Bytes of their messages that are remembered; of a topic beyond only the name counts. */
const heardBytesMax = 33_554_432;

/** How often whoever waits is told how far it is. */
const progressMs = 500;

export interface ListenOptions {
  readonly forMs: number;
  readonly progress?: (state: { readonly leftMs: number; readonly topics: number }) => void;
}

export interface Heard {
  readonly devices: readonly SuggestedDevice[];
  readonly topics: number;
  /** Messages on topics beyond the limit, which were not looked at. */
  readonly ignored: number;
}

/**
 * Listens to everything that a broker lets us hear, and says which devices it may be. Publishes nothing. The channel's
 * own devices do not matter. Ends early, with what it has, when the signal is aborted.
 * @throws RackwatchError as the driver's opening does; `driver/refused` when the broker does not allow `#`.
 */
export async function listenTopics(
  channel: MqttChannel,
  context: DriverContext,
  { forMs, progress }: ListenOptions,
  signal: AbortSignal,
): Promise<Heard> {
  const codec = await loadSparkplug();
  const { address, user, password } = accountOf(channel, context);
  const { broker: where, caFile, timeout: timeoutMs, maxPacket: packetBytesMax } = channel;
  const { tap, clock } = context;
  const wire = await openWire(
    { address, where, caFile, timeoutMs, packetBytesMax, tap, oversized: () => undefined },
    signal,
  );
  const clientId = randomClientId();
  const login = { where, clientId, user, password, keepAliveMs: channel.keepAlive, timeoutMs };
  const client = await BrokerClient.open(wire, login);
  const heard = new Map<string, HeardTopic>();
  let bytes = 0;
  let ignored = 0;
  client.listen(({ topic, payload }) => {
    const before = heard.get(topic)?.payload.length;
    if (before === undefined && heard.size >= topicsHeardMax) {
      ignored += 1;
      return;
    }
    const fits = bytes - (before ?? 0) + payload.length <= heardBytesMax;
    const kept = fits ? Uint8Array.from(payload) : new Uint8Array(0);
    bytes += kept.length - (before ?? 0);
    heard.set(topic, { topic, payload: kept });
  });
  try {
    const refused = await client.subscribe(["#"], 0);
    if (refused.length > 0)
      throw new RackwatchError("driver/refused", "The broker does not let us hear everything", {
        where,
        todo: "Give the user the right to subscribe to #, or write the devices out",
      });
    const untilMs = clock.monotonicMs() + forMs;
    for (;;) {
      const leftMs = untilMs - clock.monotonicMs();
      progress?.({ leftMs: Math.max(0, leftMs), topics: heard.size });
      if (leftMs <= 0 || signal.aborted) break;
      client.lost.throwIfAborted();
      await clock.sleep(Math.min(progressMs, leftMs), signal).catch(() => undefined);
    }
  } finally {
    await client.close();
  }
  return { devices: suggestDevices([...heard.values()], codec), topics: heard.size, ignored };
}
