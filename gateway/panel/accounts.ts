import { z } from "zod";
import type { Clock } from "../../drivers/contract.ts";
import { hashesAtOnceMax, hashesWaitingMax } from "./limits.ts";
import { hashPassword, isOutdated, verifyPassword } from "./password.ts";
import { refusals } from "./refusal.ts";
import type { SetupCode } from "./setup-code.ts";
import type { PanelSource } from "./source.ts";
import { Tries } from "./tries.ts";

const prefix = "user/";

const recordSchema = z.object({ password: z.string(), createdAt: z.number() });

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
  readonly #tries = new Tries();
  #hashing = 0;
  #waiting: (() => void)[] = [];
  #settingUp = false;

  constructor(options: AccountsOptions) {
    this.#options = options;
  }

  get setupNeeded(): boolean {
    return this.#options.source.readState(prefix).size === 0;
  }

  /** Resolves when the password is right. @throws Refusal. */
  async login(user: string, password: string, address: string): Promise<void> {
    const { source, clock } = this.#options;
    this.#begin(user, address);
    const hash = this.#hashOf(user);
    const right = await this.#inTurn(() => verifyPassword(password, hash ?? nobodysHash));
    if (hash === undefined || !right) {
      this.#tries.failed(user, address, clock.monotonicMs());
      source.audit("login-failed", user, { address });
      throw refusals.wrongLogin();
    }
    this.#tries.succeeded(user, address);
    if (isOutdated(hash)) await this.#store(user, password);
    source.audit("login", user, { address });
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

  #hashOf(user: string): string | undefined {
    const value = this.#options.source.readState(prefix).get(prefix + user);
    return recordSchema.safeParse(value).data?.password;
  }

  async #store(user: string, password: string): Promise<void> {
    const { source, clock } = this.#options;
    const hash = await this.#inTurn(() => hashPassword(password));
    source.writeState(new Map([[prefix + user, { password: hash, createdAt: clock.now() }]]));
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
