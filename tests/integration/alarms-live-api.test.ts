import { createHmac, randomBytes } from "node:crypto";
import { join } from "node:path";
import Database from "better-sqlite3";
import { expect, test } from "vitest";
import { z } from "zod";
import { PushReader } from "../../cloud-sync/push/push-reader.ts";
import type { AlarmView } from "../../gateway/panel/api.ts";
import { databaseName } from "../../gateway/store/database.ts";
import { SimulatedRoom } from "../support/live-gateway.ts";
import { eventually, gatewayRig, scratchFolder } from "../support/spine.ts";

const words = {
  en: {
    done: "Acknowledged",
    used: "This link was used already.",
    expired: "This link has expired. Use the panel, or the link of a later message.",
    forged: "This link is not genuine.",
    gone: "There is nothing to acknowledge any more.",
    over: /over and acknowledged/,
  },
  zh: {
    done: "已确认",
    used: "此链接已使用过。",
    expired: "此链接已过期。请使用面板，或更新消息中的链接。",
    forged: "此链接无效。",
    gone: "已没有需要确认的内容。",
    over: /已结束/,
  },
};

/** A gateway process with a room, a receiver and links in its messages. */
async function site(cleanup: AsyncDisposableStack, language: "en" | "zh") {
  const { path: folder } = cleanup.use(scratchFolder());
  const room = cleanup.use(new SimulatedRoom());
  const port = await room.open();
  room.set("t", 5);
  const rig = await gatewayRig(
    folder,
    `version: 1
gateway: { id: live, language: ${language} }
channels:
  line:
    driver: modbus
    port: ${port}
    devices: { room: { unitId: 1, every: 100ms, points: { t: { table: input, address: 0, type: float64 } } } }
rules:
  warm: { point: room/t, above: 8, notify: [ops] }
notify:
  ops: { ntfy: { server: "http://127.0.0.1:9", topic: rackwatch } }
alarms: { links: true, site: "http://127.0.0.1:{panel}" }
panel: { listen: "127.0.0.1:{panel}" }
broker: { enabled: false }
`,
  );
  const gateway = await rig.start();
  cleanup.defer(() => gateway.kill("SIGKILL"));
  const alarms = () => rig.get<AlarmView[]>("/api/alarms");
  return {
    ...{ room, rig, gateway, alarms },
    state: (wanted: string) =>
      eventually(
        async () => (await alarms()).find(({ rule }) => rule === "warm")?.state ?? "normal",
        (state) => state === wanted,
      ),
  };
}

/** With what the gateway signs its links. */
function linkKey(dataDir: string): Buffer {
  const db = new Database(join(dataDir, databaseName), { readonly: true });
  const row = db.prepare("SELECT value ->> 'key' AS hex FROM state WHERE key = 'link-key'").get();
  db.close();
  return Buffer.from(z.object({ hex: z.string() }).parse(row).hex, "hex");
}

/** A link as the gateway makes it, of another age. */
function linkOfAge(key: Buffer, alarm: string, ageMs: number): string {
  const nonce = randomBytes(12).toString("base64url");
  const claim = JSON.stringify([alarm, "ops", Date.now() - ageMs, nonce]);
  const body = Buffer.from(claim).toString("base64url");
  return `${body}.${createHmac("sha256", key).update(body).digest("base64url")}`;
}

test.concurrent.each(["en", "zh"] as const)(
  "links that expired, were replayed or changed, and an acknowledgement of what is over, in %s",
  { timeout: 60_000 },
  async (language) => {
    await using cleanup = new AsyncDisposableStack();
    const said = words[language];
    const { room, rig, gateway, state, alarms } = await site(cleanup, language);
    const open = async (link: string, method = "GET") => {
      const answer = await fetch(link, { method, signal: AbortSignal.timeout(30_000) });
      return { status: answer.status, text: await answer.text() };
    };

    room.set("t", 9);
    await state("unacknowledged");
    using reader = new PushReader(rig.dataDir);
    const [push] = await eventually(
      () => reader.read().pushes.filter(({ alarm }) => alarm === "warm#1"),
      (pushes) => pushes.length > 0,
    );
    const link = push?.link ?? "";
    const base = link.slice(0, link.lastIndexOf("/") + 1);
    expect(base.startsWith(rig.panel)).toBe(true);

    // Looking acknowledges nothing, however often.
    for (const _ of [1, 2]) expect(await open(link)).toMatchObject({ status: 200 });
    expect((await open(`${link.slice(0, -3)}AAA`)).text).toContain(said.forged);
    expect((await alarms())[0]).toMatchObject({ state: "unacknowledged", acknowledged: false });

    const key = linkKey(rig.dataDir);
    const old = base + linkOfAge(key, "warm#1", 25 * 3_600_000);
    for (const method of ["GET", "POST"]) {
      const answer = await open(old, method);
      expect(answer.status).toBe(410);
      expect(answer.text).toContain(said.expired);
    }
    expect((await alarms())[0]).toMatchObject({ state: "unacknowledged" });

    const done = await open(link, "POST");
    expect(done.status, done.text).toBe(200);
    await state("acknowledged");
    expect((await alarms())[0]).toMatchObject({ acknowledgedBy: expect.stringContaining("ops") });
    for (const method of ["GET", "POST"]) {
      const answer = await open(link, method);
      expect(answer.status).toBe(410);
      expect(answer.text).toContain(said.used);
    }

    room.set("t", 5);
    await state("normal");
    const fresh = base + linkOfAge(key, "warm#1", 60_000);
    for (const method of ["GET", "POST"]) {
      const answer = await open(fresh, method);
      expect(answer.status).toBe(409);
      expect(answer.text).toContain(said.gone);
    }

    const code = gateway.lines.find(({ event }) => event === "panel listens")?.["setupCode"];
    const post = (path: string, body: unknown, cookie = "") =>
      fetch(rig.panel + path, {
        method: "POST",
        headers: { "content-type": "application/json", cookie },
        body: JSON.stringify(body),
      });
    const user = { user: "li", password: "correct horse battery" };
    const login = await post("/api/setup", { code, ...user });
    const cookie = login.headers.getSetCookie()[0]?.split(";")[0] ?? "";
    const late = await post("/api/alarms/warm%231/acknowledge", {}, cookie);
    expect(late.status).toBeOneOf([404, 409]);
    expect(await late.json()).toMatchObject({
      code: expect.stringMatching(/^alarm\//),
      message: expect.stringMatching(said.over),
    });
  },
);
