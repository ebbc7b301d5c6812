import { expect, test } from "vitest";
import { ManualClock } from "../../tests/support/manual-clock.ts";
import { Accounts } from "./accounts.ts";
import { hashesAtOnceMax, hashesWaitingMax } from "./limits.ts";
import { SetupCode } from "./setup-code.ts";

function start() {
  const clock = new ManualClock();
  const state = new Map<string, unknown>();
  const audited: string[] = [];
  const source = {
    readState: (prefix: string) => new Map([...state].filter(([key]) => key.startsWith(prefix))),
    writeState: (changes: ReadonlyMap<string, unknown>) => {
      for (const [key, value] of changes) state.set(key, value);
    },
    audit: (action: string, person: string) => void audited.push(`${action} ${person}`),
  };
  const setupCode = new SetupCode(new Uint8Array(16), clock.monotonicMs());
  const accounts = new Accounts({ source, clock, setupCode });
  return { clock, state, source, audited, accounts, code: setupCode.text };
}

const refused = (code: string) => ({ form: expect.objectContaining({ code }) });

test("the setup code makes one user, who can then log in; the code is dead after it", async () => {
  const it = start();
  expect(it.accounts.setupNeeded).toBe(true);
  await it.accounts.setUp(it.code, "li", "correct horse", "::1");
  expect(it.accounts.setupNeeded).toBe(false);
  await it.accounts.login("li", "correct horse", "::1");
  await expect(it.accounts.setUp(it.code, "eve", "correct horse", "::1")).rejects.toMatchObject(
    refused("panel/setup-done"),
  );
  expect(it.audited).toEqual(["setup li", "login li"]);
});

test("of two who use the code at the same time one becomes the user", async () => {
  const it = start();
  const outcomes = await Promise.allSettled([
    it.accounts.setUp(it.code, "li", "correct horse", "10.0.0.1"),
    it.accounts.setUp(it.code, "eve", "correct horse", "10.0.0.2"),
  ]);
  expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
  expect([...it.state.keys()]).toEqual(["user/li"]);
});

test("a setup that cannot be stored leaves the code good", async () => {
  const it = start();
  const { writeState } = it.source;
  it.source.writeState = () => {
    throw new Error("full");
  };
  await expect(it.accounts.setUp(it.code, "li", "correct horse", "::1")).rejects.toThrow("full");
  it.source.writeState = writeState;
  await it.accounts.setUp(it.code, "li", "correct horse", "::1");
});

test("a wrong password and an unknown user get the same answer after about the same time", async () => {
  const it = start();
  await it.accounts.setUp(it.code, "li", "correct horse", "::1");
  const timeOf = async (user: string) => {
    const at = performance.now();
    await expect(it.accounts.login(user, "wrong", "::1")).rejects.toMatchObject(
      refused("panel/wrong-login"),
    );
    return performance.now() - at;
  };
  const known = await timeOf("li");
  const unknown = await timeOf("nobody");
  expect(unknown).toBeGreaterThan(known / 5);
  expect(it.audited.slice(1)).toEqual(["login-failed li", "login-failed nobody"]);
});

test("a hundred logins at once compute at most ten hashes and keep few waiting", async () => {
  const it = start();
  const tries = Array.from({ length: 100 }, (_, i) =>
    it.accounts.login(`user ${i}`, "x", "10.0.0.9"),
  );
  const outcomes = await Promise.allSettled(tries);
  const codes = outcomes.map((it) => (it.status === "rejected" ? it.reason.form.code : "in"));
  const count = (code: string) => codes.filter((it) => it === code).length;
  expect(count("panel/wrong-login")).toBe(hashesAtOnceMax + hashesWaitingMax);
  expect(count("panel/busy")).toBe(1);
  expect(count("panel/too-many-tries")).toBe(90);
});

test("a password hash with parameters of the past is made anew at the next login", async () => {
  const it = start();
  await it.accounts.setUp(it.code, "li", "correct horse", "::1");
  const { argon2Sync } = await import("node:crypto");
  const nonce = Buffer.alloc(16, 7);
  const parameters = { nonce, parallelism: 1, tagLength: 32, memory: 8, passes: 1 };
  const tag = argon2Sync("argon2id", { message: "correct horse", ...parameters });
  const text = (bytes: Buffer) => bytes.toString("base64").replace(/=+$/, "");
  const password = `$argon2id$v=19$m=8,t=1,p=1$${text(nonce)}$${text(tag)}`;
  it.state.set("user/li", { password, createdAt: 0 });
  await it.accounts.login("li", "correct horse", "::1");
  expect(it.state.get("user/li")).toMatchObject({
    password: expect.stringMatching(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/),
  });
  await it.accounts.login("li", "correct horse", "::1");
});

test("a password that is given once more is held to the same as at a login", async () => {
  const it = start();
  await it.accounts.setUp(it.code, "li", "correct horse", "::1");
  await it.accounts.confirm("li", "correct horse", "::1");
  await expect(it.accounts.confirm("li", "a guess", "::1")).rejects.toMatchObject({
    form: { code: "panel/wrong-login" },
  });
  for (let tries = 0; tries < 20; tries += 1) {
    await it.accounts.confirm("li", "a guess", "::1").catch(() => undefined);
  }
  await expect(it.accounts.confirm("li", "correct horse", "::1")).rejects.toMatchObject({
    form: { status: 429 },
  });
});
