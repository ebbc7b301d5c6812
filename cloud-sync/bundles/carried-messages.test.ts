import { createPublicKey } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { afterAll, expect, test } from "vitest";
import { syncText } from "../../config/language/sync.ts";
import { doneKey } from "../../gateway/revisions/told.ts";
import { databaseName } from "../../gateway/store/database.ts";
import { testSigner } from "../../tests/support/down-suite.ts";
import { ManualClock, memoryLog } from "../../tests/support/manual-clock.ts";
import { InboxBook, keptMessagesMax } from "../down/inbox-book.ts";
import { keyName } from "../identity/key-name.ts";
import { inboxMessagesMax } from "../protocol-down.ts";
import type { BundleAnswer } from "./answer-format.ts";
import { CarriedMessages } from "./carried-messages.ts";

const dataDir = mkdtempSync(join(tmpdir(), "rackwatch-carried-"));
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

const signer = testSigner();
const central = { ...signer, key: keyName(createPublicKey(signer.publicKeyPem)) };

function message(number: number) {
  const text = JSON.stringify({
    ...{ gateway: "gw", number, issuedAt: 1, by: "Li Wei" },
    body: { kind: "command", id: `c${number}`, action: "silence" },
  });
  return { number, text, key: central.key, signature: central.sign(text) };
}

/** As central tells a gateway that holds these many. */
function answer(after: number): BundleAnswer {
  return {
    ...{ rackwatch: "answer", version: 1, gateway: "gw", generation: "g", madeAt: after },
    ...{ marks: [], refused: [], files: [], after },
    messages: Array.from({ length: inboxMessagesMax }, (_, at) => message(after + at + 1)),
    signingKey: { key: central.key, publicKey: central.publicKeyPem },
  };
}

test("a gateway that does nothing keeps a thousand messages from sticks; the others wait at central until it has done some", () => {
  const { log } = memoryLog();
  using messages = new CarriedMessages({
    ...{ gatewayId: "gw", dataDir, clock: new ManualClock(), log, text: syncText.en },
  });
  using book = new InboxBook(dataDir, syncText.en);
  const visit = () => messages.take(answer(messages.held() ?? 0));
  for (let visits = 0; visits < 70; visits += 1) visit();
  const kept = book.count();
  expect(kept).toBeGreaterThanOrEqual(keptMessagesMax);
  expect(kept).toBeLessThan(keptMessagesMax + inboxMessagesMax);
  expect(messages.held(), "central is asked for what comes behind them").toBe(kept);
  const db = new Sqlite(join(dataDir, databaseName));
  db.exec("CREATE TABLE state (key TEXT PRIMARY KEY, value TEXT NOT NULL)");
  db.prepare("INSERT INTO state VALUES (?, ?)").run(doneKey, "500");
  db.close();
  visit();
  expect(book.count()).toBe(kept - 500 + inboxMessagesMax);
  expect(messages.held()).toBe(kept + inboxMessagesMax);
});
