import { createHash } from "node:crypto";
import http from "node:http";
import type { Database } from "../../cloud-sync/central/database/database.ts";
import { pack } from "../../cloud-sync/portion.ts";
import type { Sample } from "../../drivers/contract.ts";
import { encodeSamples } from "../../gateway/store/columns.ts";

/** What central said to one request. `ms`: until its last byte. */
export interface FleetAnswer {
  readonly status: number;
  readonly mark: number | undefined;
  readonly retryAfterMs: number | undefined;
  readonly ms: number;
}

const fleetToken = (id: string) => `token-of-the-fleet-${id}`;

/** Enrols so many gateways in one statement. */
export async function enrolFleet(
  database: Database,
  count: number,
): Promise<readonly FleetGateway[]> {
  const gateways = Array.from({ length: count }, (_, index) => new FleetGateway(index));
  const rows = gateways.map(({ id }) => ({
    id,
    hash: createHash("sha256").update(fleetToken(id)).digest("hex"),
  }));
  await database.query(
    `INSERT INTO gateway (gateway, token_hash) SELECT r.id, decode(r.hash, 'hex')
     FROM jsonb_to_recordset($1::jsonb) AS r(id text, hash text)`,
    [JSON.stringify(rows)],
  );
  return gateways;
}

/** One of thousands of simulated gateways: points of some racks, a batch of all of them at a time, one connection kept. */
export class FleetGateway {
  readonly id: string;
  readonly #agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  #mark = 0;

  constructor(index: number) {
    this.id = `fleet-${String(index).padStart(5, "0")}`;
  }

  /** Rows that central has, as it last said. */
  get mark(): number {
    return this.#mark;
  }

  /** What is in central without this having sent it. */
  taken(mark: number): void {
    this.#mark = mark;
  }

  /** The next rows, of the time before `now`: `perPoint` of each of `points` points. */
  body(now: number, points: number, perPoint: number, everyMs: number): Uint8Array {
    const rows: Sample[] = [];
    for (let turn = perPoint - 1; turn >= 0; turn -= 1) {
      for (let point = 0; point < points; point += 1) {
        rows.push({
          point: `rack-${point}/temperature`,
          sampledAt: now - turn * everyMs + point,
          quality: "good",
          value: Math.round(400 + 20 * Math.sin(now / 600_000 + point)) / 100,
        });
      }
    }
    const clock = { boot: `boot-${this.id}`, offsetMs: 0, quality: "synchronized" } as const;
    const packed = pack({
      ...{ schemaVersion: 2, gateway: this.id, epoch: `epoch-${this.id}`, lane: "samples" },
      ...{ firstSeq: this.#mark + 1, lastSeq: this.#mark + rows.length },
      blocks: [{ clock, columns: encodeSamples(rows) }],
    });
    if (packed === undefined) throw new Error("a batch that is too large");
    return packed;
  }

  /** @throws what the socket says */
  async send(address: string, body: Uint8Array): Promise<FleetAnswer> {
    const began = performance.now();
    const digest = createHash("sha256").update(body).digest("base64");
    const answer = await new Promise<{ status: number; text: string }>((done, fail) => {
      const request = http.request(`${address}/v1/gateways/${this.id}/batches`, {
        method: "POST",
        agent: this.#agent,
        headers: {
          authorization: `Bearer ${fleetToken(this.id)}`,
          "content-type": "application/json",
          "content-encoding": "zstd",
          "content-length": body.length,
          "content-digest": `sha-256=:${digest}:`,
        },
      });
      request.on("error", fail);
      request.on("response", (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (part: string) => {
          text += part;
        });
        response.on("error", fail);
        response.on("end", () => done({ status: response.statusCode ?? 0, text }));
      });
      request.end(body);
    });
    const said: unknown = JSON.parse(answer.text);
    const number = (key: string) => {
      const value: unknown =
        typeof said === "object" && said !== null ? Reflect.get(said, key) : undefined;
      return typeof value === "number" ? value : undefined;
    };
    const mark = number("mark");
    if (answer.status === 200 && mark !== undefined) this.#mark = mark;
    return {
      ...{ status: answer.status, mark, retryAfterMs: number("retryAfterMs") },
      ms: performance.now() - began,
    };
  }

  hangUp(): void {
    this.#agent.destroy();
  }
}
