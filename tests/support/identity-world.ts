import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Database } from "../../cloud-sync/central/database/database.ts";
import { migrate } from "../../cloud-sync/central/database/migrations.ts";
import { openPglite } from "../../cloud-sync/central/database/pglite.ts";
import { makeEnrolmentCode } from "../../cloud-sync/central/identity/enrolment.ts";
import { type Central, type CentralOptions, startCentral } from "../../cloud-sync/central/main.ts";
import { enrollCommand } from "../../cloud-sync/cli/enroll.ts";
import { IdentityReader } from "../../cloud-sync/identity/identity.ts";
import type { Hello } from "../../cloud-sync/protocol.ts";
import { HttpUplink } from "../../cloud-sync/uplinks/http.ts";
import { syncText } from "../../config/language/sync.ts";
import type { Clock } from "../../drivers/contract.ts";
import { Secret } from "../../drivers/secret.ts";
import { runCommand } from "../../gateway/cli/command.ts";
import { systemClock } from "../../gateway/runtime/clock.ts";
import { memoryIo } from "./command-io.ts";
import { memoryLog } from "./manual-clock.ts";

export const tlsFixtures = join(import.meta.dirname, "../fixtures/tls");
export const authorityFile = join(tlsFixtures, "authority.pem");

/** A central that ends TLS itself, and gateways that enrol at it. */
export class IdentityWorld implements AsyncDisposable {
  readonly database: Database;
  readonly folder = mkdtempSync(join(tmpdir(), "rackwatch-identity-"));
  readonly log = memoryLog();
  /** Gateways that asked for messages, as often as they did. */
  readonly asked: string[] = [];
  /** Central's clock is ahead by this. */
  aheadMs = 0;
  readonly #centrals: Central[] = [];

  private constructor(database: Database) {
    this.database = database;
  }

  static async open(): Promise<IdentityWorld> {
    const database = await openPglite();
    await migrate(database);
    return new IdentityWorld(database);
  }

  get clock(): Clock {
    return { ...systemClock, now: () => systemClock.now() + this.aheadMs };
  }

  /** With central's own certificate for localhost, unless something else is asked for. */
  central(more: Partial<CentralOptions> = {}): Promise<Central> {
    const tls = {
      certFile: join(tlsFixtures, "localhost.pem"),
      keyFile: join(tlsFixtures, "localhost.key"),
    };
    return this.plainCentral({ tls, ...more });
  }

  /** As behind a proxy that ends TLS. */
  async plainCentral(more: Partial<CentralOptions> = {}): Promise<Central> {
    const central = await startCentral({
      listen: "127.0.0.1:0",
      openDatabase: async () => ({
        ...this.database,
        query: (sql, values) => {
          if (sql.includes("JOIN LATERAL")) this.asked.push(String(values?.[0]));
          return this.database.query(sql, values);
        },
        [Symbol.asyncDispose]: async () => undefined,
      }),
      clock: this.clock,
      log: this.log.log,
      version: "0.0.0",
      keys: { folder: join(this.folder, "keys") },
      ...more,
    });
    this.#centrals.push(central);
    return central;
  }

  async code(gateway: string, validMs = 3_600_000): Promise<string> {
    return (await makeEnrolmentCode(this.database, gateway, validMs)).code;
  }

  dataDir(name: string): string {
    return join(this.folder, name);
  }

  /** `rackwatch enroll` as a technician calls it. */
  async enrol(central: Central, dataDir: string, code: string, ...args: readonly string[]) {
    const { io, seen } = memoryIo();
    const trust = args.includes("--fingerprint") || args.includes("--ca") ? [] : ["--ca"];
    const ca = trust.length === 0 ? [] : [...trust, authorityFile];
    const all = [code, "--data", dataDir, "--central", central.address, ...ca, ...args];
    await runCommand(enrollCommand(io), all, io);
    return seen;
  }

  /** Code and enrolment in one; the folder that was enrolled. */
  async enrolled(central: Central, gateway: string): Promise<string> {
    const dataDir = this.dataDir(`${gateway}-${Math.random().toString(36).slice(2)}`);
    const seen = await this.enrol(central, dataDir, await this.code(gateway));
    if (seen.code !== 0) throw new Error(seen.err);
    return dataDir;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const central of this.#centrals) await central.stop();
    await this.database[Symbol.asyncDispose]();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The agent's way to central, by certificate or by token. */
export function uplinkOf(
  central: Pick<Central, "address">,
  gatewayId: string,
  by: { readonly dataDir: string } | { readonly token: string },
  language: "en" | "zh" = "en",
): HttpUplink {
  return new HttpUplink({
    central: central.address,
    gatewayId,
    text: syncText[language],
    ...("token" in by
      ? { credentials: new Secret(by.token) }
      : { identity: new IdentityReader(by.dataDir) }),
  });
}

export function helloOf(gateway: string): Hello {
  const span = { first: 1, last: 0, cursor: 0 };
  return {
    schemaVersions: [1, 2],
    gateway,
    epoch: `epoch-${gateway}`,
    ancestors: [],
    lanes: { events: span, samples: span },
    sentAt: Date.now(),
  };
}
