import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { trustFileName } from "../../gateway/store/inbox-file.ts";
import type { KeyRing } from "./enrolled-seal.ts";

const trustSchema = z.record(z.string(), z.string());

/** Central's public keys that this gateway trusts; none where the file is missing or torn. */
export function readTrust(dataDir: string): KeyRing {
  try {
    const text = readFileSync(join(dataDir, trustFileName), "utf8");
    return trustSchema.safeParse(JSON.parse(text)).data ?? {};
  } catch {
    return {};
  }
}
