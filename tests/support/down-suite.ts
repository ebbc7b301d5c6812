import { generateKeyPairSync, sign, verify } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Database } from "../../cloud-sync/central/database/database.ts";
import { migrate } from "../../cloud-sync/central/database/migrations.ts";
import {
  type CommandRequest,
  command,
  commandRequestSchema,
  readCommands,
} from "../../cloud-sync/central/down/commands.ts";
import {
  composeDue,
  desireOfGroup,
  readGroup,
  setMembers,
} from "../../cloud-sync/central/down/groups.ts";
import { readConfiguration, readRevisions } from "../../cloud-sync/central/down/history.ts";
import {
  messagesFor,
  pruneMessages,
  settledKeptMs,
} from "../../cloud-sync/central/down/messages.ts";
import { keepOutcomes } from "../../cloud-sync/central/down/outcomes.ts";
import { type Desired, desire } from "../../cloud-sync/central/down/revisions.ts";
import { addGateway } from "../../cloud-sync/central/tokens.ts";
import type { SignedMessage } from "../../cloud-sync/protocol-down.ts";
import type { Sections } from "../../config/managed-sections.ts";
import { type Message, messageSchema } from "../../gateway/down/message.ts";
import type { RevisionEvent } from "../../gateway/down/outcome.ts";
import { downLimits } from "./down-limits.ts";

/** A key of central, for tests. */
export function testSigner(key = "central-1") {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  return {
    key,
    publicKeyPem: publicKey.export({ type: "spki", format: "pem" }).toString(),
    sign: (text: string | Uint8Array) =>
      sign(null, Buffer.from(text), privateKey).toString("base64url"),
    verifies: ({ text, signature }: SignedMessage) =>
      verify(null, Buffer.from(text), publicKey, Buffer.from(signature, "base64url")),
  };
}

const limit = (priority: string) => ({ point: "room/t", above: 8, priority });

