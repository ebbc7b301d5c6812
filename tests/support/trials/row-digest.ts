import { createHash } from "node:crypto";
import type { Database } from "../../../cloud-sync/central/database/database.ts";
import { pointOf } from "./numbered-log.ts";

/** Of central's samples: number, point and value of each, in their order; whichever road brought them. */
export async function digestAtCentral(database: Database): Promise<unknown> {
  const [row] = await database.query(
    "SELECT md5(string_agg(concat_ws(' ', seq, point, value), ',' ORDER BY seq)) AS digest FROM sample",
  );
  return row?.["digest"];
}

/** The same of what a `numberedLog` committed. */
export function digestOf(samples: number): string {
  const rows = Array.from({ length: samples }, (_, at) => `${at + 1} ${pointOf(at + 1)} ${at + 1}`);
  return createHash("md5").update(rows.join(",")).digest("hex");
}
