import { expect } from "vitest";
import { z } from "zod";
import { alarmViewSchema } from "../../gateway/panel/api.ts";
import type { Panel } from "../../gateway/panel/panel.ts";
import {
  bookedSchema,
  importResultSchema,
  type MovementView,
  movementPageSchema,
  type StockView,
  stockPageSchema,
} from "../../gateway/panel/stock-api.ts";

const password = "correct horse battery";

export interface Reply {
  readonly status: number;
  readonly text: string;
  readonly body: unknown;
}

interface Sent {
  readonly method?: string;
  readonly body?: unknown;
  readonly csv?: string | Uint8Array;
  readonly as?: string;
}

/** What people do at the HTTP API of a gateway, each logged in under a name. */
export class StockClient {
  readonly #base: string;
  readonly #cookies = new Map<string, string>();

  constructor(panel: Pick<Panel, "address">) {
    this.#base = `http://${panel.address}`;
  }

  /** The first person, `boss`, may do everything; the others as their roles say. */
  async begin(code: string | undefined, others: Readonly<Record<string, readonly string[]>> = {}) {
    const first = await this.send("/api/setup", {
      method: "POST",
      body: { code, user: "boss", password },
      as: "boss",
    });
    if (first.status !== 200) throw new Error(first.text);
    for (const [user, roles] of Object.entries(others)) {
      const made = await this.send("/api/users", {
        method: "POST",
        body: { user, password, roles },
        as: "boss",
      });
      if (made.status !== 200) throw new Error(made.text);
    }
  }

  /** Logs in again where the session is over. */
  async send(path: string, sent: Sent = {}): Promise<Reply> {
    const reply = await this.#send(path, sent);
    if (reply.status !== 401 || sent.as === undefined) return reply;
    await this.#send("/api/session", {
      method: "POST",
      body: { user: sent.as, password },
      as: sent.as,
    });
    return this.#send(path, sent);
  }

  async #send(path: string, { method = "GET", body, csv, as = "" }: Sent): Promise<Reply> {
    const answer = await fetch(this.#base + path, {
      method,
      headers: {
        origin: this.#base,
        cookie: this.#cookies.get(as) ?? "",
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(csv === undefined ? {} : { "content-type": "text/csv" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(csv === undefined
        ? {}
        : { body: typeof csv === "string" ? csv : new Blob([csv.slice()]) }),
    });
    const [cookie] = answer.headers.getSetCookie();
    if (cookie !== undefined && as !== "") this.#cookies.set(as, cookie.split(";")[0] ?? "");
    const text = await answer.text();
    const isJson = answer.headers.get("content-type")?.includes("json") === true;
    return { status: answer.status, text, body: isJson ? JSON.parse(text) : undefined };
  }

  /** @throws Error with the answer where the booking is refused. */
  async book(booking: Readonly<Record<string, unknown>>, as = "boss") {
    const reply = await this.tryBook(booking, as);
    if (reply.status !== 200) throw new Error(`${reply.status} ${reply.text}`);
    return bookedSchema.parse(reply.body);
  }

  tryBook(booking: Readonly<Record<string, unknown>>, as = "boss"): Promise<Reply> {
    return this.send("/api/stock/bookings", { method: "POST", body: booking, as });
  }

  /** A body as it stands: what no JSON of ours would say. */
  async raw(path: string, body: string, as: string): Promise<Reply> {
    const answer = await fetch(this.#base + path, {
      method: "POST",
      headers: {
        origin: this.#base,
        cookie: this.#cookies.get(as) ?? "",
        "content-type": "application/json",
      },
      body,
    });
    return { status: answer.status, text: await answer.text(), body: undefined };
  }

  post(path: string, body: unknown, as = "boss"): Promise<Reply> {
    return this.send(path, { method: "POST", body, as });
  }

  async import(kind: string, csv: string | Uint8Array, as = "boss") {
    const reply = await this.send(`/api/stock/import/${kind}`, { method: "POST", csv, as });
    if (reply.status !== 200) throw new Error(`${reply.status} ${reply.text}`);
    return importResultSchema.parse(reply.body);
  }

  async stock(): Promise<readonly StockView[]> {
    const all: StockView[] = [];
    for (let after: string | undefined; ; ) {
      const from = after === undefined ? "" : `&after=${encodeURIComponent(after)}`;
      const page = stockPageSchema.parse((await this.send(`/api/stock?limit=1000${from}`)).body);
      all.push(...page.stock);
      if (page.next === undefined) return all;
      after = page.next;
    }
  }

  async line(location: string, item: string): Promise<StockView> {
    const found = (await this.stock()).find(
      (line) => line.location === location && line.item === item,
    );
    if (found === undefined) throw new Error(`no line ${location}/${item}`);
    return found;
  }

  /** Newest first. */
  async movements(): Promise<readonly MovementView[]> {
    const all: MovementView[] = [];
    for (let before: number | undefined; ; ) {
      const from = before === undefined ? "" : `&before=${before}`;
      const reply = await this.send(`/api/stock/movements?limit=1000${from}`);
      const page = movementPageSchema.parse(reply.body);
      all.push(...page.movements);
      if (page.next === undefined) return all;
      before = page.next;
    }
  }

  /** Alarms of stock that are raised or not settled, by what they are about: `below-minimum:shelf-a:nut`. */
  async warnings(): Promise<ReadonlyMap<string, z.infer<typeof alarmViewSchema>>> {
    const alarms = z.array(alarmViewSchema).parse((await this.send("/api/alarms")).body);
    return new Map(
      alarms.flatMap((alarm) =>
        alarm.rule.startsWith("stock:")
          ? [[decodeURIComponent(alarm.rule.slice("stock:".length)), alarm] as const]
          : [],
      ),
    );
  }

  /** Names of the warnings that are in force. */
  async inForce(): Promise<readonly string[]> {
    return [...(await this.warnings())]
      .flatMap(([key, { active }]) => (active ? [key] : []))
      .sort();
  }

  /** Stock is the sum of its movements: by item, location and lot. */
  async isWhole(): Promise<void> {
    const sums = new Map<string, number>();
    for (const { location, item, lot = "", quantity } of await this.movements()) {
      const key = `${location}/${item}/${lot}`;
      sums.set(key, (sums.get(key) ?? 0) + quantity);
    }
    const stock = await this.stock();
    const told = new Map<string, number>(
      stock.flatMap(({ location, item, lots }) =>
        lots.map(({ lot = "", quantity }) => [`${location}/${item}/${lot}`, quantity] as const),
      ),
    );
    for (const key of new Set([...sums.keys(), ...told.keys()])) {
      expect(told.get(key) ?? 0, key).toBeCloseTo(sums.get(key) ?? 0, 6);
    }
    for (const { quantity, lots, item } of stock) {
      expect(
        lots.reduce((sum, lot) => sum + lot.quantity, 0),
        item,
      ).toBeCloseTo(quantity, 6);
    }
  }
}
