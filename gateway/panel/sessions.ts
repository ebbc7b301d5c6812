import { createHash, randomBytes } from "node:crypto";
import { z } from "zod";
import type { Clock, EpochMs, Log } from "../../drivers/contract.ts";
import { sessionAgeMsMax, sessionIdleMs, sessionStoredEveryMs, sessionsMax } from "./limits.ts";
import type { PanelSource } from "./source.ts";

const prefix = "session/";
const tokenBytes = 32;

const recordSchema = z.object({ user: z.string(), createdAt: z.number(), usedAt: z.number() });
type SessionRecord = Readonly<z.infer<typeof recordSchema>>;

interface Entry extends SessionRecord {
  readonly storedAt: EpochMs;
}

/**
 * Who is logged in, by the hash of the token that the browser holds: reading the database opens no session. Ages are
 * of the wall clock, because a session outlives a boot; a clock that steps back ends it.
 */
export class Sessions {
  readonly #source: Pick<PanelSource, "readState" | "writeState">;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #entries = new Map<string, Entry>();

  constructor(
    source: Pick<PanelSource, "readState" | "writeState">,
    { clock, log }: { readonly clock: Clock; readonly log: Log },
  ) {
    this.#source = source;
    this.#clock = clock;
    this.#log = log;
    for (const [key, value] of source.readState(prefix)) {
      const { data } = recordSchema.safeParse(value);
      if (data !== undefined) this.#entries.set(key, { ...data, storedAt: data.usedAt });
    }
  }

  /** Begins a session and ends the one that the browser had before. Returns the token, which is kept nowhere else. */
  open(user: string, previous: string | undefined): string {
    const now = this.#clock.now();
    const token = randomBytes(tokenBytes).toString("base64url");
    const ended = new Set(previous === undefined ? [] : [keyOf(previous)]);
    for (const [key, entry] of this.#entries) if (!isAlive(entry, now)) ended.add(key);
    const alive = [...this.#entries].filter(([key]) => !ended.has(key));
    const surplus = alive.toSorted(([, a], [, b]) => b.usedAt - a.usedAt).slice(sessionsMax - 1);
    for (const [key] of surplus) ended.add(key);
    const record = { user, createdAt: now, usedAt: now };
    this.#entries.set(keyOf(token), { ...record, storedAt: now });
    this.#end(ended, [keyOf(token), record]);
    return token;
  }

  /** Who holds this token; counts as use. */
  find(token: string | undefined): string | undefined {
    if (token === undefined) return undefined;
    const key = keyOf(token);
    const entry = this.#entries.get(key);
    const now = this.#clock.now();
    if (entry === undefined || !isAlive(entry, now)) return undefined;
    const { storedAt, ...record } = { ...entry, usedAt: now };
    const due = now - storedAt >= sessionStoredEveryMs;
    this.#entries.set(key, { ...record, storedAt: due ? now : storedAt });
    if (due) this.#store(new Map([[key, record]]));
    return entry.user;
  }

  /** Ends a session; returns whose it was. */
  close(token: string | undefined): string | undefined {
    const user = this.find(token);
    if (token !== undefined && user !== undefined) this.#end(new Set([keyOf(token)]));
    return user;
  }

  /** Ends every session of a person. */
  closeAll(user: string): void {
    const own = [...this.#entries].filter(([, entry]) => entry.user === user);
    if (own.length > 0) this.#end(new Set(own.map(([key]) => key)));
  }

  #end(keys: ReadonlySet<string>, begun?: readonly [string, SessionRecord]): void {
    for (const key of keys) this.#entries.delete(key);
    const changes = new Map<string, unknown>([...keys].map((key) => [key, undefined]));
    if (begun !== undefined) changes.set(...begun);
    this.#store(changes);
  }

  /** A full disk keeps nobody from acknowledging: such a session lasts until the next start. */
  #store(changes: ReadonlyMap<string, unknown>): void {
    try {
      this.#source.writeState(changes);
    } catch (error) {
      this.#log.warn("panel sessions not stored", { reason: String(error) });
    }
  }
}

function keyOf(token: string): string {
  return prefix + createHash("sha256").update(token).digest("hex");
}

function isAlive({ createdAt, usedAt }: SessionRecord, now: EpochMs): boolean {
  return createdAt <= now && now - createdAt < sessionAgeMsMax && now - usedAt < sessionIdleMs;
}
