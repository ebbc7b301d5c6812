import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openPglite } from "../../cloud-sync/central/database/pglite.ts";
import { addOperator } from "../../cloud-sync/central/down/operators.ts";
import { startCentral } from "../../cloud-sync/central/main.ts";
import { addGateway } from "../../cloud-sync/central/tokens.ts";
import { runSync } from "../../cloud-sync/main.ts";
import { Secret } from "../../drivers/secret.ts";
import { systemClock } from "../../gateway/runtime/clock.ts";
import { coldRoom } from "../support/cold-room.ts";
import { memoryLog } from "../support/manual-clock.ts";

const soon = { timeout: 60_000, interval: 200 };

test("a limit that is changed in the office raises the alarm in the room; a change from an old page is refused", {
  timeout: 240_000,
}, async () => {
  const keys = mkdtempSync(join(tmpdir(), "rackwatch-whole-keys-"));
  onTestFinished(() => rmSync(keys, { recursive: true, force: true }));
  await using it = await coldRoom({ env: () => ({ RACKWATCH_TRIAL_MS: "3000" }) });
  await using database = await openPglite();
  const atCentral = memoryLog();
  const central = await startCentral({
    listen: "127.0.0.1:0",
    openDatabase: async () => ({ ...database, [Symbol.asyncDispose]: async () => undefined }),
    clock: systemClock,
    log: atCentral.log,
    version: "0.0.0",
    keys: { folder: keys },
  });
  const ended = new AbortController();
  await addGateway(database, "cold-room", "a-token-of-the-room");
  const token = await addOperator(database, { name: "Li Wei", role: "operator" });
  const ask = async (method: string, path: string, body?: unknown) => {
    const response = await fetch(`${central.address}/v1/gateways/cold-room/${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    // What runs is not known yet: the one refusal that is part of the story.
    const answers = method === "GET" && path === "configuration" ? [200, 404] : [200];
    expect(answers, `${method} ${path}`).toContain(response.status);
    return response.json();
  };
  await it.start();
  await it.live();
  const { log, entries } = memoryLog();
  const agent = runSync(
    {
      ...{
        gatewayId: "cold-room",
        language: "en",
        boot: "boot-1",
        env: {},
        clock: systemClock,
        log,
      },
      dataDir: it.rig.dataDir,
      sync: {
        ...{ central: central.address, credentials: new Secret("a-token-of-the-room") },
        ...{ uplinks: {}, goneFor: 3_600_000 },
      },
      push: { notify: {}, mail: undefined },
    } as never,
    ended.signal,
  );
  try {
    await expect
      .poll(() => ask("GET", "configuration"), soon)
      .toMatchObject({ source: "file", sections: { rules: { warm: {} } } });
    const seen = await ask("GET", "configuration");
    const warm = { ...seen.sections.rules.warm, above: 3 };
    const sections = { rules: { ...seen.sections.rules, warm } };
    const base = seen.digest;
    await ask("POST", "revisions", { sections, base, comment: "colder" });
    await it.alarm("warm");
    await expect
      .poll(() => ask("GET", "revisions"), soon)
      .toMatchObject([
        { revision: 1, state: "confirmed", author: "Li Wei", comment: "colder" },
        { source: "file" },
      ]);
    expect(readFileSync(it.rig.configFile, "utf8")).toContain("above: 3");
    const now = await ask("GET", "configuration");
    expect(now).toMatchObject({ source: "central", sections: { rules: { warm: { above: 3 } } } });
    expect(now.digest).not.toBe(base);
    const stale = { rules: { ...seen.sections.rules, warm: { ...warm, above: 20 } } };
    await ask("POST", "revisions", { sections: stale, base });
    await expect
      .poll(() => ask("GET", "revisions"), soon)
      .toMatchObject([{ revision: 2, state: "refused", base }, { revision: 1 }, {}]);
    expect(await ask("GET", "configuration")).toMatchObject({ digest: now.digest });
    await ask("POST", "commands", { action: "acknowledge", target: "warm", id: "ack" });
    await expect
      .poll(() => ask("GET", "commands"), soon)
      .toMatchObject([{ id: "ack", state: "done", by: "Li Wei" }]);
    // Nobody had a request that failed, was refused or had to be sent again.
    const isTrouble = ({ level }: { readonly level: string }) =>
      level === "error" || level === "warn";
    expect(entries.filter(isTrouble)).toEqual([]);
    expect(atCentral.entries.filter(isTrouble)).toEqual([]);
  } finally {
    ended.abort();
    await agent;
    await central.stop();
  }
});
