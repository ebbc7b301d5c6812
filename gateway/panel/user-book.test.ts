import { expect, test } from "vitest";
import { ManualClock } from "../../tests/support/manual-clock.ts";
import { Accounts } from "./accounts.ts";
import { allowed, rolesWith } from "./duties.ts";
import { lockoutAfter, lockoutMs, usersMax } from "./limits.ts";
import { permissionsFor } from "./roles.ts";
import { UserBook } from "./user-book.ts";

const refused = (code: string) => ({ form: expect.objectContaining({ code }) });

function start() {
  const clock = new ManualClock();
  const state = new Map<string, unknown>();
  const audited: string[] = [];
  const source = {
    readState: (prefix: string) => new Map([...state].filter(([key]) => key.startsWith(prefix))),
    writeState: (changes: ReadonlyMap<string, unknown>) => {
      for (const [key, value] of changes) {
        if (value === undefined) state.delete(key);
        else state.set(key, JSON.parse(JSON.stringify(value)));
      }
    },
    audit: (action: string, person: string) => void audited.push(`${action} ${person}`),
  };
  return { clock, state, source, audited, accounts: () => new Accounts({ source, clock }) };
}

test("quality and admin are separate duties, and a viewer may do nothing", () => {
  expect(allowed(["admin"], "dispose")).toBe(false);
  expect(allowed(["quality"], "users")).toBe(false);
  expect(permissionsFor(["viewer"])).toEqual([]);
  expect(rolesWith("shelve")).toEqual(["supervisor"]);
  expect(permissionsFor(["operator"])).toEqual(["acknowledge", "silence", "test", "stock"]);
});

test("a person of before there were roles may do everything", () => {
  const { state, source, clock } = start();
  state.set("user/li", { password: "x", createdAt: 1 });
  const book = new UserBook(source, clock);
  expect(permissionsFor(book.rolesOf("li"))).toContain("users");
});

test("the last admin can neither be disabled nor lose the role", () => {
  const { source, clock } = start();
  const book = new UserBook(source, clock);
  book.put("li", "x", ["admin", "quality"]);
  book.put("wang", "x", ["operator"]);
  const last = expect.objectContaining(refused("panel/last-admin"));
  expect(() => book.change("li", { disabled: true })).toThrow(last);
  expect(() => book.change("li", { roles: ["quality"] })).toThrow(last);
  book.change("wang", { roles: ["admin"] });
  expect(book.change("li", { disabled: true }).disabled).toBe(true);
  expect(book.rolesOf("li")).toEqual([]);
});

test("wrong passwords in a row, from wherever they come, lock a person out, also over a restart and whatever the wall clock says", async () => {
  const it = start();
  const accounts = it.accounts();
  await accounts.add("boss", "li", "correct horse", ["operator"]);
  for (let n = 0; n < lockoutAfter - 2; n += 1) accounts.users.failed("li");
  for (const address of ["10.0.0.1", "10.0.0.2"]) {
    const wrong = accounts.login("li", "wrong", address);
    await expect(wrong).rejects.toMatchObject(refused("panel/wrong-login"));
  }
  expect(it.audited.at(-1)).toBe("user-locked li");
  it.clock.setWall(it.clock.now() + 86_400_000);
  const again = () => accounts.login("li", "correct horse", "10.1.0.1");
  await expect(again()).rejects.toMatchObject(refused("panel/locked-out"));
  it.clock.setWall(it.clock.now() - 86_400_000);
  const restarted = it.accounts();
  const after = () => restarted.login("li", "correct horse", "10.1.0.2");
  await expect(after()).rejects.toMatchObject(refused("panel/locked-out"));
  await it.clock.advance(lockoutMs);
  await after();
});

test("an admin ends a lockout, and a right password begins the count anew", async () => {
  const it = start();
  const accounts = it.accounts();
  await accounts.add("boss", "li", "correct horse", ["operator"]);
  for (let n = 0; n < lockoutAfter; n += 1) accounts.users.failed("li");
  expect(accounts.users.find("li")?.locked).toBe(true);
  accounts.users.unlock("li");
  accounts.users.failed("li");
  await accounts.login("li", "correct horse", "10.0.0.1");
  for (let n = 0; n < lockoutAfter - 1; n += 1) accounts.users.failed("li");
  expect(accounts.users.find("li")?.locked).toBe(false);
});

test("a disabled person cannot log in, and is told no more than a stranger", async () => {
  const it = start();
  const accounts = it.accounts();
  await accounts.add("boss", "boss", "correct horse", ["admin"]);
  await accounts.add("boss", "li", "correct horse", ["operator"]);
  accounts.users.change("li", { disabled: true });
  const login = accounts.login("li", "correct horse", "10.0.0.1");
  await expect(login).rejects.toMatchObject(refused("panel/wrong-login"));
});

test("changing a password wants the old one", async () => {
  const it = start();
  const accounts = it.accounts();
  await accounts.add("boss", "li", "correct horse", ["operator"]);
  const wrong = accounts.changePassword("li", "guess", "battery staple", "::1");
  await expect(wrong).rejects.toMatchObject(refused("panel/wrong-login"));
  await accounts.changePassword("li", "correct horse", "battery staple", "::1");
  await accounts.login("li", "battery staple", "::1");
});

test("there is a limit to the number of people", () => {
  const { source, clock } = start();
  const book = new UserBook(source, clock);
  for (let n = 0; n < usersMax; n += 1) book.put(`u${n}`, "x", ["viewer"]);
  const full = expect.objectContaining(refused("panel/too-many-users"));
  expect(() => book.put("one-more", "x", ["viewer"])).toThrow(full);
});
