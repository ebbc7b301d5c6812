import { expect, test } from "vitest";
import type { Database } from "../../cloud-sync/central/database/database.ts";
import { type CommandRequest, waitingMax } from "../../cloud-sync/central/down/commands.ts";
import { composeDue, desireOfGroup, setMembers } from "../../cloud-sync/central/down/groups.ts";
import type { Author, Desired } from "../../cloud-sync/central/down/revisions.ts";
import type { SigningKey } from "../../cloud-sync/central/identity/signing-key.ts";
import type { SignedMessage } from "../../cloud-sync/protocol-down.ts";
import type { Sections } from "../../config/managed-sections.ts";
import { type Message, messageCharsMax } from "../../gateway/down/message.ts";

/** What the tests of `downSuite` share. */
export interface DownLimitsParts {
  readonly database: () => Database;
  readonly signer: SigningKey;
  readonly author: Author;
  readonly newGateway: () => Promise<string>;
  readonly ask: (gateway: string, after?: number) => Promise<readonly SignedMessage[]>;
  readonly read: (message: SignedMessage) => Message;
  readonly revise: (gateway: string, desired: Desired) => Promise<number>;
  readonly order: (
    gateway: string,
    request: Partial<CommandRequest>,
    at?: number,
  ) => Promise<string>;
  readonly runs: (gateway: string, sections: Sections, digest?: string) => Promise<void>;
}

const limit = (priority: string) => ({ point: "room/t", above: 8, priority });

/** Where central says no to whoever decides, or not all at once to a gateway. */
export function downLimits(parts: DownLimitsParts): void {
  const { database, signer, author, newGateway, ask, read, revise, order, runs } = parts;
  const now = author.at;

  test("who decides for a group must have seen the last revision of it, of gateways that there are", async () => {
    const gateway = await newGateway();
    const name = `group-${gateway}`;
    const members = (all: string[]) =>
      database().transaction((queries) => setMembers(queries, name, all, author));
    await expect(members([gateway, "nobody"])).rejects.toMatchObject({
      refusal: { code: "not-found", message: "no such gateway: nobody" },
    });
    await members([gateway]);
    await runs(gateway, {}, "d0");
    const give = (sections: Sections, base?: string) =>
      database().transaction((queries) => desireOfGroup(queries, name, { sections, base }, author));
    expect(await give({ rules: { a: limit("low") } }, "0")).toBe(1);
    await expect(give({ rules: {} }, "0")).rejects.toMatchObject({ refusal: { code: "conflict" } });
    // Of two that come before the gateway is told, both are.
    expect(await give({ items: { bolt: { name: "bolt" } } }, "1")).toBe(2);
    await composeDue(database(), signer, now, 100);
    expect((await ask(gateway)).map((it) => read(it).body)).toMatchObject([
      { sections: { rules: { a: limit("low") }, items: { bolt: { name: "bolt" } } } },
    ]);
  });

  test("so many commands may wait and no more; a message that is too large for any gateway is none", async () => {
    const gateway = await newGateway();
    await order(gateway, { id: "first" });
    const fill = (from: number, to: number, outcome: string | null) =>
      database().query(
        `INSERT INTO command (gateway, id, number, action, author, issued_at, expires_at, outcome)
         SELECT $1::text, 'x' || n, n, 'silence', 'x', now(), to_timestamp($4::float8 / 1000), $5::text
         FROM generate_series($2::int, $3::int) n`,
        [gateway, from, to, now + 60_000, outcome],
      );
    // What has an outcome waits no more.
    await fill(100, 200, "done");
    await fill(1_001, 1_000 + waitingMax - 2, null);
    await order(gateway, { id: "last" });
    await expect(order(gateway, { id: "more" })).rejects.toMatchObject({
      refusal: { code: "busy", retryAfterMs: 60_000 },
    });
    expect(await order(gateway, { id: "later" }, now + 400_000)).toBe("later");
    const large = { rules: { a: { ...limit("low"), message: "x".repeat(messageCharsMax) } } };
    await expect(revise(gateway, { sections: large })).rejects.toMatchObject({
      refusal: { code: "too-large" },
    });
  });

  test("an answer stays small: what is large comes alone, the rest with the next question", async () => {
    const gateway = await newGateway();
    const large = { rules: { a: { ...limit("low"), message: "x".repeat(700_000) } } };
    for (let round = 1; round <= 2; round += 1) {
      await revise(gateway, { sections: large });
      await order(gateway, { id: `c${round}` });
      await ask(gateway, 2 * round - 1);
    }
    expect((await ask(gateway, 0)).map(({ number }) => number)).toEqual([1, 2]);
    expect((await ask(gateway, 2)).map(({ number }) => number)).toEqual([3, 4]);
  });
}
