import { createHash } from "node:crypto";
import type { Database } from "../../cloud-sync/central/database/database.ts";
import { openPglite } from "../../cloud-sync/central/database/pglite.ts";
import { type Central, startCentral } from "../../cloud-sync/central/main.ts";
import { nextPortion } from "../../cloud-sync/portion.ts";
import type { Batch, Hello, Snapshot } from "../../cloud-sync/protocol.ts";
import type { Sample } from "../../drivers/contract.ts";
import { systemClock } from "../../gateway/runtime/clock.ts";
import { encodeSamples } from "../../gateway/store/columns.ts";
import type { ClockMark, GatewayEvent, Lane } from "../../gateway/store/store.ts";
import { memoryLog } from "./manual-clock.ts";
import { type MemoryOutbox, someSamples, testClock } from "./memory-outbox.ts";

/** What central answered, whatever it was. */
export interface Answer {
  readonly status: number;
  readonly code: string | undefined;
  readonly message: string;
  readonly mark: number | undefined;
  readonly rejected: readonly { readonly seq: number; readonly reason: string }[];
}

/** A central on a real socket, and somebody who sends it whatever he likes. */
export class HostileCentral implements AsyncDisposable {
  readonly central: Central;
  readonly entries: ReturnType<typeof memoryLog>["entries"];
  readonly #database: Database;
  readonly #tokens: ReadonlyMap<string, string>;

  private constructor(
    central: Central,
    database: Database,
    entries: ReturnType<typeof memoryLog>["entries"],
    tokens: ReadonlyMap<string, string>,
  ) {
    this.central = central;
    this.#database = database;
    this.entries = entries;
    this.#tokens = tokens;
  }

  static async open(...ids: readonly string[]): Promise<HostileCentral> {
    const database = await openPglite();
    const { log, entries } = memoryLog();
    const gateways = ids.map((id) => ({ id, token: `token-of-${id}` }));
    const central = await startCentral({
      listen: "127.0.0.1:0",
      openDatabase: async () => ({ ...database, [Symbol.asyncDispose]: async () => undefined }),
      clock: systemClock,
      log,
      version: "0.0.0",
      gateways,
    });
    const tokens = new Map(gateways.map(({ id, token }) => [id, token]));
    return new HostileCentral(central, database, entries, tokens);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.central.stop();
    await this.#database[Symbol.asyncDispose]();
  }

  /** Sends bytes, text or JSON; with the right digest unless a header says another. */
  async send(
    gateway: string,
    path: string,
    body: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    const bytes =
      body instanceof Uint8Array
        ? Buffer.from(body)
        : Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
    const digest = createHash("sha256").update(bytes).digest("base64");
    const response = await fetch(`${this.central.address}/v1/gateways/${gateway}/${path}`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        authorization: `Bearer ${this.#tokens.get(gateway)}`,
        "content-digest": `sha-256=:${digest}:`,
        ...headers,
      },
      body: bytes,
    });
    const said: Partial<Answer> = Object(await response.json());
    const { code, message = "", mark, rejected = [] } = said;
    return { status: response.status, code, message, mark, rejected };
  }

  async get(path: string): Promise<unknown> {
    return (await fetch(`${this.central.address}${path}`)).json();
  }
}

const span = { first: 1, last: 0, cursor: 0 };

export const aHello = (gateway: string, epoch: string, more: object = {}) =>
  ({
    schemaVersions: [2],
    gateway,
    epoch,
    ancestors: [],
    lanes: { events: span, samples: span },
    sentAt: 0,
    ...more,
  }) satisfies Hello;

export const aSnapshot = (gateway: string, epoch: string, more: object = {}) =>
  ({
    schemaVersion: 2,
    gateway,
    epoch,
    takenAt: 0,
    heads: { events: 1, samples: 40 },
    seqs: [39, 40],
    columns: encodeSamples(someSamples(2)),
    alarms: [],
    whole: false,
    ...more,
  }) satisfies Snapshot;

/** Rows that no store would pack: `Portion` would leave them out. */
export function rawSamples(
  gateway: string,
  epoch: string,
  samples: readonly Sample[],
  firstSeq: number,
  clock: ClockMark = testClock,
): Batch {
  return {
    ...{ schemaVersion: 2, gateway, epoch, lane: "samples" },
    ...{ firstSeq, lastSeq: firstSeq + samples.length - 1 },
    blocks: [{ clock, columns: encodeSamples(samples) }],
  };
}

export function nextBatch(outbox: MemoryOutbox, gateway: string, lane: Lane, cursor = 0): Batch {
  const at = { gateway, epoch: outbox.epoch, lane, cursor, rowsMax: 5_000 };
  const portion = nextPortion(outbox, at);
  if (portion?.kind !== "batch") throw new Error("nothing to send");
  return portion.batch;
}

export const clockEvent = (correction: object): GatewayEvent => ({
  kind: "clock",
  at: Date.UTC(2026, 10, 1),
  mono: 1,
  body: { correction: { ...correction } },
});
