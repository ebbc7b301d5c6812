import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { hashOf } from "../../gateway/revisions/book.ts";
import { coldRoom } from "../support/cold-room.ts";

const soon = { timeout: 60_000, interval: 200 };
const admin = { user: "李雷", password: "correct horse battery" };
const viewer = { user: "han.mei", password: "only here to look" };

/** A browser's requests to the gateway's panel, under one login. */
function visitor(address: string) {
  let cookie = "";
  const ask = async (method: string, path: string, body?: unknown) => {
    const response = await fetch(`${address}${path}`, {
      method,
      headers: { "content-type": "application/json", cookie },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    cookie = response.headers.get("set-cookie")?.split(";")[0] ?? cookie;
    return { status: response.status, body: await response.json() };
  };
  const list = async () => (await ask("GET", "/api/configurations")).body;
  return { ask, list };
}

test("an admin goes back to an earlier configuration at the panel: tried, confirmed, on record; nobody else may", {
  timeout: 180_000,
}, async () => {
  await using it = await coldRoom({ env: () => ({ RACKWATCH_TRIAL_MS: "3000" }) });
  const running = await it.start();
  await it.live();
  const { configFile } = it.rig;
  const first = readFileSync(configFile, "utf8");
  const address = `http://${/listen: "([^"]+)"/.exec(first)?.[1]}`;
  const { ask, list } = visitor(address);
  const code = running.lines.find(({ setupCode }) => setupCode !== undefined)?.["setupCode"];
  expect(await ask("POST", "/api/setup", { code, ...admin })).toMatchObject({ status: 200 });
  expect(await list()).toMatchObject([{ serial: 1, source: "file", runs: true }]);

  writeFileSync(configFile, first.replace("above: 8", "above: 3"));
  await it.alarm("warm");
  await expect.poll(list, soon).toMatchObject([
    { serial: 2, source: "file", runs: true, outcome: "confirmed" },
    { serial: 1, runs: false },
  ]);
  expect((await list())[0].difference).toEqual(["-     above: 8", "+     above: 3"]);

  const path = "/api/configurations/1/restore";
  const { password } = admin;
  const wrong = await ask("POST", path, { password: "not the password", seen: 2 });
  expect(wrong).toMatchObject({ status: 401, body: { code: "panel/wrong-login" } });
  expect(await ask("POST", path, { password, seen: 1 })).toMatchObject({
    status: 409,
    body: { code: "panel/configuration-changed" },
  });
  const nowhere = await ask("POST", "/api/configurations/9/restore", { password, seen: 2 });
  expect(nowhere).toMatchObject({ status: 404, body: { code: "panel/unknown-configuration" } });
  const present = await ask("POST", "/api/configurations/2/restore", { password, seen: 2 });
  expect(present).toMatchObject({ status: 409, body: { code: "panel/same-configuration" } });
  await ask("POST", "/api/users", { ...viewer, roles: ["viewer"] });
  const other = visitor(address);
  await other.ask("POST", "/api/session", viewer);
  expect(await other.list()).toHaveLength(2);
  const refused = await other.ask("POST", path, { password: viewer.password, seen: 2 });
  expect(refused).toMatchObject({ status: 403, body: { code: "panel/not-allowed" } });
  expect(readFileSync(configFile, "utf8")).toContain("above: 3");

  expect(await ask("POST", path, { password, seen: 2 })).toMatchObject({ status: 202 });
  await expect
    .poll(list, soon)
    .toMatchObject([{ serial: 3, outcome: "trial", runs: true }, { serial: 2 }, { serial: 1 }]);
  const second = await ask("POST", "/api/configurations/2/restore", { password, seen: 3 });
  expect(second).toMatchObject({ status: 409, body: { code: "panel/configuration-on-trial" } });
  await expect
    .poll(list, soon)
    .toMatchObject([
      { serial: 3, source: "panel", author: admin.user, outcome: "confirmed", runs: true },
      { serial: 2, runs: false },
      { serial: 1 },
    ]);
  expect((await list())[0]).toMatchObject({
    comment: "back to 1",
    difference: ["-     above: 3", "+     above: 8"],
  });
  expect(readFileSync(configFile, "utf8")).toBe(first);
  const record = await ask("GET", `/api/audit/search?actor=${encodeURIComponent(admin.user)}`);
  const acts = record.body.entries.map(({ action }: { readonly action: string }) => action);
  expect(acts).toEqual(
    expect.arrayContaining(["config.restore", "config.applied", "config.confirmed"]),
  );
  expect(acts.filter((action: string) => action === "config.restore")).toHaveLength(1);

  // One that passes the check of this version no more; a disk that takes no note.
  const kept = (serial: number, kind: string) =>
    join(it.rig.dataDir, "revisions", `${serial}.${kind}`);
  const wrong2 = readFileSync(kept(2, "yaml"), "utf8").replace("above: 3", "abvoe: 3");
  const entry = JSON.parse(readFileSync(kept(2, "json"), "utf8"));
  writeFileSync(kept(2, "yaml"), wrong2);
  writeFileSync(kept(2, "json"), JSON.stringify({ ...entry, sha256: hashOf(wrong2) }));
  const invalid = await ask("POST", "/api/configurations/2/restore", { password, seen: 3 });
  expect(invalid).toMatchObject({
    status: 400,
    body: { code: "config/invalid", message: expect.stringContaining("abvoe") },
  });
  const note = join(it.rig.dataDir, "revisions", "note.json");
  rmSync(note, { force: true });
  mkdirSync(join(note, "in-the-way"), { recursive: true });
  writeFileSync(kept(2, "yaml"), wrong2.replace("abvoe: 3", "above: 3"));
  writeFileSync(kept(2, "json"), JSON.stringify(entry));
  const unwritten = await ask("POST", "/api/configurations/2/restore", { password, seen: 3 });
  expect(unwritten).toMatchObject({
    status: 503,
    body: { code: "config/unreadable", message: expect.any(String), todo: expect.any(String) },
  });
  expect(await list()).toMatchObject([{ serial: 3, runs: true }, { serial: 2 }, { serial: 1 }]);
  expect(readFileSync(configFile, "utf8")).toBe(first);
});
