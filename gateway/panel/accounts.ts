import type { Clock } from "../../drivers/contract.ts";
import type { Role } from "./duties.ts";
import { hashesAtOnceMax, hashesWaitingMax } from "./limits.ts";
import { hashPassword, isOutdated, verifyPassword } from "./password.ts";
import { refusals } from "./refusal.ts";
import type { SetupCode } from "./setup-code.ts";
import type { PanelSource } from "./source.ts";
import { Tries } from "./tries.ts";
import { UserBook } from "./user-book.ts";

/** Verified for users who do not exist, so that the time of an answer does not tell which do. */
const nobodysHash =
  "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

export interface AccountsOptions {
  readonly source: Pick<PanelSource, "readState" | "writeState" | "audit">;
  readonly clock: Clock;
  /** Of a first start. */
  readonly setupCode?: SetupCode;
}

/** The people who may act, and how they prove it. */
export class Accounts {
  readonly #options: AccountsOptions;
  readonly users: UserBook;
  readonly #tries = new Tries();
  #hashing = 0;
  #waiting: (() => void)[] = [];
  #settingUp = false;

  constructor(options: AccountsOptions) {
    this.#options = options;
    this.users = new UserBook(options.source, options.clock);
  }

  get setupNeeded(): boolean {
    return this.users.size === 0;
  }

  /** Resolves when the password is right and the person may act. @throws Refusal. */
  async login(user: string, password: string, address: string): Promise<void> {
    const { source } = this.#options;
    this.#begin(user, address);
    await this.#prove(user, password, address);
    source.audit("login", user, { address });
  }

  /** Resolves when whoever is logged in knows the password as well. @throws Refusal. */
  async confirm(user: string, password: string, address: string): Promise<void> {
    this.#begin(user, address);
    await this.#prove(user, password, address);
  }

  /** A person's own new password. @throws Refusal. */
  async changePassword(user: string, old: string, password: string, address: string) {
    this.#begin(user, address);
    await this.#prove(user, old, address);
    await this.#store(user, password);
    this.#options.source.audit("password-changed", user, { address });
  }

  /** A person that another one makes. @throws Refusal when there is one of that name. */
  async add(by: string, user: string, password: string, roles: readonly Role[]): Promise<void> {
    if (this.users.find(user) !== undefined) throw refusals.userExists(user);
    const hash = await this.#inTurn(() => hashPassword(password));
    if (this.users.find(user) !== undefined) throw refusals.userExists(user);
    this.users.put(user, hash, roles);
    this.#options.source.audit("user-added", by, { user, roles: [...roles] });
  }

  /** A new password that another person gives. @throws Refusal. */
  async resetPassword(by: string, user: string, password: string): Promise<void> {
    if (this.users.find(user) === undefined) throw refusals.unknownUser(user);
    await this.#store(user, password);
    this.#options.source.audit("password-reset", by, { user });
  }

  /** Makes the first user. @throws Refusal; RackwatchError `store/...`, then the code stays good. */
  async setUp(code: string, user: string, password: string, address: string): Promise<void> {
    const { source, clock, setupCode } = this.#options;
    if (!this.setupNeeded || this.#settingUp || setupCode === undefined) throw refusals.setupDone();
    this.#begin("", address);
    const verdict = setupCode.check(code, clock.monotonicMs());
    if (verdict === "expired") throw refusals.setupCodeExpired();
    if (verdict === "wrong") throw refusals.setupCodeWrong();
    this.#settingUp = true;
    try {
      await this.#store(user, password);
    } finally {
      this.#settingUp = false;
    }
    source.audit("setup", user, { address });
  }

  #begin(user: string, address: string): void {
    const waitMs = this.#tries.begin(user, address, this.#options.clock.monotonicMs());
    if (waitMs > 0) throw refusals.tooManyTries(waitMs);
  }

  /** @throws Refusal when the password is wrong, or the person is locked out or disabled. */
  async #prove(user: string, password: string, address: string): Promise<void> {
    const { source, clock } = this.#options;
    const lockedMs = this.users.lockedForMs(user);
    if (lockedMs > 0) throw refusals.lockedOut(lockedMs);
    const hash = this.users.hashOf(user);
    const right = await this.#inTurn(() => verifyPassword(password, hash ?? nobodysHash));
    const usable = this.users.find(user)?.disabled === false;
    if (hash === undefined || !right || !usable) {
      this.#tries.failed(user, address, clock.monotonicMs());
      source.audit("login-failed", user, { address });
      if (this.users.failed(user)) source.audit("user-locked", user, { address });
      throw refusals.wrongLogin();
    }
    this.#tries.succeeded(user, address);
    this.users.succeeded(user);
    if (isOutdated(hash)) await this.#store(user, password);
  }

  async #store(user: string, password: string): Promise<void> {
    this.users.put(user, await this.#inTurn(() => hashPassword(password)));
  }

  /** At most `hashesAtOnceMax` hashes at a time. @throws Refusal when too many wait. */
  async #inTurn<T>(hash: () => Promise<T>): Promise<T> {
    if (this.#hashing >= hashesAtOnceMax) {
      if (this.#waiting.length >= hashesWaitingMax) throw refusals.busy();
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else {
      this.#hashing += 1;
    }
    try {
      return await hash();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#hashing -= 1;
      else next();
    }
  }
}
