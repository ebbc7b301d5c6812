import { zstdCompressSync } from "node:zlib";
import { nextPortion } from "../../cloud-sync/portion.ts";
import { HttpUplink } from "../../cloud-sync/uplinks/http.ts";
import { syncText } from "../../config/language/sync.ts";
import { Secret } from "../../drivers/secret.ts";
import { MemoryOutbox, someSamples } from "./memory-outbox.ts";

/** Asks central over HTTP step by step, with a log of samples of its own. */
export function agentOf(central: string, gatewayId: string, token: string) {
  const text = syncText.en;
  const uplink = new HttpUplink({ central, gatewayId, credentials: new Secret(token), text });
  const outbox = new MemoryOutbox();
  const { signal } = new AbortController();
  const span = { first: 1, last: 0, cursor: 0 };
  let cursor = 0;
  return {
    async greet(): Promise<number> {
      const { marks } = await uplink.hello(
        {
          ...{ schemaVersions: [2], gateway: gatewayId, epoch: outbox.epoch, ancestors: [] },
          lanes: { events: span, samples: span },
          sentAt: Date.now(),
        },
        signal,
      );
      return marks.samples;
    },
    async send(rows: number): Promise<number> {
      outbox.addSamples(someSamples(rows));
      const ask = { gateway: gatewayId, epoch: outbox.epoch, lane: "samples" as const };
      const portion = nextPortion(outbox, { ...ask, cursor, rowsMax: 5_000 });
      if (portion?.kind !== "batch") throw new Error("no batch");
      const body = zstdCompressSync(JSON.stringify(portion.batch));
      cursor = (await uplink.push({ body }, signal)).mark;
      return cursor;
    },
  };
}
