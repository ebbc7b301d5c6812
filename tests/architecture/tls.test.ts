import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");

/** A pinned fingerprint stands for the check in the one, the other asks clients for a certificate without demanding it. */
const allowed = [
  "cloud-sync/central/identity/tls-listener.ts",
  "cloud-sync/identity/enrol-connection.ts",
];

test("the other side's certificate is checked everywhere but where a person compared it", () => {
  const files = ["drivers", "config", "gateway", "cloud-sync"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => /\.tsx?$/.test(name) && !name.includes("node_modules"))
      .map((name) => join(folder, name)),
  );
  expect(files.length).toBeGreaterThan(500);
  const found = files.filter((file) =>
    /rejectUnauthorized\W{1,4}(false|0|!)|NODE_TLS_REJECT_UNAUTHORIZED/.test(
      readFileSync(join(root, file), "utf8"),
    ),
  );
  expect(found.filter((file) => !file.endsWith(".test.ts")).sort()).toEqual(allowed);
});
