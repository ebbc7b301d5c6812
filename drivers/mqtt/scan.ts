import type { DriverContext } from "../contract.ts";
import type { Json } from "../protocol.ts";
import type { ScanEvent } from "../scan.ts";
import { Secret } from "../secret.ts";
import { listenTopics } from "./listen-topics.ts";
import { channelSchema } from "./schema.ts";

export interface MqttScanOptions {
  /** `tcp://host:1883`, `tls://host:8883`. */
  readonly broker: string;
  readonly user?: string;
  readonly password?: string;
  readonly caFile?: string;
  /** How long is listened; 30 s unless told. */
  readonly listenMs?: number;
}

/** Most sensors on mains report at least this often; what runs on a battery may need an hour. */
const listenMsDefault = 30_000;

/**
 * Listens to everything on a broker and publishes nothing. What was heard is told at the end, also when the signal is
 * aborted.
 * @throws RackwatchError as opening a channel does; `driver/refused` when the broker does not allow `#`.
 */
export function scanMqtt(
  options: MqttScanOptions,
  context: DriverContext,
  signal: AbortSignal,
): AsyncGenerator<ScanEvent, void, undefined> {
  return withoutAbort(listen(options, context, signal), signal);
}

/** What was heard is told after an abort; an abort of the login is no error. */
async function* withoutAbort(
  events: AsyncIterable<ScanEvent>,
  signal: AbortSignal,
): AsyncGenerator<ScanEvent, void, undefined> {
  try {
    yield* events;
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

async function* listen(
  options: MqttScanOptions,
  context: DriverContext,
  signal: AbortSignal,
): AsyncGenerator<ScanEvent, void, undefined> {
  const { broker, listenMs = listenMsDefault, user, password, caFile } = options;
  const settings = {
    ...{ driver: "mqtt", broker },
    ...(user === undefined ? {} : { user }),
    ...(caFile === undefined ? {} : { caFile }),
  };
  const login = password === undefined ? settings : { ...settings, password: new Secret(password) };
  const channel = channelSchema.parse({ ...login, devices: {} });
  const states: { readonly leftMs: number; readonly topics: number }[] = [];
  let wake: () => void = () => undefined;
  let isOver = false;
  const heard = listenTopics(
    channel,
    context,
    {
      forMs: listenMs,
      progress: (state) => {
        states.push(state);
        wake();
      },
    },
    signal,
  ).finally(() => {
    isOver = true;
    wake();
  });
  heard.catch(() => undefined);
  while (!isOver) {
    const state = states.at(-1);
    states.length = 0;
    if (state === undefined) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
      continue;
    }
    const done = listenMs - state.leftMs;
    const now = `${state.topics} topics`;
    yield { is: "progress", done, total: listenMs, leftMs: Math.round(state.leftMs), now };
  }
  const { devices, topics, ignored } = await heard;
  for (const { id, family, settings: device } of devices) {
    const more = ignored === 0 ? "" : `; ${ignored} messages on further topics were not looked at`;
    yield {
      is: "found",
      title: `MQTT device ${id} (${family})`,
      evidence: `one of ${topics} topics heard${more}`,
      channel: { ...settings, driver: "mqtt", devices: { [id]: jsonOf(device) } },
      ...(user === undefined ? {} : { needs: "password: !secret ..." }),
    };
  }
}

/** Suggestions are made for YAML: they hold nothing that JSON does not. */
function jsonOf(settings: Readonly<Record<string, unknown>>): { readonly [key: string]: Json } {
  return JSON.parse(JSON.stringify(settings));
}
