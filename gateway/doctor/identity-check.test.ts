import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { identityText } from "../../config/language/identity.ts";
import { identityStateFile } from "../store/identity-file.ts";
import { checkIdentity } from "./identity-check.ts";

const dayMs = 86_400_000;
const now = Date.parse("2026-11-23T00:00:00Z");

test("the doctor says how long the certificate is good, and whose it is", () => {
  const dataDir = mkdtempSync(join(tmpdir(), "rackwatch-doctor-"));
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
  mkdirSync(join(dataDir, "sync"));
  const look = (configured: string) =>
    checkIdentity(dataDir, configured, identityText.en.doctor, now);
  const left = (days: number) =>
    writeFileSync(
      join(dataDir, identityStateFile),
      JSON.stringify({ gateway: "gw-1", serial: "40", notAfter: now + days * dayMs }),
    );
  expect(look("gw-1")).toMatchObject({ grade: "skip" });
  left(40);
  expect(look("gw-1")).toMatchObject({ grade: "ok", found: expect.stringContaining("40 days") });
  expect(look("gw-2")).toMatchObject({ grade: "fail" });
  left(9);
  expect(look("gw-1")).toMatchObject({ grade: "warn" });
  left(-1);
  expect(look("gw-1")).toMatchObject({ grade: "fail", found: expect.stringContaining("ended") });
});
