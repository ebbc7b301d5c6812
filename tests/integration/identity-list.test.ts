import { expect, test } from "vitest";
import { openPglite } from "../../cloud-sync/central/database/pglite.ts";
import { startCentral } from "../../cloud-sync/central/main.ts";
import { systemClock } from "../../gateway/runtime/clock.ts";
import { memoryLog } from "../support/manual-clock.ts";

test("a gateway's certificates are listed newest first, with what ended them and without a key", async () => {
  const database = await openPglite();
  const central = await startCentral({
    ...{ listen: "127.0.0.1:0", openDatabase: async () => database, clock: systemClock },
    ...{ log: memoryLog().log, version: "0.0.0" },
    gateways: [{ id: "gw-1", token: "token-of-gateway-1" }],
  });
  try {
    const given = (serial: string, issued: string, why: string | null) =>
      database.query(
        `INSERT INTO certificate (gateway, serial, key, key_name, pem, not_before, not_after,
           issued_at, revoked_at, revoked_why)
         VALUES ('gw-1', $1, 'public-key', 'name', 'pem', $2::timestamptz,
           $2::timestamptz + interval '90 days', $2::timestamptz,
           CASE WHEN $3::text IS NULL THEN NULL ELSE now() END, $3::text)`,
        [serial, issued, why],
      );
    await given("aa", "2026-01-01T00:00:00Z", "a newer one is in use");
    await given("bb", "2026-03-01T00:00:00Z", null);
    const response = await fetch(`${central.address}/v1/gateways/gw-1/identity`);
    const text = await response.text();
    expect(JSON.parse(text)).toMatchObject({
      ...{ gateway: "gw-1", hasToken: true, serial: "bb" },
      certificates: [
        { serial: "bb", notAfter: Date.parse("2026-05-30T00:00:00Z") },
        { serial: "aa", revokedWhy: "a newer one is in use" },
      ],
    });
    expect(text).not.toMatch(/public-key|pem/);
  } finally {
    await central.stop();
  }
});
