import type { Log } from "../../../drivers/contract.ts";
import type { Database } from "../database/database.ts";
import type { SigningKey } from "./signing-key.ts";

/**
 * Whether this receiver has the keys of the others on this database; the first that starts says which they are. With
 * others, gateways refuse what it says, and it refuses gateways that the others enrolled.
 */
export async function checkKeys(
  database: Database,
  { key }: Pick<SigningKey, "key">,
  log: Log,
): Promise<boolean> {
  const [row] = await database.query(
    "UPDATE central SET signing_key = coalesce(signing_key, $1) RETURNING signing_key",
    [key],
  );
  const known = row?.["signing_key"];
  if (known === key) return true;
  log.error("the keys of this central are not those that its gateways know", {
    key,
    known,
    todo: "copy the folder of --keys from where central ran before; if it is lost, run UPDATE central SET signing_key = NULL and enrol each gateway anew",
  });
  return false;
}
