import { duplexPair } from "node:stream";
import type { Connection } from "../../drivers/connect.ts";
import type { Sample, Session } from "../../drivers/contract.ts";
import { FramedWire } from "../../drivers/framing/framed-wire.ts";
import type { ScaleReading } from "../../drivers/scale/protocol.ts";
import { channelSchema } from "../../drivers/scale/schema.ts";
import { ScaleSession } from "../../drivers/scale/session.ts";
import { settingsOf } from "../../drivers/scale/settings.ts";
import { ManualClock, memoryLog } from "./manual-clock.ts";

/** A session whose scale is played by the test, on time that the test moves. */
export interface ScaleWire extends AsyncDisposable {
  readonly session: Session;
  readonly clock: ManualClock;
  /** All samples so far, in batches. */
  readonly batches: readonly (readonly Sample[])[];
  /** Takes what came since the last call, as `point=value` or `point!reason`; uncertain ones end with a question mark. */
  news(): readonly string[];
  /** What the host said since the last call. */
  heard(): string;
  say(what: string | Uint8Array | Partial<ScaleReading>): Promise<void>;
  /** How samples() ended; undefined while it has not. */
  ended(): { readonly error: unknown } | undefined;
  hangUp(): Promise<void>;
}

export async function scaleWire(channel: object, device: object = {}): Promise<ScaleWire> {
  const clock = new ManualClock();
  const settings = settingsOf(
    channelSchema.parse({
      ...{ driver: "scale", port: "tcp://127.0.0.1:4001", devices: { s: device } },
      ...channel,
    }),
  );
  if (settings === undefined) throw new Error("no device");
  const [near, far] = duplexPair();
  const connection: Connection = {
    address: settings.port,
    stream: near,
    discardInput: async () => undefined,
    close: async () => void near.destroy(),
  };
  const framer = settings.protocol.createFramer(settings.options);
  const wire = new FramedWire(connection, framer, clock, { idleMs: 50 });
  const context = { clock, log: memoryLog().log };
  const session = new ScaleSession(
    settings,
    { connection, wire, context },
    new AbortController().signal,
  );
  let heard = "";
  far.on("error", () => undefined);
  near.on("error", () => undefined);
  far.on("data", (chunk: Uint8Array) => {
    heard += Buffer.from(chunk).toString("latin1");
  });
  const batches: (readonly Sample[])[] = [];
  let ended: { readonly error: unknown } | undefined;
  const take = async () => {
    for await (const batch of session.samples()) batches.push(batch);
  };
  const taking = take().then(
    () => (ended = { error: undefined }),
    (error: unknown) => (ended = { error }),
  );
  let told = 0;
  await clock.advance(0);
  return {
    ...{ session, clock, batches },
    news: () => {
      const fresh = batches.slice(told).flat();
      told = batches.length;
      return fresh.map(brief);
    },
    heard: () => {
      const text = heard;
      heard = "";
      return text;
    },
    say: async (what) => {
      const bytes =
        typeof what === "string" || what instanceof Uint8Array
          ? what
          : settings.protocol.encode({ kind: "reading", status: "ok", ...what });
      far.write(bytes);
      await clock.advance(0);
    },
    ended: () => ended,
    hangUp: async () => {
      far.end();
      await clock.advance(0);
    },
    [Symbol.asyncDispose]: async () => {
      await session[Symbol.asyncDispose]();
      await taking;
    },
  };
}

function brief(sample: Sample): string {
  const name = sample.point.slice(sample.point.indexOf("/") + 1);
  if (sample.quality === "bad") return `${name}!${sample.reason}`;
  return `${name}=${sample.value}${sample.quality === "uncertain" ? "?" : ""}`;
}