/** What central tells gateways, the same on every database; without one (undefined) the caller skips the tests. */
export function downSuite(open: () => Promise<Database | undefined>): void {
  const now = Date.UTC(2026, 10, 23);
  const author = { by: "Li Wei", at: now };
  const signer = testSigner();
  let database: Database;
  let opened: Database | undefined;
  let made = 0;
  let seq = 0;

  beforeAll(async () => {
    opened = await open();
    if (opened === undefined) return;
    database = opened;
    await migrate(database);
  }, 180_000);
  afterAll(async () => opened?.[Symbol.asyncDispose]());

  async function newGateway(): Promise<string> {
    made += 1;
    await addGateway(database, `down-${made}`, `down-token-${made}`);
    return `down-${made}`;
  }

  const ask = (gateway: string, after = 0, at = now) =>
    messagesFor(database, signer, gateway, after, at);
  const read = ({ text }: SignedMessage): Message => messageSchema.parse(JSON.parse(text));
  const revise = (gateway: string, desired: Desired) =>
    database.transaction((queries) => desire(queries, signer, gateway, desired, author));
  const order = (gateway: string, request: Partial<CommandRequest>, at = now) =>
    database.transaction((queries) =>
      command(
        queries,
        signer,
        gateway,
        commandRequestSchema.parse({ action: "silence", ...request }),
        { by: "Li Wei", at },
      ),
    );
  const tell = (gateway: string, kind: string, body: Record<string, unknown>) =>
    database.transaction((queries) => {
      seq += 1;
      return keepOutcomes(queries, { gateway, epochNumber: 1 }, [
        { seq, kind, at: now - 100_000 + seq, body: body as never },
      ]);
    });
  const outcome = (gateway: string, said: Partial<RevisionEvent>) =>
    tell(gateway, "revision", {
      ...{ serial: 1, outcome: "confirmed", source: "central", author: "Li Wei", digest: "d" },
      ...said,
    });
  const runs = (gateway: string, sections: Sections, digest = "d0") =>
    outcome(gateway, { source: "file", author: "technician", digest, sections });

  test("messages of a gateway have numbers without a hole, also when many are issued at once", async () => {
    const gateway = await newGateway();
    await Promise.all(Array.from({ length: 12 }, (_, n) => order(gateway, { id: `c${n}` })));
    const messages = await ask(gateway);
    expect(messages.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    expect(messages.every((message) => signer.verifies(message))).toBe(true);
    const fourth = messages.slice(3, 4).map(read);
    expect(fourth[0]).toMatchObject({ gateway, number: 4, by: "Li Wei" });
    expect((await ask(gateway, 10)).map(({ number }) => number)).toEqual([11, 12]);
  });

  test("a command under the same id is one command; another one under it is refused", async () => {
    const gateway = await newGateway();
    await order(gateway, { id: "once", action: "test", target: "wall" });
    await order(gateway, { id: "once", action: "test", target: "wall" });
    expect(await ask(gateway)).toHaveLength(1);
    await expect(
      order(gateway, { id: "once", action: "test", target: "door" }),
    ).rejects.toMatchObject({
      refusal: { code: "conflict" },
    });
  });

  test("a silence is that of all buzzers; an action that needs a target has one", () => {
    const isTaken = (request: object) => commandRequestSchema.safeParse(request).success;
    const silence = { action: "silence" };
    const all = [silence, { ...silence, target: "all" }, { ...silence, target: "wall" }];
    expect(all.map(isTaken)).toEqual([true, true, false]);
    for (const action of ["acknowledge", "test", "restart-channel"]) {
      expect([isTaken({ action }), isTaken({ action, target: "x" })]).toEqual([false, true]);
    }
  });

  test("a command is told until its time is over, and then it is expired", async () => {
    const gateway = await newGateway();
    await order(gateway, { id: "late", expiresInMs: 60_000 });
    expect(await ask(gateway, 0, now + 59_000)).toHaveLength(1);
    expect(await ask(gateway, 0, now + 60_001)).toHaveLength(0);
    expect(await readCommands(database, gateway, now)).toMatchObject([{ state: "waiting" }]);
    expect(await readCommands(database, gateway, now + 60_001)).toMatchObject([
      { state: "expired" },
    ]);
  });

  test("what became of a command is kept once, however often it is told", async () => {
    const gateway = await newGateway();
    await order(gateway, { id: "c", action: "test", target: "wall" });
    await ask(gateway, 1);
    expect(await readCommands(database, gateway, now)).toMatchObject([{ state: "fetched" }]);
    const said = { id: "c", action: "test", by: "Li Wei" };
    await tell(gateway, "command", { ...said, outcome: "failed", reason: "no such output" });
    await tell(gateway, "command", { ...said, outcome: "done" });
    expect(await readCommands(database, gateway, now)).toMatchObject([
      { state: "failed", reason: "no such output", target: "wall" },
    ]);
    expect(await ask(gateway, 0)).toHaveLength(0);
  });

  test("a newer revision takes the place of one that nobody has fetched", async () => {
    const gateway = await newGateway();
    const first = await revise(gateway, { sections: { rules: { a: limit("low") } } });
    const second = await revise(gateway, { sections: { rules: { a: limit("high") } }, base: "d0" });
    expect((await ask(gateway)).map(({ number }) => number)).toEqual([second]);
    expect(await readRevisions(database, gateway)).toMatchObject([
      { revision: second, state: "waiting", base: "d0" },
      { revision: first, state: "superseded" },
    ]);
    await ask(gateway, second);
    await revise(gateway, { sections: { rules: {} } });
    const states = (await readRevisions(database, gateway)).map(({ state }) => state);
    expect(states).toEqual(["waiting", "fetched", "superseded"]);
  });

  test("the outcome, its reason and the difference stand beside each revision", async () => {
    const gateway = await newGateway();
    await runs(gateway, { rules: { a: limit("low"), b: limit("low") } });
    const revision = await revise(gateway, {
      sections: { rules: { a: limit("high"), b: limit("low") } },
      comment: "door",
    });
    await outcome(gateway, { revision, outcome: "applied", digest: "d1", serial: 2 });
    // Until it is settled an agent that lost its file is told again; from then on never.
    expect(await ask(gateway)).toHaveLength(1);
    await outcome(gateway, {
      revision,
      outcome: "rolled-back",
      digest: "d0",
      serial: 3,
      reason: "x",
    });
    expect(await ask(gateway)).toEqual([]);
    const [newest, local] = await readRevisions(database, gateway);
    expect(newest).toMatchObject({ revision, comment: "door", state: "rolled-back", reason: "x" });
    expect(newest?.difference?.split("\n").filter((line) => /^[-+]/.test(line))).toEqual([
      "-     priority: low",
      "+     priority: high",
    ]);
    expect(local).toMatchObject({ source: "file", author: "technician", serial: 1 });
    const { digest, sections } = await readConfiguration(database, gateway);
    expect([digest, sections]).toEqual(["d0", { rules: { a: limit("low"), b: limit("low") } }]);
  });

  test("what was confirmed is what runs; a change that the gateway did not tell leaves it unknown", async () => {
    const gateway = await newGateway();
    await runs(gateway, { rules: { a: limit("low") }, items: { bolt: { name: "bolt" } } });
    const revision = await revise(gateway, { sections: { rules: { b: limit("high") } } });
    await outcome(gateway, { revision, digest: "d1", serial: 2 });
    expect(await readConfiguration(database, gateway)).toMatchObject({
      digest: "d1",
      sections: { rules: { b: limit("high") }, items: { bolt: { name: "bolt" } } },
    });
    await outcome(gateway, { source: "file", digest: "d2", serial: 3 });
    const unknown = await readConfiguration(database, gateway);
    expect([unknown.digest, unknown.sections]).toEqual(["d2", undefined]);
    const text = JSON.stringify({ rules: { c: limit("low") } });
    const parts = { digest: "d2", serial: 3, parts: 2 };
    await tell(gateway, "configuration", { ...parts, part: 2, text: text.slice(9) });
    await tell(gateway, "configuration", { ...parts, part: 1, text: text.slice(0, 9) });
    expect(await readConfiguration(database, gateway)).toMatchObject({
      sections: { rules: { c: limit("low") } },
    });
  });

  test("a group gives each member its entries; the gateway's own stay, and come back alone when it leaves", async () => {
    const [one, two] = [await newGateway(), await newGateway()];
    const name = `group-${one}`;
    await runs(one, { rules: { own: limit("low") } }, "one");
    await database.transaction((queries) => setMembers(queries, name, [one, two], author));
    const given = { rules: { shared: limit("high"), own: limit("high") } };
    await database.transaction((queries) =>
      desireOfGroup(queries, name, { sections: given, comment: "all" }, author),
    );
    await composeDue(database, signer, now, 100);
    const [message] = await ask(one);
    expect(message && read(message).body).toMatchObject({
      base: "one",
      comment: "all",
      sections: { rules: { shared: limit("high"), own: limit("low") } },
    });
    const states = async () => (await readGroup(database, name)).members.map(({ state }) => state);
    expect(await ask(two)).toHaveLength(0);
    expect(await states()).toEqual(["told", "unknown"]);
    await runs(two, {}, "two");
    await composeDue(database, signer, now, 100);
    expect((await ask(two)).map((it) => read(it).body)).toMatchObject([{ sections: given }]);
    await outcome(one, { revision: message?.number ?? 0, digest: "one-b", serial: 2 });
    await database.transaction((queries) => setMembers(queries, name, [two], author));
    await composeDue(database, signer, now, 100);
    const left = (await ask(one, message?.number)).map((it) => read(it).body);
    expect(left).toMatchObject([{ base: "one-b" }]);
    expect(left[0]).toHaveProperty("sections", { rules: { own: limit("low") } });
  });

  test("a change at the gateway that a group's revision met becomes its own, and goes before the group's", async () => {
    const gateway = await newGateway();
    const name = `group-${gateway}`;
    await runs(gateway, { rules: { a: limit("low") } }, "d0");
    await database.transaction((queries) => setMembers(queries, name, [gateway], author));
    const give = (priority: string) =>
      database.transaction((queries) =>
        desireOfGroup(queries, name, { sections: { rules: { g: limit(priority) } } }, author),
      );
    await give("low");
    await composeDue(database, signer, now, 100);
    const edited = { rules: { a: limit("high"), local: limit("low") } };
    await outcome(gateway, { revision: 1, outcome: "refused", digest: "d7", sections: edited });
    await composeDue(database, signer, now, 100);
    expect((await ask(gateway, 1)).map((it) => read(it).body)).toMatchObject([
      { base: "d7", sections: { rules: { g: limit("low"), ...edited.rules } } },
    ]);
    await outcome(gateway, { revision: 2, digest: "d8" });
    await give("high");
    await composeDue(database, signer, now, 100);
    expect((await ask(gateway, 2)).map((it) => read(it).body)).toMatchObject([
      { base: "d8", sections: { rules: { g: limit("high"), ...edited.rules } } },
    ]);
  });

  test("a group's revision that met a change which did not run yet comes again when it runs", async () => {
    const gateway = await newGateway();
    const name = `group-${gateway}`;
    await runs(gateway, { rules: { a: limit("low") } }, "d0");
    await database.transaction((queries) => setMembers(queries, name, [gateway], author));
    await database.transaction((queries) =>
      desireOfGroup(queries, name, { sections: { rules: { g: limit("low") } } }, author),
    );
    await composeDue(database, signer, now, 100);
    const sections = { rules: { a: limit("low") } };
    const reason = "config/conflict: the file at the gateway has a change that does not run yet";
    await outcome(gateway, { revision: 1, outcome: "refused", digest: "d0", reason, sections });
    await composeDue(database, signer, now, 100);
    expect(await ask(gateway, 1)).toEqual([]);
    await runs(gateway, { rules: { a: limit("high") } }, "d1");
    await composeDue(database, signer, now, 100);
    expect((await ask(gateway, 1)).map((it) => read(it).body)).toMatchObject([
      { base: "d1", sections: { rules: { a: limit("high"), g: limit("low") } } },
    ]);
  });

  downLimits({
    ...{ database: () => database, signer, author, newGateway, ask, read, revise, order, runs },
  });

  test("after central was restored numbers go on from what the gateway holds, and nothing new is lost", async () => {
    const gateway = await newGateway();
    await order(gateway, { id: "before" });
    await ask(gateway, 1);
    // Restored to here; three messages that followed are forgotten. Then somebody decides two things.
    const revision = await revise(gateway, { sections: { rules: { a: limit("high") } } });
    await order(gateway, { id: "after" });
    await outcome(gateway, { revision, outcome: "refused", reason: "of the forgotten one" });
    await database.query("UPDATE message SET settled_at = NULL WHERE gateway = $1", [gateway]);
    const told = await ask(gateway, 4);
    expect(told.map(({ number }) => number)).toEqual([5, 6]);
    expect(told.every((message) => signer.verifies(message))).toBe(true);
    expect(told.map(read)).toMatchObject([
      { number: 5, body: { kind: "revision", revision: 5 } },
      { number: 6, body: { kind: "command", id: "after" } },
    ]);
    expect((await readRevisions(database, gateway))[0]).toMatchObject({
      revision: 5,
      state: "waiting",
    });
    expect(await order(gateway, { id: "next" })).toBe("next");
    expect((await ask(gateway, 6)).map(({ number }) => number)).toEqual([7]);
    await expect(ask(gateway, 2 ** 50)).rejects.toMatchObject({ refusal: { code: "bad-request" } });
  });

  test("the last receiver of alarms is not taken away from afar", async () => {
    const gateway = await newGateway();
    await runs(gateway, { notify: { night: { email: ["a@example.com"] } } });
    await expect(revise(gateway, { sections: { notify: {} } })).rejects.toMatchObject({
      refusal: { code: "bad-request" },
    });
    expect(await ask(gateway)).toHaveLength(0);
  });

  test("messages are forgotten long after they were settled, and not before", async () => {
    const gateway = await newGateway();
    await order(gateway, { id: "old" });
    await order(gateway, { id: "open", expiresInMs: 86_400_000 });
    await tell(gateway, "command", { id: "old", action: "silence", by: "x", outcome: "done" });
    const kept = async (at: number) => {
      await pruneMessages(database, at);
      const rows = await database.query(
        "SELECT number::int AS number FROM message WHERE gateway = $1 ORDER BY number",
        [gateway],
      );
      return rows.map((row) => row["number"]);
    };
    expect(await kept(Date.now())).toEqual([1, 2]);
    expect(await kept(Math.max(now, Date.now()) + settledKeptMs + 172_800_000)).toEqual([]);
    expect((await order(gateway, { id: "then" })) && (await ask(gateway))[0]?.number).toBe(3);
  });

  test("a gateway that nobody enrolled is told nothing, and asking for it is no error", async () => {
    await expect(order("nobody", {})).rejects.toMatchObject({ refusal: { code: "not-found" } });
    expect(await ask("nobody", 0)).toEqual([]);
  });

  test("whatever an agent loses, repeats or reorders, it gets each message once and in order", async () => {
    const steps = fc.array(
      fc.oneof(
        fc.constant({ do: "issue" as const }),
        fc.record({ do: fc.constant("ask" as const), lost: fc.boolean(), late: fc.nat(3) }),
      ),
      { maxLength: 24 },
    );
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        const gateway = await newGateway();
        let issued = 0;
        const held: number[] = [];
        const late: (readonly SignedMessage[])[] = [];
        const take = (messages: readonly SignedMessage[]) => {
          for (const { number } of messages) if (number > (held.at(-1) ?? 0)) held.push(number);
        };
        for (const step of all) {
          if (step.do === "issue") {
            issued += 1;
            await order(gateway, { id: `p${issued}` });
            continue;
          }
          const answer = await ask(gateway, held.at(-1) ?? 0);
          if (!step.lost) take(answer);
          late.push(answer);
          take(late[step.late] ?? []);
        }
        while ((held.at(-1) ?? 0) < issued) take(await ask(gateway, held.at(-1) ?? 0));
        expect(held).toEqual(Array.from({ length: issued }, (_, index) => index + 1));
      }),
      { numRuns: 15 },
    );
  });
}
