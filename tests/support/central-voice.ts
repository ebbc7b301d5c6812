import { generateKeyPairSync, sign } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import Database from "better-sqlite3";
import { inboxFileName, inboxTable, trustFileName } from "../../gateway/store/inbox-file.ts";

/** Central's voice in a gateway's inbox, as the agent keeps it: signed, numbered, on disk. */
export class CentralVoice {
  readonly #dataDir: string;
  readonly #key = generateKeyPairSync("ed25519");
  readonly #gateway: string;
  number = 0;

  constructor(dataDir: string, gateway: string) {
    this.#dataDir = dataDir;
    this.#gateway = gateway;
    mkdirSync(join(dataDir, "sync"), { recursive: true });
    const pem = this.#key.publicKey.export({ type: "spki", format: "pem" });
    writeFileSync(join(dataDir, trustFileName), JSON.stringify({ k1: pem }));
  }

  /** Puts a message into the inbox; `change` forges what was signed. */
  say(
    body: Readonly<Record<string, unknown>>,
    message: Readonly<Record<string, unknown>> = {},
    change: {
      readonly text?: (text: string) => string;
      readonly number?: number;
      readonly key?: string;
    } = {},
  ): number {
    this.number += 1;
    const said = {
      ...{ gateway: this.#gateway, number: this.number, issuedAt: Date.now(), by: "Wang" },
      ...{ body, ...message },
    };
    const signed = JSON.stringify(said);
    const signature = sign(null, Buffer.from(signed), this.#key.privateKey).toString("base64url");
    const text = change.text?.(signed) ?? signed;
    const file = join(this.#dataDir, inboxFileName);
    mkdirSync(dirname(file), { recursive: true });
    const db = new Database(file);
    try {
      db.exec(inboxTable);
      db.prepare(
        "INSERT INTO message (number, text, key, signature, received_at) VALUES (?, ?, ?, ?, ?)",
      ).run(...[change.number ?? this.number, text, change.key ?? "k1", signature, Date.now()]);
    } finally {
      db.close();
    }
    return this.number;
  }

  command(action: string, more: Readonly<Record<string, unknown>> = {}): number {
    return this.say({ kind: "command", id: `c${this.number + 1}`, action, ...more });
  }

  revision(sections: unknown, more: Readonly<Record<string, unknown>> = {}): number {
    return this.say({ kind: "revision", revision: this.number + 1, sections, ...more });
  }
}
