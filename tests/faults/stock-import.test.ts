import { request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { requestTimeoutMs } from "../../gateway/panel/limits.ts";
import { noise } from "../support/noise.ts";
import { ShelfSite } from "../support/shelf-site.ts";

const rows = 10_000;
const kills = 5;

async function opened(): Promise<ShelfSite> {
  const site = await ShelfSite.open({
    shelves: 0,
    locations: "  store: { kind: room }",
    items: Array.from({ length: 50 }, (_, at) => `  b${at}: { location: store }`).join("\n"),
  });
  await site.begin();
  return site;
}

const rowOf = (at: number) =>
  `receipt,b${at % 50},store,${(at % 9) + 1},2026-01-02T00:00:00Z,k${at}`;
const heading = "kind,sku,location,quantity,time,key";

test("a gateway that is killed in the middle of an import: the same file again books each row once", async () => {
  await using site = await opened();
  const random = noise(11);
  const csv = [heading, ...Array.from({ length: rows }, (_, at) => rowOf(at))].join("\n");
  let cut = 0;
  for (let n = 0; n < kills; n += 1) {
    const importing = site.import("movements", csv, "rows.csv");
    await sleep(200 + random() * 1_500);
    await site.kill();
    if ((await importing) === undefined) cut += 1;
    await site.start();
    await site.answers();
  }
  expect(cut).toBeGreaterThan(0);
  const last = await site.import("movements", csv, "rows.csv");
  expect(last).toMatchObject({ rows, bad: [] });
  expect((last?.landed ?? 0) + (last?.repeated ?? 0)).toBe(rows);
  expect(last?.repeated).toBeGreaterThan(0);
  expect(await site.import("movements", csv, "rows.csv")).toMatchObject({
    landed: 0,
    repeated: rows,
  });
  const movements = await site.movements();
  expect(movements).toHaveLength(rows);
  await site.kill("SIGTERM");
  expect(site.verify()).toMatchObject({ ok: true, differences: [], movements: rows });
}, 240_000);

test("a file may arrive for longer than any other request", async () => {
  await using site = await opened();
  const answer = new Promise<{ status: number; text: string }>((done, fail) => {
    const sending = request(`${site.rig.panel}/api/stock/import/movements`, {
      method: "POST",
      headers: { ...site.headers, "content-type": "text/csv" },
    });
    sending.once("error", fail).once("response", (response) => {
      let text = "";
      response.on("data", (chunk: Buffer) => {
        text += chunk.toString();
      });
      response.once("end", () => done({ status: response.statusCode ?? 0, text }));
    });
    sending.write(`${heading}\n`);
    let at = 0;
    const timer = setInterval(() => {
      sending.write(`${rowOf(at)}\n`);
      at += 1;
      if (at * 1_000 <= requestTimeoutMs + 3_000) return;
      clearInterval(timer);
      sending.end();
    }, 1_000);
  });
  const { status, text } = await answer;
  expect(status, text).toBe(200);
  expect(JSON.parse(text)).toMatchObject({ rows: 14, landed: 14, bad: [] });
});
