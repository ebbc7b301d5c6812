import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Database } from "../../../cloud-sync/central/database/database.ts";
import { Partitions } from "../../../cloud-sync/central/database/partitions.ts";
import { openPglite } from "../../../cloud-sync/central/database/pglite.ts";
import { addOperator } from "../../../cloud-sync/central/down/operators.ts";
import { ingest } from "../../../cloud-sync/central/ingest.ts";
import { startCentral } from "../../../cloud-sync/central/main.ts";
import { nextPortion } from "../../../cloud-sync/portion.ts";
import { systemClock } from "../../../gateway/runtime/clock.ts";
import type { GatewayEvent } from "../../../gateway/store/store.ts";
import { memoryLog } from "../manual-clock.ts";
import { MemoryOutbox } from "../memory-outbox.ts";

const gateways = ["wh1-cold", "wh2-cold"].map((id) => ({ id, token: `token-of-${id}` }));

/** A whole central on an embedded database, with its built page and two gateways whose rows a test writes. */
export class RealCentral implements AsyncDisposable {
  readonly address: string;
  readonly database: Database;
  /** Of a person who may decide. */
  readonly operatorToken: string;
  readonly #outbox = new MemoryOutbox();
  readonly #end: () => Promise<void>;

  private constructor(parts: {
    readonly address: string;
    readonly database: Database;
    readonly operatorToken: string;
    readonly end: () => Promise<void>;
  }) {
    this.address = parts.address;
    this.database = parts.database;
    this.operatorToken = parts.operatorToken;
    this.#end = parts.end;
  }

  static async open(webDir: string): Promise<RealCentral> {
    const folder = mkdtempSync(join(tmpdir(), "rackwatch-screens-"));
    const database = await openPglite();
    const { address, stop } = await startCentral({
      ...{ listen: "127.0.0.1:0", clock: systemClock, log: memoryLog().log, version: "0.0.0" },
      openDatabase: async () => ({ ...database, [Symbol.asyncDispose]: async () => undefined }),
      ...{ webDir, gateways, keys: { folder: join(folder, "keys") } },
    });
    const end = async () => {
      await stop();
      await database[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    };
    const operatorToken = await addOperator(database, { name: "Li Wei", role: "operator" });
    return new RealCentral({ address, database, operatorToken, end });
  }

  /** What gateway `wh1-cold` committed, as its agent would send it. */
  async say(...events: readonly GatewayEvent[]): Promise<void> {
    const cursor = this.#outbox.head("events");
    this.#outbox.addEvents(events);
    const { database } = this;
    const of = { gateway: "wh1-cold", epoch: this.#outbox.epoch, lane: "events" } as const;
    const portion = nextPortion(this.#outbox, { ...of, cursor, rowsMax: 1_000 });
    if (portion?.kind !== "batch") throw new Error("no batch");
    await ingest({ database, partitions: new Partitions(database) }, portion.batch, Date.now());
  }

  /** Its agent asks for messages, and holds those that it was given. */
  async fetchMessages(after: number): Promise<number> {
    const response = await fetch(`${this.address}/v1/gateways/wh1-cold/inbox`, {
      method: "POST",
      headers: { authorization: "Bearer token-of-wh1-cold", "content-type": "application/json" },
      body: JSON.stringify({ after, waitMs: 0 }),
    });
    return response.status;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#end();
  }
}
