import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { protocolFiles, protocolFolder } from "./generate.ts";
import { refusalCodes } from "./protocol.ts";

test.each(Object.entries(protocolFiles()))(
  "config/generated/%s is of this program",
  (name, text) => {
    const file = new URL(protocolFolder + name, import.meta.url);
    expect(readFileSync(file, "utf8"), "run node cloud-sync/generate.ts").toBe(text);
  },
);

test("the page of the protocol names every refusal", () => {
  const page = readFileSync(new URL("../docs/protocol.md", import.meta.url), "utf8");
  for (const code of refusalCodes) expect(page).toContain(`\`${code}\``);
});
