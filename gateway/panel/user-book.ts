import { z } from "zod";
import type { Clock, EpochMs, MonotonicMs } from "../../drivers/contract.ts";
import type { Role } from "./duties.ts";
import { lockoutAfter, lockoutMs, usersMax } from "./limits.ts";
import { refusals } from "./refusal.ts";
import { everyRole, roleSchema } from "./roles.ts";
import type { PanelSource } from "./source.ts";

const prefix = "user/";

const recordSchema = z.object({
  password: z.string(),
  createdAt: z.number(),
  /** Absent in records of before there were roles: their user was the only one. */
  roles: z.array(roleSchema).optional(),
  fullName: z.string().optional(),
  disabled: z.boolean().optional(),
  /** Wrong passwords in a row, from wherever they came. */
  failures: z.number().optional(),
  /** Locked since then, by the wall clock, which outlives a boot. */
  lockedAt: z.number().optional(),
});
type UserRecord = Readonly<z.infer<typeof recordSchema>>;

/** A person as others may see it. */
export interface User {
  readonly user: string;
  readonly roles: readonly Role[];
  readonly fullName?: string;
  readonly disabled: boolean;
  readonly locked: boolean;
  readonly createdAt: EpochMs;
}

export interface UserChange {
  readonly roles?: readonly Role[] | undefined;
  readonly fullName?: string | undefined;
  readonly disabled?: boolean | undefined;
}

/** The people who may act, as the store has them. Nobody is ever deleted: what a person did stays theirs. */
export class UserBook {
  readonly #source: Pick<PanelSource, "readState" | "writeState">;
  readonly #clock: Clock;
  /** Lockouts of this process run on the monotonic clock: setting the wall clock ends none. */
  readonly #lockedUntil = new Map<string, MonotonicMs>();

  constructor(source: Pick<PanelSource, "readState" | "writeState">, clock: Clock) {
    this.#source = source;
    this.#clock = clock;
  }

  get size(): number {
    return this.#source.readState(prefix).size;
  }

  list(): readonly User[] {
    return [...this.#source.readState(prefix)].flatMap(([key, value]) => {
      const record = recordSchema.safeParse(value).data;
      return record === undefined ? [] : [this.#view(key.slice(prefix.length), record)];
    });
  }

  find(user: string): User | undefined {
    const record = this.#record(user);
    return record === undefined ? undefined : this.#view(user, record);
  }

  /** What a person may do now; a disabled one may nothing. */
  rolesOf(user: string): readonly Role[] {
    const found = this.find(user);
    return found === undefined || found.disabled ? [] : found.roles;
  }

  hashOf(user: string): string | undefined {
    return this.#record(user)?.password;
  }

  /** Makes a person, or gives one a password; the rest of a known person stays. @throws Refusal; RackwatchError `store/...`. */
  put(user: string, password: string, roles?: readonly Role[]): void {
    const known = this.#record(user);
    if (known === undefined && this.size >= usersMax) throw refusals.tooManyUsers(usersMax);
    this.#lockedUntil.delete(user);
    this.#write(user, {
      ...(known ?? { createdAt: this.#clock.now(), roles: [...(roles ?? everyRole)] }),
      password,
      failures: undefined,
      lockedAt: undefined,
    });
  }

  /** @throws Refusal when nobody could manage users any more, or there is no such person. */
  change(user: string, change: UserChange): User {
    const record = this.#record(user);
    if (record === undefined) throw refusals.unknownUser(user);
    const { roles, fullName, disabled } = change;
    const changed: UserRecord = {
      ...record,
      ...(roles === undefined ? {} : { roles: [...roles] }),
      ...(fullName === undefined ? {} : { fullName }),
      ...(disabled === undefined ? {} : { disabled }),
    };
    const view = this.#view(user, changed);
    const others = this.list().filter((other) => other.user !== user);
    if (![...others, view].some(managesUsers)) throw refusals.lastAdmin();
    this.#write(user, changed);
    return view;
  }

  unlock(user: string): User {
    const record = this.#record(user);
    if (record === undefined) throw refusals.unknownUser(user);
    this.#lockedUntil.delete(user);
    const unlocked = { ...record, failures: undefined, lockedAt: undefined };
    this.#write(user, unlocked);
    return this.#view(user, unlocked);
  }

  /** Milliseconds until the person may try again; 0: now. */
  lockedForMs(user: string): number {
    return this.#lockedForMs(user, this.#record(user));
  }

  /** Counts a wrong password. True when it was the one that locks the person out. */
  failed(user: string): boolean {
    const record = this.#record(user);
    if (record === undefined) return false;
    const failures = (record.failures ?? 0) + 1;
    const locks = failures >= lockoutAfter;
    if (locks) this.#lockedUntil.set(user, this.#clock.monotonicMs() + lockoutMs);
    const lockedAt = locks ? this.#clock.now() : undefined;
    this.#write(user, { ...record, failures: locks ? 0 : failures, lockedAt });
    return locks;
  }

  succeeded(user: string): void {
    const record = this.#record(user);
    if (record === undefined || (record.failures ?? 0) === 0) return;
    this.#write(user, { ...record, failures: undefined, lockedAt: undefined });
  }

  #lockedForMs(user: string, record: UserRecord | undefined): number {
    const until = this.#lockedUntil.get(user);
    if (until !== undefined) return Math.max(0, until - this.#clock.monotonicMs());
    if (record?.lockedAt === undefined) return 0;
    // From before this start: by the wall clock, and never longer than a lockout lasts.
    const leftMs = record.lockedAt + lockoutMs - this.#clock.now();
    if (leftMs <= 0) return 0;
    const boundMs = Math.min(leftMs, lockoutMs);
    this.#lockedUntil.set(user, this.#clock.monotonicMs() + boundMs);
    return boundMs;
  }

  #record(user: string): UserRecord | undefined {
    const key = prefix + user;
    return recordSchema.safeParse(this.#source.readState(key).get(key)).data;
  }

  #view(user: string, record: UserRecord): User {
    return {
      user,
      roles: record.roles ?? everyRole,
      disabled: record.disabled === true,
      locked: this.#lockedForMs(user, record) > 0,
      createdAt: record.createdAt,
      ...(record.fullName === undefined ? {} : { fullName: record.fullName }),
    };
  }

  #write(user: string, record: UserRecord): void {
    this.#source.writeState(new Map([[prefix + user, record]]));
  }
}

function managesUsers({ roles, disabled }: User): boolean {
  return !disabled && roles.includes("admin");
}
